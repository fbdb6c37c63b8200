"""Hand-made values for the store's tests."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from mailbot.decision import Carried, Ending, Happened, Hit, Notice
from mailbot.event import CaseOpened, ClockName, Kind, MessageAdded, StatusChanged, Visibility
from mailbot.mail import Envelope
from mailbot.model import Case, Clock, Deadline, Span
from mailbot.ports.records import Arrival, Changed, Commit, InboxMail, Letter

_T = TypeVar("_T")

NOON = datetime(2026, 1, 5, 12, 0, 0, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANNA = "anna@example.com"


def arrival(
    name: str = "one",
    *,
    at: Any = NOON,
    purpose: Any = "support@desk.test",
    raw: Any = None,
    source: Any = "smtp",
    uid: Any = 0,
):
    body = raw if raw is not None else f"Message-ID: <{name}@example.com>\r\nSubject: {name}\r\n\r\n{name}\r\n".encode()
    envelope = Envelope(
        received_at=at,
        source=source,
        reverse_path=ANNA,
        forward_paths=(purpose,),
        peer="192.0.2.1",
        uid_validity=7 if uid else 0,
        uid=uid,
    )
    return Arrival(envelope=envelope, raw=body, digest=hashlib.sha256(body).hexdigest(), purpose=purpose)


def case(
    number: int = 1, *, version: Any = 2, status: Any = "New", kind: Any = Kind.NEW, priority: str = "P3", **more: Any
):
    return Case(
        number=number,
        version=version,
        status=status,
        kind=kind,
        status_since=NOON,
        priority=priority,
        type="Question",
        requester=ANNA,
        subject="The lift",
        opened=NOON,
        latest=NOON,
        clocks=(Clock(name=ClockName.PICKUP, spans=(Span(start=NOON, running=True, cause="opened"),), due=NOON),),
        messages=1,
        **more,
    )


def deadline(number: int = 1, *, rule: Any = "breach:pickup", cycle: Any = "1", due: Any = NOON + MINUTE):
    return Deadline(case=number, rule=rule, cycle=cycle, due=due)


def letter(
    number: int | None = 1,
    *,
    key: str = "k1",
    to: Any = ANNA,
    at: Any = NOON,
    template: Any = "received",
    visibility: Any = Visibility.PUBLIC,
    **more: Any,
):
    notice = Notice(at=at, template=template, to=to, case=number, visibility=visibility, **more)
    return Letter(
        notice=notice,
        to=to,
        subject=f"[HD-{number}] The lift",
        text=f"text of {key}",
        html=f"<p>{key}</p>",
        message_id=f"<{key}@desk.test>",
        fields=(("From", "support@desk.test"), ("Auto-Submitted", "auto-replied")),
        reverse_path="",
        key=key,
        carried=(Carried(inbox_id=1, attachment=0, name="a.png", type="image/png", size=3),),
    )


def opening(mail: InboxMail | None, number: int = 1, *, at: Any = NOON, letters: Any = None, deadlines: Any = None):
    """A commit that opens a case."""
    opened = CaseOpened(
        number=number,
        at=at,
        status="New",
        kind=Kind.NEW,
        priority="P3",
        type="Question",
        requester=ANNA,
        subject="The lift",
        opened=at,
    )
    own = f"<mail-{number}@example.com>"
    added = MessageAdded(
        at=at, sender=ANNA, visibility=Visibility.PUBLIC, inbox_id=mail.id if mail else 0, message_id=own, text="Stuck."
    )
    sent = (letter(number, key=f"{number}-opened", at=at),) if letters is None else letters
    return Commit(
        at=at,
        mail=mail,
        ending=Ending.NEW if mail else None,
        reason="a new matter",
        sender=ANNA,
        subject="The lift",
        message_id=own,
        changed=(Changed(case=case(number), was=0, deadlines=(deadline(number),) if deadlines is None else deadlines),),
        happened=(Happened(case=number, event=opened), Happened(case=number, event=added)),
        letters=sent,
        hits=(Hit(rule="open", reason="nothing names a case"),),
        threads={own: number, **{one.message_id: number for one in sent}},
        process="p1",
        directory="d1",
    )


def moving(
    number: int = 1,
    *,
    was: Any = 2,
    mail: Any = None,
    at: Any = NOON,
    letters: Any = (),
    deadlines: Any = (),
    **more: Any,
):
    """A commit that moves a case to Active."""
    moved = StatusChanged(at=at, old="New", new="Active", kind=Kind.ACTIVE, reason="taken", actor="bo@desk.test")
    after = case(number, version=was + 1, status="Active", kind=Kind.ACTIVE, assignee="bo@desk.test")
    return Commit(
        at=at,
        mail=mail,
        ending=Ending.THREADED if mail else None,
        sender=ANNA if mail else "",
        changed=(Changed(case=after, was=was, deadlines=tuple(deadlines)),),
        happened=(Happened(case=number, event=moved),),
        letters=tuple(letters),
        **more,
    )


def evolve(known: Any, event: Any):
    """As much of the rules' own as the values of these tests need."""
    if isinstance(event, CaseOpened):
        return case(event.number, version=1)
    if known is None:
        raise ValueError("before CaseOpened")
    if isinstance(event, StatusChanged):
        return replace(known, version=known.version + 1, status=event.new, kind=event.kind, assignee="bo@desk.test")
    assert isinstance(event, MessageAdded)
    return replace(known, version=known.version + 1)


def there(value: _T | None) -> _T:
    """Return what must be there."""
    assert value is not None
    return value
