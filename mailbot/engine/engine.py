"""One mail or one due moment at a time, in the order of `semantics.md`; each is settled by `engine.settling`.

Order (`semantics.md` 1, 2): a deadline waits while a mail that came at or before it is not done. What cannot be
decided is tried three times and set aside with its reason; the loop goes on.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from mailbot.decision import (
    AccountCame,
    AlarmOver,
    Cause,
    DeadlineCame,
    Decision,
    DeliveryReported,
    GroundChanged,
    MailArrived,
    WordGiven,
)
from mailbot.engine.alarms import Alarms
from mailbot.engine.alarms import named as named_alarm
from mailbot.engine.bundles import Bundles
from mailbot.engine.digests import Digests, named
from mailbot.engine.facts import NO_ANSWERS, Assume, ground_of, no_assumption
from mailbot.engine.pace import Pace, Patience, TooMany
from mailbot.engine.settling import Settling
from mailbot.mail import Mail
from mailbot.people import Desk
from mailbot.ports import CannedAnswers, Conflict, People, Renderer, Store, StoreAway
from mailbot.ports.records import Changed, Commit, InboxMail, InboxState
from mailbot.process import Process
from mailbot.rules.identity.token import KeyRing
from mailbot.rules.notice.alarms import over_at

#: How many mails are leased at once.
BATCH = 50
#: How often work on one mail may begin.
MOST_ATTEMPTS = 3
#: A deadline that comes later than this after it was due is late: the clock jumped, or we were away.
LATE = timedelta(minutes=15)

log = structlog.get_logger("mailbot.engine.engine")

Read = Callable[[bytes, str], Mail]
OverLimit = Callable[[bytes], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How a mail's bytes become a mail."""

    read: Read
    over_limit: OverLimit


