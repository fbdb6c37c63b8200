"""What a decision rests on, gathered out of the ports, and what follows of it for the cases. Decides nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

from mailbot.bundle import BundleCame
from mailbot.decision import (
    AccountCame,
    AlarmOver,
    Cause,
    DeadlineCame,
    Decision,
    DeliveryReported,
    MailArrived,
    WordGiven,
)
from mailbot.digest import Digest
from mailbot.engine.asked import with_messages, with_what_it_asks, with_what_it_splits
from mailbot.engine.digests import Digests
from mailbot.engine.families import with_families
from mailbot.engine.holders import with_holders
from mailbot.event import Kind
from mailbot.facts import Answers, Facts, Found, Query, ThreadKeys
from mailbot.mail import Mail
from mailbot.model import Case
from mailbot.people import Desk, Directory, Person
from mailbot.ports import CannedAnswers, People, Store
from mailbot.process import Process
from mailbot.rules.case.evolve import evolve
from mailbot.rules.command import canned
from mailbot.rules.command.help import taught
from mailbot.rules.identity.correlate import thread_keys
from mailbot.rules.identity.successors import successor
from mailbot.rules.identity.token import KeyRing, principal
from mailbot.rules.identity.trust import is_stepped_down, proofs_of, signed_for, stepped_down
from mailbot.rules.mail import flood, survey
from mailbot.rules.mail.asking import may_split
from mailbot.rules.notice.withheld import withheld
from mailbot.rules.reading import outgoing
from mailbot.rules.reading.naming import spoken_numbers
from mailbot.standing import Recipient

#: Lets a rehearsal take senders at their word: the facts with what is assumed about the mail's sender.
Assume = Callable[[Facts, Mail], Facts]

#: So many mails before it, at most, may follow a mail that overtook them.
MOST_OVERTAKEN = 20


def no_assumption(facts: Facts, mail: Mail) -> Facts:
    """Judge senders by what is proven: the daemon's way."""
    del mail
    return facts


class NoAnswers:
    """A desk without canned answers (`mailbot.ports.CannedAnswers`)."""

    def titles(self) -> Mapping[str, str]:
        """There are none."""
        return {}

    def text(self, name: str, languages: Sequence[str], values: Mapping[str, str]) -> str:
        """Say nothing."""
        del name, languages, values
        return ""


