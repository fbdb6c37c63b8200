"""What a decision rests on beside its cause: what the store, the directory and the mail's keys say. Frozen values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from mailbot.digest import Overview
from mailbot.event import MessageAdded, Visibility
from mailbot.mail import Envelope, Mail
from mailbot.model import Case
from mailbot.people import Desk, Directory, Proof
from mailbot.standing import Alarm, Recipient, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a verified token says (see `mailbot.rules.identity.token`)."""

    case: int
    visibility: Visibility
    #: The keyed digest of the person's address, to compare, not to show.
    principal: bytes
    #: For the person's own desk address, which names no case.
    personal: bool = False
    #: The case's epoch when the token was made: where the case's is higher now, the token has expired.
    epoch: int = 0
    #: What stands for the one action that the address is for (`mailbot.rules.token.mark`); empty for an answer's.
    mark: bytes = b""
    #: What stands for the one letter whose return path the address is; empty for every address to write to.
    letter: bytes = b""


class Reported(NamedTuple):
    """The letter of ours that a delivery report speaks of."""

    #: The case it was about, None for none.
    case: int | None
    to: str
    template: str
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadKeys:
    """Everything in a mail that may say to which case it belongs, in order of strength."""

    #: Valid tokens found in recipient addresses.
    tokens: tuple[Token, ...] = ()
    #: Valid tokens found in Message-IDs of ours that In-Reply-To or References name.
    tagged: tuple[Token, ...] = ()
    #: The return paths of letters of ours that an automatic mail came to: what it is about, never a proof.
    returned: tuple[str, ...] = ()
    #: All other msg-ids that In-Reply-To and References name, the nearest first.
    message_ids: tuple[str, ...] = ()
    #: The mail's own msg-id, "" without one: a mail that came before it may have named it.
    own: str = ""
    #: The number in the subject's first tag of ours, or 0.
    number: int = 0
    #: The digest of what a registered key signed, "" for nothing.
    signed: str = ""
    #: The first bare number of ours (`HD-12`) in subject or text: counts at the escalations address only.
    bare_number: int = 0
    #: Every number of ours in a member's own text, for commands that name other cases (`merge HD-7`).
    spoken: tuple[int, ...] = ()

    @property
    def answered(self) -> tuple[Token, ...]:
        """The tokens of what the mail answers: older notices in its thread do not say where an answer goes."""
        return (*self.tokens, *self.tagged[:1])

    @property
    def numbers(self) -> frozenset[int]:
        """Every case number that the keys name by themselves."""
        named = {token.case for token in (*self.tokens, *self.tagged)} | {self.number, self.bare_number, *self.spoken}
        return frozenset(named - {0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the store knows of a mail's thread keys."""

    #: The cases that were named, by number.
    cases: Mapping[int, Case] = field(default_factory=dict)
    #: msg-id to case number, for the message_ids that are known.
    by_message_id: Mapping[str, int] = field(default_factory=dict)
    #: Our own notice that an automatic mail speaks of, by its return path or as a delivery report; None for none.
    reported: Reported | None = None
    #: The cases whose mails named this one before it came, or one that it names too and that has not come: mails
    #: overtake each other.
    awaited: tuple[int, ...] = ()
    #: The held mail that In-Reply-To or References names, the nearest first; 0 for none.
    held: int = 0
    #: Has what is signed in it had its effect before, in another mail?
    signed_before: bool = False
    #: Why that one is held.
    held_for: str = ""
    #: When the newest of the mails and notices was written that the mail names; None where it names none that is known.
    read_until: datetime | None = None
    #: Is a notice of ours among them?
    names_notice: bool = False
    #: The mail whose receipt this one answers, by its number in the inbox; 0 for none.
    receipt_of: int = 0
    #: The mail of which the notice told that this one answers, by its number in the inbox; 0 for none.
    about: int = 0


#: Answers to customers in an hour, before unproven senders get none and who leads is called; in any hour of a desk to
#: which more is usual, so many times more.
ALL_HOUR, ALL_HOUR_TIMES = 300, 10
#: New cases in an hour, before nobody gets an acknowledgement.
CASES_HOUR = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """How much went out automatically of late: what the limits are measured on.

    Those about a case are of who is answered, where that is another than the sender (`mailbot.engine.holders`).
    """

    #: Automatic answers to this sender in the last hour and the last day.
    to_sender_hour: int = 0
    to_sender_day: int = 0
    #: Automatic mails to this sender about this case in ten minutes, an hour, ten hours.
    case_ten_minutes: int = 0
    case_hour: int = 0
    case_ten_hours: int = 0
    #: Automatic answers to customers, whoever they are, in the last hour.
    all_hour: int = 0
    #: Templates of the automatic answers about no case that went to this sender in the last day.
    told_day: frozenset[str] = frozenset()
    #: New cases of this sender in the last hour and the last day.
    new_by_sender_hour: int = 0
    new_by_sender_day: int = 0
    #: Did `CASES_HOUR` cases begin within the last hour?
    is_flooded: bool = False
    #: Answers to customers in an ordinary hour of the last week; not counted before `ALL_HOUR` is reached.
    usual_hour: int = 0
    #: Notices of the template `other_sender` to this person in the last hour.
    other_sender_hour: int = 0


#: What a canned answer may be called.
ANSWER_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The canned answers of the desk, as far as a decision may need them."""

    #: Their names, and how each begins.
    titles: Mapping[str, str] = field(default_factory=dict)
    #: The texts that the mail asks for, by case and name; one that cannot be made is missing.
    texts: Mapping[tuple[int, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which cases somebody wants to see; every condition that is given must hold."""

    #: With one of these people or teams, "" for nobody yet; None for anybody.
    assignees: tuple[str, ...] | None = None
    #: The customer's address, "" for any.
    requester: str = ""
    #: Each stands in the subject, in the requester's address or in a message of the case, in any letter case.
    words: tuple[str, ...] = ()
    #: The words may also be the name of an organisation: its people, by address or as a whole domain (`@acme.test`),
    #: but not these of the domain.
    among: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    #: Only cases that are not closed; the oldest first. Else the newest first.
    open_only: bool = True
    #: Only cases with a clock that is past its due instant and still counts.
    overdue: bool = False
    #: Only cases that are open, or were closed at or after this instant.
    since: datetime | None = None
    #: Only cases that are snoozed, only those that are not; None for both.
    snoozed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The cases that a query found."""

    query: Query
    cases: tuple[Case, ...] = ()
    #: Are there more than were wanted?
    more: bool = False
    #: How many it leaves out because they are snoozed.
    snoozed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A mail that was held or quarantined."""

    #: In the inbox.
    number: int
    envelope: Envelope
    #: Does it wait for a human's word? Else it was not to be taken in, or could not be.
    held: bool
    reason: str
    sender: str = ""
    subject: str = ""
    #: Its octets, and what it says: only where it is to be shown.
    size: int = 0
    mail: Mail | None = None
    #: How it begins, where it is to be shown and is not read again.
    start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What was found for a mail that asks what is set aside."""

    #: The newest first.
    latest: tuple[SetAside, ...] = ()
    #: Are there more than were wanted?
    more: bool = False
    #: Those that the mail names, by number, as far as they are set aside now.
    named: Mapping[int, SetAside] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything beside the cases and the cause that a decision rests on; frozen, gathered by the engine."""

    desk: Desk
    directory: Directory
    #: What is proven about the sender, the case aside.
    proofs: frozenset[Proof] = frozenset()
    #: Does a member's mail want its answers elsewhere? Then tokens do not count in it, nor what a border says.
    stepped_down: bool = False
    #: The cases that stand inside of what was signed; None where no signature was looked at.
    signed_for: frozenset[int] | None = None
    keys: ThreadKeys = field(default_factory=ThreadKeys)
    #: Which of the sender's own desk addresses counts: those of an earlier epoch were revoked.
    address_epoch: int = 0
    found: Found = field(default_factory=Found)
    #: The keyed digest of the sender's address, to hold against `Token.principal`.
    principal: bytes = b""
    #: Who takes part in the cases found, by what stands for each in tokens; empty where each token is the sender's own.
    holders: Mapping[bytes, str] = field(default_factory=dict)
    #: The sender's open cases, where they may have to be known (an escalation that names none).
    open_cases: tuple[Case, ...] = ()
    #: The number a new case would get.
    next_number: int = 1
    counters: Counters = field(default_factory=Counters)
    #: The mails whose content is held back in the cases at hand, by their number in the inbox; for members only.
    withheld: Mapping[int, Mail] = field(default_factory=dict)
    #: The mails of members that wait for a word of theirs, by their number in the inbox; for members only.
    parked: Mapping[int, Mail] = field(default_factory=dict)
    #: Lines of internal notices that must never leave (normalised, see `mailbot.rules.reading.outgoing`).
    internal_lines: frozenset[str] = frozenset()
    #: What a colleague of the sender's said to the customer last, by case.
    said: Mapping[int, str] = field(default_factory=dict)
    #: How mail fared to the sender, and to whom a report speaks of; of addresses that all mail reaches nothing.
    standings: Mapping[str, Standing] = field(default_factory=dict)
    #: Those whom the decision would write to, where that is at issue.
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    #: The alarms that go on, by kind.
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    #: The case in which the many mails of this sender are kept together, None where there is none.
    gathering: Case | None = None
    #: Does the mail answer the question how satisfied its sender was?
    answers_survey: bool = False
    #: For members only.
    answers: Answers = field(default_factory=Answers)
    #: Until when members are away, for those who are.
    away: Mapping[str, datetime] = field(default_factory=dict)
    #: What the mail's `list` or `search` found, None where it asks for nothing that its sender may see.
    listed: Listed | None = None
    #: What the mail's `report` counts, None where it asks for nothing that its sender may see.
    counted: Listed | None = None
    #: What the mail's `quarantine` found, None where it asks for nothing that its sender may see.
    aside: Aside | None = None
    #: The messages of each case that the mail wants shown, in order.
    shown: Mapping[int, tuple[MessageAdded, ...]] = field(default_factory=dict)
    #: The messages of each case that the mail may split, in order; for members only.
    messages: Mapping[int, tuple[MessageAdded, ...]] = field(default_factory=dict)
    #: How many letters of answers still wait that could be recalled, by the mail that they are of.
    unsent: Mapping[int, int] = field(default_factory=dict)
    #: Of which mail the notice told that a member's mail answers, this one and those that wait, by their numbers in the
    #: inbox.
    about: Mapping[int, int] = field(default_factory=dict)
    #: The desk at a glance, for a digest alone.
    overview: Overview = field(default_factory=Overview)
