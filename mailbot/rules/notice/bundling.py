"""Notices that come close together are one mail: which of them may wait for others, and how the mail says them.

Only what tells a member of a case's course waits: never a receipt or another answer to its reader, never a customer's
notice, nothing of the highest priority, no escalation, no breach, nothing that may be
recalled. A notice that brings files or due times goes alone.
Several of one case are answered like any notice about it; those of several cases each at an address of its own.
"""

from collections.abc import Iterable, Iterator, Sequence

from mailbot.bundle import BundleCame, Part
from mailbot.decision import Notice
from mailbot.event import Visibility
from mailbot.model import Case
from mailbot.people import Desk, ReplyTokens
from mailbot.process import Process
from mailbot.rules.case.draft import Draft

#: What may wait for others.
MAY_WAIT = frozenset(
    (
        "answer",
        "assigned",
        "case_new",
        "clock_warned",
        "closed",
        "contract",
        "customer_answered",
        "merged",
        "note",
        "reopened",
        "snoozed",
        "status_changed",
        "survey_low",
        "unmerged",
    )
)
#: So many notices one mail has, and so many characters of theirs: what is left over makes another mail.
MOST_PARTS, LONGEST = 20, 60_000
_MARKER = "##-"


def may_wait(notice: Notice, case: Case | None, process: Process) -> bool:
    """May the notice wait for others to the same person?"""
    urgent = case is not None and bool(process.priorities) and case.priority == process.priorities[0].name
    told = notice.visibility is Visibility.INTERNAL and not (notice.in_reply_to or notice.mark or notice.leaves)
    return told and case is not None and not urgent and notice.template in MAY_WAIT


def together(parts: Iterable[Part], desk: Desk) -> tuple[Part, ...]:
    """Return those of the letters to one person, in order, that are one mail: the first, and what fits beside it.

    Where reply addresses do not tell cases apart, only what is about the same case does.
    """
    return tuple(_fitting(parts, desk))


def _fitting(parts: Iterable[Part], desk: Desk) -> Iterator[Part]:
    taken: list[Part] = []
    for part in parts:
        alike = not taken or _thread(part) == _thread(taken[0])
        size = len(part.text) + sum(len(one.text) for one in taken)
        if taken and (len(taken) == MOST_PARTS or size > LONGEST):
            return
        if alike or desk.reply_tokens is not ReplyTokens.NONE:
            taken.append(part)
            yield part


def tell(draft: Draft, cause: BundleCame) -> None:
    """Tell a member in one mail what the letters say."""
    first = cause.parts[0]
    alike = all(_thread(part) == _thread(first) for part in cause.parts)
    draft.hit("bundling", f"{len(cause.parts)} notices to {cause.to} in one mail")
    draft.tell(
        Notice(
            at=draft.now,
            template="bundle",
            to=cause.to,
            case=first.case if alike else None,
            visibility=Visibility.INTERNAL,
            reply=first.reply,
            data={
                "parts": _told(cause.parts),
                "cases": [draft.facts.desk.reference(number) for number in dict.fromkeys(p.case for p in cause.parts)],
            },
        )
    )


def _thread(part: Part) -> tuple[int, Visibility]:
    """Return what notices share that are answered alike."""
    return part.case, part.reply


def _told(parts: Sequence[Part]) -> list[dict[str, object]]:
    """Return letters as plain values, without the line that said where an answer goes.

    The words that an answer may begin with, which each has at its end, stand once, below the last of them.
    """
    texts = [_without_marker(part.text) for part in parts]
    if len({_words(text) for text in texts}) == 1:
        texts = [*map(_without_words, texts[:-1]), texts[-1]]
    return [
        {
            "subject": part.subject,
            "text": text,
            "address": part.address,
            "internal": part.reply is Visibility.INTERNAL,
        }
        for part, text in zip(parts, texts, strict=True)
    ]


def _without_marker(text: str) -> str:
    first, _, rest = text.partition("\n")
    return (rest if first.startswith(_MARKER) else text).strip("\n")


def _words(text: str) -> str:
    """Return the list of words at a letter's end: a last paragraph whose lines but the first are indented."""
    last = text.rpartition("\n\n")[2]
    lines = last.split("\n")[1:]
    return last if lines and all(line.startswith("  ") for line in lines) else ""


def _without_words(text: str) -> str:
    return text.removesuffix(_words(text)).rstrip("\n")