class Engine:
    """Works through the inbox and the deadlines of one desk."""

    def __init__(
        self,
        *,
        store: Store,
        people: People,
        renderer: Renderer,
        reader: Reader,
        process: Process,
        desk: Desk,
        ring: KeyRing,
        loop_mark: str,
        assume: Assume = no_assumption,
        answers: CannedAnswers = NO_ANSWERS,
        wake: Callable[[], None] = lambda: None,
        late_per_minute: int | None = None,
    ) -> None:
        """Take the ports and what holds for every decision; `wake` tells the send loop that letters wait.

        `late_per_minute` is how many notices late deadlines may make in a minute, None for no limit.
        """
        self._pace = Pace(late_per_minute)
        self._patience = Patience()
        self._digests = Digests(store, process, desk)
        self._alarms = Alarms(store)
        self._store = store
        self._people = people
        self._reader = reader
        self._process = process
        self._desk = desk
        self._settling = Settling(
            store=store,
            people=people,
            renderer=renderer,
            read=reader.read,
            process=process,
            desk=desk,
            ring=ring,
            loop_mark=loop_mark,
            assume=assume,
            answers=answers,
            pace=self._pace,
            wake=wake,
        )
        self._bundles = Bundles(store, self._settling, desk, ring, wake)
        #: The ground on which every open case was computed last, "" while that is not known.
        self._renewed = ""
        #: Mails in hand when the store went away.
        self._left: list[InboxMail] = []
        #: How often deciding failed, by what was to be decided.
        self._failures: Counter[str] = Counter()

    def step(self, now: datetime) -> bool:
        """Do one batch of what is due at or before `now`; return whether there was anything to do.

        One node at a time decides for a desk: while another one does, this one stands in line.
        """
        self._put_back()
        with self._store.turn() as mine:
            return self._do(now) if mine else True

    def _do(self, now: datetime) -> bool:
        """Do one batch of what is due, where it is our turn."""
        if self._tell_undelivered(now) or self._bundles.step(now) or self._end_alarm(now):
            return True
        waiting, due = self._store.first_waiting(now), self._store.first_due()
        stands = due is not None and due <= now and self._patience.ended(due, waiting, now)
        idle = waiting is None
        # What was computed under another process or directory must not fire.
        if (stands or idle) and self._renew(min(now, due) if due else now):
            return True
        if due is not None and stands:
            if self._fire(due, now):
                return True
            due = None  # what is late waits for its turn, and the mails do not wait for it
        if self._tell_digest(due, waiting, now):
            return True
        if waiting is None:
            return False
        # A mail from later than now came before the clock was set back; it does not wait for that time to return.
        until = waiting if waiting > now else min(now, due) if due else now
        mails = self._store.claim_mails(until=until, now=now, limit=BATCH)
        for done, mail in enumerate(mails):
            try:
                self._work_on(mail, now)
            except StoreAway:
                self._left = [*mails[done:]]
                raise
        return bool(mails)

    def _put_back(self) -> None:
        """Free what a store that went away left leased: that was no mail's fault, and is no attempt."""
        while self._left:
            self._store.give_back(self._left[0], counted=False)
            del self._left[0]

    def next_instant(self) -> datetime | None:
        """Return when the next deadline is due, or has its turn, or a digest or letters that wait; None for none."""
        due, again = self._store.first_due(), self._pace.again
        turn = due if due is None or again is None else max(due, again)
        return min(
            (one for one in (turn, self._digests.instant(), self._bundles.instant(), self._alarms.instant()) if one),
            default=None,
        )

    def next_mail(self, now: datetime) -> datetime | None:
        """Return when the next digest is due, or letters have waited enough for others; None for neither."""
        digest, letters, alarm = self._digests.next(now), self._bundles.instant(), self._alarms.instant()
        return min((one for one in (digest.due if digest else None, letters, alarm) if one is not None), default=None)

    def say(self, number: int, text: str, actor: str, now: datetime) -> Decision:
        """Do what somebody with a shell says, with the grammar and rights of the mails. Raises KeyError."""
        cause = WordGiven(case=number, text=text, actor=actor)
        return self._settling.settle(cause, now, Commit(at=now), f"word {now.isoformat()}")

    def account(self, cause: AccountCame, now: datetime) -> None:
        """Tell the leads what became of a day's mail, once, whichever node is first."""
        try:
            self._settling.settle(cause, now, Commit(at=now, cause="account"), f"account {cause.until.date()}")
        except Conflict:
            log.info("account.told", day=str(cause.until.date()))

    def _renew(self, now: datetime) -> bool:
        """Compute a batch of open cases anew that stand on other ground (`semantics.md` 9); False: none is left.

        A case to which nothing happens only gets its deadlines anew.
        """
        directory = self._people.load()
        ground = ground_of(self._process, directory, self._desk)
        if ground == self._renewed:
            return False
        stale = self._store.stale(ground, BATCH)
        quiet: list[Changed] = []
        for case in stale:
            try:
                cause = GroundChanged(case=case.number)
                base = Commit(at=max(now, case.latest), cause="ground")
                if self._settling.decided(cause, base.at, base, f"ground {ground}")[0].happened:
                    self._settling.settle(cause, base.at, base, f"ground {ground}")
                else:
                    quiet.append(self._settling.changed(case, case.version))
            except StoreAway:
                raise
            except Exception:  # a bug must not stop the loop: the case stays as it is
                log.exception("ground.failed", case=case.number)
                quiet.append(Changed(case=case, was=case.version, deadlines=()))
        self._store.renew(quiet, ground)
        if not stale:
            self._renewed = ground
        return bool(stale)

    def _fire(self, due: datetime, now: datetime) -> bool:
        """Fire the deadlines of the earliest due instant; return whether one had its turn."""
        done = False
        for deadline in self._store.due(due, BATCH):
            base = Commit(at=max(now, deadline.due), deadline=deadline)
            cause, name = DeadlineCame(deadline=deadline), f"{deadline.rule} {deadline.cycle}"
            try:
                self._try(cause, base, name, deadline.case, paced=now - deadline.due > LATE)
            except TooMany:
                return done
            done = True
        return done

    def _tell_digest(self, deadline: datetime | None, waiting: datetime | None, now: datetime) -> bool:
        """Tell members what waits when a day begins or they are back, after all that happened before; was it time?"""
        digest = self._digests.next(now)
        if digest is None or digest.due > now or (deadline is not None and deadline <= digest.due):
            return False
        if not self._patience.ended(digest.due, waiting, now):
            return False
        self._try(digest, Commit(at=now, digest=digest), named(digest))
        return True

    def _end_alarm(self, now: datetime) -> bool:
        """Tell that an alarm is over; return whether one was."""
        alarm = self._alarms.next()
        if alarm is None or over_at(alarm) > now:
            return False
        self._try(AlarmOver(alarm=alarm), Commit(at=now, cause="alarm"), named_alarm(alarm))
        return True

    def _tell_undelivered(self, now: datetime) -> bool:
        """Tell the cases of letters that failed for good."""
        failed = self._store.undelivered(BATCH)
        for row in failed:
            status = next((w for w in row.last_reply.split() if w[:2] in ("4.", "5.")), "")
            cause = DeliveryReported(
                case=row.case, to=row.to, template=row.template, status=status, reason=row.last_reply
            )
            self._try(cause, Commit(at=now, letter=row), f"letter {row.id}", row.case)
        return bool(failed)

    def _try(self, cause: Cause, base: Commit, name: str, case: int | None = None, *, paced: bool = False) -> None:
        """Decide what no mail caused; set it aside when that goes on failing, since all mail waits for it."""
        try:
            self._settling.settle(cause, base.at, base, name, paced=paced)
        except (StoreAway, TooMany):
            raise
        except Conflict:
            log.info("cause.moved", case=case, cause=name)
        except Exception as error:  # the same bug as with a mail: it must not stop the loop
            self._failures[f"{case} {name}"] += 1
            log.exception("cause.failed", case=case, cause=name)
            if self._failures[f"{case} {name}"] >= MOST_ATTEMPTS:
                reason = f"crash: {type(error).__name__} in each of {MOST_ATTEMPTS} tries"
                self._store.commit(replace(base, reason=reason))
                log.error("cause.set_aside", case=case, cause=name, alarm="look at this case: something is missing")  # noqa: TRY400 - logged with its places above

    def _work_on(self, row: InboxMail, now: datetime) -> None:
        """Decide one mail; a failure of ours gives it back, and sets it aside when that goes on."""
        if row.attempts > MOST_ATTEMPTS:
            self._store.set_aside(row, InboxState.QUARANTINED, f"crash: {MOST_ATTEMPTS} tries ended in none", now)
            log.error("mail.quarantined", mail=row.id, reason="crash")
            return
        try:
            if over := self._reader.over_limit(row.raw):
                self._store.set_aside(row, InboxState.QUARANTINED, f"limit: {over}", now)
                log.warning("mail.quarantined", mail=row.id, reason=over)
                return
            mail = self._reader.read(row.raw, row.envelope.border)
            self._decide_mail(row, mail, now)
        except StoreAway:
            raise
        except Conflict:
            log.info("mail.lease_lost", mail=row.id)
        except Exception as error:  # a bug must not stop the loop, nor lose the mail
            log.exception("mail.failed", mail=row.id, attempt=row.attempts)
            if row.attempts >= MOST_ATTEMPTS:
                reason = f"crash: {type(error).__name__} in each of {MOST_ATTEMPTS} tries"
                self._store.set_aside(row, InboxState.QUARANTINED, reason, now)
            else:
                self._store.give_back(row)

    def _decide_mail(self, row: InboxMail, mail: Mail, now: datetime) -> None:
        """Decide one mail, as of when it came; one that was held, as of when it was let in (`semantics.md` 29)."""
        at = max(now, row.envelope.received_at) if row.admitted else row.envelope.received_at
        cause = MailArrived(mail=mail, envelope=row.envelope, inbox_id=row.id, admitted=row.admitted, decided_at=now)
        base = Commit(
            at=at,
            mail=row,
            sender=mail.from_.address if mail.from_ else "",
            subject=mail.subject,
            message_id=mail.message_id,
        )
        decision = self._settling.settle(cause, at, base, f"mail {row.id}")
        log.info("mail.decided", mail=row.id, ending=str(decision.ending), reason=decision.reason)
