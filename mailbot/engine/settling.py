"""One cause at a time: gather the facts, let the core decide, write the letters, commit. Decides nothing itself.

Somebody else may be faster, on this machine or another: then the facts are gathered anew and decided again.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from mailbot.bundle import BundleCame
from mailbot.decision import AccountCame, AlarmOver, Cause, DeadlineCame, Decision, Ending, Notice
from mailbot.digest import Digest
from mailbot.engine.digests import Digests
from mailbot.engine.facts import Assume, Gathering, after_events, ground_of, overtaken
from mailbot.engine.pace import Pace
from mailbot.event import AlarmRaised, TextRedacted
from mailbot.facts import Facts
from mailbot.mail import Mail
from mailbot.model import Case
from mailbot.notices import letter
from mailbot.notices.letter import Stationery
from mailbot.people import Desk, Proof
from mailbot.ports import CannedAnswers, Conflict, People, Renderer, Store
from mailbot.ports.records import Changed, Commit, Letter
from mailbot.process import Process
from mailbot.rules.deadlines import deadlines
from mailbot.rules.decide import decide
from mailbot.rules.identity.token import KeyRing
from mailbot.rules.notice import bundling

log = structlog.get_logger("mailbot.engine.settling")

#: How many deadlines of one instant are looked at.
BATCH = 50
#: How often a decision is made anew because somebody else was faster.
MOST_CONFLICTS = 10


class Settling:
    """Decides causes for one desk and commits what follows of them."""

    def __init__(
        self,
        *,
        store: Store,
        people: People,
        renderer: Renderer,
        read: Callable[[bytes, str], Mail],
        process: Process,
        desk: Desk,
        ring: KeyRing,
        loop_mark: str,
        assume: Assume,
        answers: CannedAnswers,
        pace: Pace,
        wake: Callable[[], None],
    ) -> None:
        """Take the ports and what holds for every decision; `wake` tells the send loop that letters wait."""
        self._store = store
        self._renderer = renderer
        self._process = process
        self._desk = desk
        self._ring = ring
        self._loop_mark = loop_mark
        self._pace = pace
        self._wake = wake
        self._gathering = Gathering(
            store=store,
            people=people,
            read=read,
            desk=desk,
            process=process,
            ring=ring,
            assume=assume,
            answers=answers,
        )

    def settle(self, cause: Cause, now: datetime, base: Commit, name: str, *, paced: bool = False) -> Decision:
        """Decide and commit; when somebody else was faster, gather the facts anew. Raises TooMany where it is paced."""
        for _ in range(MOST_CONFLICTS - 1):
            decision, commit = self.decided(cause, now, base, name)
            try:
                self._commit(commit, paced=paced)
            except Conflict:
                if not self._still_ours(cause):
                    raise
                continue
            return decision
        decision, commit = self.decided(cause, now, base, name)
        self._commit(commit, paced=paced)
        return decision

    def decided(self, cause: Cause, now: datetime, base: Commit, name: str) -> tuple[Decision, Commit]:
        """Return the decision and what is to be stored of it."""
        facts, cases = self._gathering.facts(cause, now)
        decision = decide(cases, cause, facts, self._process, now)
        if known := self._gathering.recipients(decision, now):
            # Whom it would write to is known only now, and not all of it may go out.
            facts = replace(facts, recipients=known)
            decision = decide(cases, cause, facts, self._process, now)
        after = after_events(cases, decision)
        changed = tuple(
            self.changed(case, cases[number].version if number in cases else 0) for number, case in after.items()
        )
        notices = decision.notices
        if isinstance(cause, DeadlineCame):
            # What it stands for may have happened when it was due; it is told now.
            notices = tuple(replace(notice, at=max(notice.at, now)) for notice in notices)
        letters = tuple(self._letter(notice, after, cases, facts, name) for notice in notices)
        # The mail itself comes first: a letter's references name what was written before it, in order.
        threads: dict[str, int] = {}
        if base.message_id and after and decision.ending in (Ending.NEW, Ending.THREADED):
            threads[base.message_id] = next(iter(after))
        threads |= {one.message_id: one.notice.case for one in letters if one.notice.case is not None}
        commit = replace(
            base,
            ending=decision.ending if base.mail else None,
            case=decision.case if decision.ending in (Ending.NEW, Ending.THREADED) else None,
            reason=decision.reason,
            changed=changed,
            happened=decision.happened,
            letters=letters,
            bundles=bool(self._desk.bundle_within),
            hits=decision.hits,
            admitted=decision.admitted,
            turned=decision.turned,
            recalled=decision.recalled,
            signed=facts.keys.signed if Proof.SIGNED in facts.proofs and decision.ending is not Ending.HELD else "",
            redacted=tuple(h.event.inbox_id for h in decision.happened if isinstance(h.event, TextRedacted)),
            threads=threads,
            overtaken=overtaken(facts) if decision.ending is Ending.NEW else (),
            process=self._process.version,
            directory=facts.directory.version,
            ground=ground_of(self._process, facts.directory, self._desk),
        )
        return decision, commit

    def changed(self, case: Case, was: int) -> Changed:
        """Return the case with its deadlines, as it is to be stored over version `was`."""
        return Changed(case=case, was=was, deadlines=deadlines(case, self._process, self._desk))

    def _commit(self, commit: Commit, *, paced: bool = False) -> None:
        if paced:
            self._pace.ask(len(commit.letters), commit.at)
        self._store.commit(commit)
        for happened in commit.happened:
            if isinstance(happened.event, AlarmRaised):
                log.warning("limit.reached", kind=happened.event.kind, alarm=happened.event.said)
        if paced:
            self._pace.spend(len(commit.letters), commit.at)
        if commit.letters:
            self._wake()

    def _still_ours(self, cause: Cause) -> bool:
        """A deadline or digest that is gone is nobody's any more; anything else may be decided again."""
        if isinstance(cause, BundleCame | AccountCame | AlarmOver):
            return False
        if isinstance(cause, Digest):
            return Digests(self._store, self._process, self._desk).is_untold(cause)
        return not isinstance(cause, DeadlineCame) or cause.deadline in self._store.due(cause.deadline.due, BATCH)

    def _letter(
        self, notice: Notice, after: Mapping[int, Case], before: Mapping[int, Case], facts: Facts, cause: str
    ) -> Letter:
        case = (after.get(notice.case) or before.get(notice.case)) if notice.case is not None else None
        thread = self._store.thread(notice.case, notice.to) if notice.case is not None else ()
        paper = Stationery(
            desk=self._desk,
            directory=facts.directory,
            process=self._process,
            ring=self._ring,
            renderer=self._renderer,
            loop_mark=self._loop_mark,
        )
        return self._waiting(letter.write(notice, case, thread, cause, paper), case)

    def _waiting(self, one: Letter, case: Case | None) -> Letter:
        """Let a letter wait for others to the same person, where the desk wants that and the notice may."""
        alone = one.carried or one.calendar or not self._desk.bundle_within
        if alone or not bundling.may_wait(one.notice, case, self._process):
            return one
        return replace(one, waits_until=one.notice.at + self._desk.bundle_within)
