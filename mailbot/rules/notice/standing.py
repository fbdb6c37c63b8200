"""Addresses that letters do not reach: what a failure counts, when nothing more is written to one, and when it is.

A failure counts only where it is bound to a letter of ours (its return path, its Message-ID, or the relay's own answer)
and says something about the address: nobody's mail is stopped because a relay dislikes what stood in a letter.
"""

from mailbot.event import AddressCleared, AddressStopped, DeliveryFailed
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice import notices
from mailbot.rules.notice.reach import counts_still, is_stopped

#: What a failure counts: a mailbox that is full or away, and one that there is not.
POINTS = {"soft": 1, "hard": 2}
#: From so much on nothing is written to the address.
STOP = 4

#: What speaks of the letter, of us or of the servers, and not of the address (`Report.reason`).
_NOT_THE_ADDRESS = frozenset(
    ("too-large", "content", "spam", "policy", "authentication", "relaying", "rate", "greylisted", "network", "loop")
)
#: The same as enhanced status codes say it (RFC 3463 section 3): the system, the network, the protocol, the content,
#: the policy.
_NOT_THE_MAILBOX = frozenset("34567")
#: There is no such address, or it moved (RFC 3463 section 3.2), and a mailbox that takes nothing (section 3.3).
_GONE = ("5.1.", "5.2.1")


def kind_of(status: str) -> str:
    """Return what a relay's refusal says about the address: `hard`, `soft`, or "" for nothing."""
    if status.startswith(_GONE):
        return "hard"
    # Without a code of its own a refusal may be about anything, a wrong password of ours included.
    return "soft" if status.split(".")[1:2] == ["2"] else ""


def points(kind: str, status: str, reason: str) -> int:
    """Return what a failure counts."""
    about_other = reason in _NOT_THE_ADDRESS or status.split(".")[1:2] in [[digit] for digit in _NOT_THE_MAILBOX]
    return 0 if about_other else POINTS.get(kind, 0)


def failed(
    draft: Draft, *, to: str, status: str, kind: str, reason: str, said: str, message_id: str = "", template: str = ""
) -> None:
    """A letter did not arrive: count it, and tell who works on the case; nobody of a notice that itself tells that.

    Without a case at hand it was about none, and nobody is told but who leads, of an address that is stopped.
    """
    known = draft.facts.standings.get(to)
    counts = points(kind, status, reason)
    before = known.score if known and counts_still(known, draft.now) else 0
    score = before + counts
    event = DeliveryFailed(
        at=draft.now,
        to=to,
        status=status,
        message_id=message_id,
        kind=kind if counts else "",
        reason=reason,
        score=score,
    )
    member = draft.facts.directory.member(to) is not None
    stops = counts > 0 and score >= STOP and not is_stopped(known, draft.now, member=member)
    stopped = AddressStopped(at=draft.now, to=to, since=draft.now, status=status, reason=reason)
    happen = draft.note if draft.case is None else draft.happen
    for happened in (event, stopped) if stops else (event,):
        happen(happened)
    if stops:
        draft.hit("standing", f"nothing more is written to {to}: its failures count {score}")
    if draft.case is not None and template != "delivery_failed":
        notices.delivery_failed(draft, to=to, status=status, reason=said, stopped=stops)
    if stops and (draft.case is None or member):
        notices.address_stopped(draft, to=to, status=status, reason=said)


def clear(draft: Draft, address: str) -> None:
    """Somebody writes from an address, and it is proven: letters go there again."""
    if address in draft.facts.standings:
        draft.note(AddressCleared(at=draft.now, to=address, reason="a mail came from it, and that is proven"))