NO_ANSWERS = NoAnswers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Looks up everything that a decision rests on."""

    store: Store
    people: People
    read: Callable[[bytes, str], Mail]
    desk: Desk
    process: Process
    ring: KeyRing
    assume: Assume
    answers: CannedAnswers

    def facts(self, cause: Cause, now: datetime) -> tuple[Facts, Mapping[int, Case]]:
        """Return the facts and the cases that the cause may touch, by number. Raises KeyError for an unknown case."""
        facts, cases = self._facts(cause, now)
        return replace(facts, alarms={alarm.kind: alarm for alarm in self.store.alarms()}), cases

    def recipients(self, decision: Decision, now: datetime) -> Mapping[str, Recipient]:
        """Return what is known of those whom a decision would write to, where a notice of it must not go out."""
        named = {notice.to for notice in decision.notices}
        known = self.store.recipients(named, now) if named else {}
        if not any(withheld(decision.notices, known, now)):
            return {}
        # Another member may hear instead of one whom no letter reaches.
        members = {person.address for person in self.people.load().team("")}
        return self.store.recipients(named | members, now)

    def _facts(self, cause: Cause, now: datetime) -> tuple[Facts, Mapping[int, Case]]:
        if isinstance(cause, MailArrived):
            return self._of_mail(cause, now)
        if isinstance(cause, Digest):
            return Digests(self.store, self.process, self.desk).facts(cause, self.people.load(), now)
        if isinstance(cause, AccountCame):
            return Facts(desk=self.desk, directory=self.people.load()), {}
        if isinstance(cause, BundleCame):
            known = {part.case: self.store.case(part.case) for part in cause.parts}
            facts = Facts(desk=self.desk, directory=self.people.load())
            return facts, {number: case for number, case in known.items() if case is not None}
        if isinstance(cause, AlarmOver):
            return Facts(desk=self.desk, directory=self.people.load()), {}
        if isinstance(cause, DeliveryReported):
            return self._of_failure(cause, now)
        number = cause.deadline.case if isinstance(cause, DeadlineCame) else cause.case
        case = self.store.case(number)
        if case is None:
            raise KeyError(number)
        facts = Facts(desk=self.desk, directory=self.people.load(), away=self.store.absences(now))
        if not isinstance(cause, WordGiven):
            return facts, {number: case}
        keys = ThreadKeys(spoken=spoken_numbers(cause.text, self.desk.tag))
        facts = replace(facts, withheld=self._withheld([case]), next_number=self.store.next_number())
        cases = self._changed_with({**self.store.find(keys).cases, number: case})
        cases = with_families(cases, cause.text, self.desk.tag, self.store)
        if facts.directory.member(cause.actor) is not None:
            facts = with_messages(facts, cases, self.store) if may_split(cause.text) else facts
            answers = self._answers(facts, cases, cause.text, cause.actor)
            facts = replace(facts, answers=answers, unsent=self._unsent(cases.values()))
        return facts, cases

    def _of_failure(self, cause: DeliveryReported, now: datetime) -> tuple[Facts, Mapping[int, Case]]:
        case = self.store.case(cause.case) if cause.case is not None else None
        standings, away = self.store.standings([cause.to]), self.store.absences(now)
        facts = Facts(desk=self.desk, directory=self.people.load(), standings=standings, away=away)
        return facts, {case.number: case} if case else {}

    def _of_mail(self, cause: MailArrived, now: datetime) -> tuple[Facts, Mapping[int, Case]]:
        mail, directory = cause.mail, self.people.load()
        sender = directory.canonical(mail.from_.address) if mail.from_ else ""
        is_member = directory.member(sender) is not None
        keys, found, parked = self._named(cause, sender, is_member=is_member)
        if found.signed_before:
            # A copy of what had its effect already: as if nobody had signed it.
            mail = replace(mail, signed=None)
        proofs, conflict = proofs_of(mail, cause.envelope), is_stepped_down(mail, self.desk, directory)
        facts = Facts(
            desk=self.desk,
            directory=directory,
            proofs=stepped_down(proofs) if conflict else proofs,
            stepped_down=conflict,
            signed_for=signed_for(mail, self.desk),
            keys=keys,
            address_epoch=(directory.person(sender) or Person(address=sender)).address_epoch,
            found=found,
            parked=parked,
            away=self.store.absences(now),
            principal=principal(self.ring, sender) if sender else b"",
            next_number=self.store.next_number(),
            counters=self.store.counters(sender, likely(keys, found), now),
            standings=self.store.standings({sender, *([found.reported.to] if found.reported else [])}),
        )
        facts = replace(facts, gathering=self._gathering(facts, sender))
        facts = with_holders(facts, sender, likely(keys, found), ring=self.ring, store=self.store, now=now)
        facts = replace(self.assume(facts, mail), answers_survey=self._answers_survey(mail, found))
        facts, shown = with_what_it_asks(cause, facts, self.process, self.store, self.read)
        if sender and any(address in self.desk.purposes for address in cause.envelope.forward_paths):
            mine = self.store.cases(requester=sender, open_only=True)
            facts = replace(facts, open_cases=tuple(mine))
        if is_member:
            facts = self._with_what_a_member_needs(cause, facts, sender)
        beside = (*facts.open_cases, *([facts.gathering] if facts.gathering else []))
        return facts, {**shown, **{case.number: case for case in beside}, **facts.found.cases}

    def _named(
        self, cause: MailArrived, sender: str, *, is_member: bool
    ) -> tuple[ThreadKeys, Found, Mapping[int, Mail]]:
        """Look up the cases that a mail names, and a member's mails in them that wait for one word.

        Others' words name no further case: who tries numbers learns nothing, and costs nothing.
        """
        mail = cause.mail
        keys = thread_keys(mail, cause.envelope, self.desk, self.ring, sender)
        report_of = mail.report.original_message_id if mail.report else ""
        if not is_member:
            return keys, self.store.find(keys, report_of=report_of), {}
        keys = replace(keys, spoken=spoken_numbers(mail.new_text, self.desk.tag))
        found = self.store.find(keys, report_of=report_of)
        if parked := self._parked(found.cases.values(), sender):
            # What waits may name further cases, too.
            named = [number for waits in parked.values() for number in spoken_numbers(waits.new_text, self.desk.tag)]
            keys = replace(keys, spoken=(*keys.spoken, *named))
            found = self.store.find(keys, report_of=report_of)
        return keys, found, parked

    def _with_what_a_member_needs(self, cause: MailArrived, facts: Facts, sender: str) -> Facts:
        """Add the cases that a member's commands may touch, and what stands in them that must not leave."""
        said = "\n".join([cause.mail.new_text, *(waits.new_text for waits in facts.parked.values())])
        cases = with_families(self._changed_with(facts.found.cases), said, self.desk.tag, self.store)
        found = replace(facts.found, cases=cases)
        by_others = (case for case in cases.values() if case.said_by not in ("", sender))
        spoken = {case.number: self.store.said(case.number) for case in by_others}
        facts = replace(facts, found=found, said=spoken, unsent=self._unsent(cases.values()))
        withheld = self._withheld(cases.values())
        answers = self._answers(facts, cases, said, sender)
        facts = with_what_it_splits(cause, facts, found, self.store)
        internal = self._internal_lines(found, facts.directory)
        return replace(facts, internal_lines=internal, withheld=withheld, answers=answers)

    def _internal_lines(self, found: Found, directory: Directory) -> frozenset[str]:
        """Return the lines that must not leave with an answer in one of these cases.

        What `help` teaches by example is no secret: whoever writes it anew means it, or passes it on.
        """
        examples = taught(self.process, directory)
        return frozenset().union(
            *(
                outgoing.telling_lines(self.store.internal_texts(number), (*self.store.public_texts(number), *examples))
                for number in found.cases
            )
        )

    def _gathering(self, facts: Facts, sender: str) -> Case | None:
        """Return the sender's latest case, where it keeps together what is too much of them."""
        if not (sender and flood.is_too_much(facts.counters, proven=False)):
            return None
        latest = self.store.matching(Query(requester=sender, open_only=False), 1)
        return next((case for case in latest if case.gathers and case.kind is not Kind.CLOSED), None)

    def _answers_survey(self, mail: Mail, found: Found) -> bool:
        """Does the mail name the survey of one of these cases as what it answers?"""
        if not mail.in_reply_to or not any(case.surveyed_at for case in found.cases.values()):
            return False
        named = self.store.find(ThreadKeys(), report_of=mail.in_reply_to[0]).reported
        return named is not None and named[2] == survey.SURVEY

    def _answers(self, facts: Facts, cases: Mapping[int, Case], text: str, author: str) -> Answers:
        """Make the canned answers that a member's text asks for, for each case that it may be about."""
        titles = self.answers.titles()
        names = [name for name in canned.named(text) if name in titles]
        texts: dict[tuple[int, str], str] = {}
        for number, case in cases.items():
            own = facts.directory.language(case.requester)
            languages = [*filter(None, (own, case.language, self.desk.language))]
            values = canned.values(facts, case, author)
            texts |= {(number, name): self.answers.text(name, languages, values) for name in names}
        return Answers(titles=titles, texts={key: text for key, text in texts.items() if text})

    def _parked(self, cases: Iterable[Case], sender: str) -> Mapping[int, Mail]:
        """Read this member's mails anew that wait for their word in these cases."""
        numbers = (one.inbox_id for case in cases for one in case.parked if one.actor == sender)
        return {number: self.read(self.store.raw(number), "") for number in numbers}

    def _changed_with(self, cases: Mapping[int, Case]) -> Mapping[int, Case]:
        """Add the cases that the latest commands changed too: what was one mail is taken back whole."""
        kept = (one for case in cases.values() for one in (case.undo, case.recall) if one is not None)
        others = {number for one in kept for number in one.others} - cases.keys()
        return {**cases, **{number: other for number in sorted(others) if (other := self.store.case(number))}}

    def _unsent(self, cases: Iterable[Case]) -> Mapping[int, int]:
        """Count the letters of these cases' latest answers that still wait."""
        mails = {case.recall.inbox_id for case in cases if case.recall is not None}
        return self.store.unsent(mails) if mails else {}

    def _withheld(self, cases: Iterable[Case]) -> Mapping[int, Mail]:
        """Read the mails anew whose content is held back in these cases."""
        numbers = (held.inbox_id for case in cases for held in case.withheld)
        return {number: self.read(self.store.raw(number), "") for number in numbers}


def likely(keys: ThreadKeys, found: Found) -> int | None:
    """Return the case that a mail is most likely about: good enough to count by."""
    tokens = [token.case for token in (*keys.tokens, *keys.tagged)]
    named = [*tokens, *found.by_message_id.values(), *found.awaited, keys.number]
    return next((successor(found.cases, number) for number in named if number in found.cases), None)


def overtaken(facts: Facts) -> tuple[str, ...]:
    """Return the msg-ids that a mail names and that nobody knows yet, the nearest."""
    return tuple(named for named in facts.keys.message_ids if named not in facts.found.by_message_id)[:MOST_OVERTAKEN]


def after_events(cases: Mapping[int, Case], decision: Decision) -> dict[int, Case]:
    """Return the cases that the decision's events change, as they are afterwards."""
    after: dict[int, Case] = {}
    for happened in decision.happened:
        if happened.case is not None:
            before = after.get(happened.case) or cases.get(happened.case)
            after[happened.case] = evolve(before, happened.event)
    return after


def ground_of(process: Process, directory: Directory, desk: Desk) -> str:
    """Name what deadlines are computed on: the process, the people, where and when the desk works."""
    parts = (process.version, directory.version, desk.timezone, desk.holidays)
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
