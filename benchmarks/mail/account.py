"""What became of all mails at a whole desk, set by set: each accounted for, none wrongly kept out, none doubled."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.mail.run import Came, by_set, run
from benchmarks.mail.table import Row
from mailbot.decision import Ending

#: Mail that people wanted and a corpus says so by its folder.
_WANTED = "ham"
#: Reasons of what is not wanted, and of a fault of ours.
_UNWANTED, _FAULT = ("spam", "blocked", "filter"), "crash"


def measure(folder: Path) -> Iterator[Row]:
    """Yield what became of the mails set by set, the first time, and of all of them the second."""
    ran = run(folder)
    for name, came in by_set(ran.came):
        yield _accounted(name, came)
    yield _accounted("all", ran.came)
    yield _row(
        "all: read without a fault of ours", ran.came, [one for one in ran.came if one.reason.startswith(_FAULT)]
    )
    wanted = [one for one in ran.came if _WANTED in one.name]
    yield _row("ham: not kept out", wanted, [one for one in wanted if one.reason.startswith(_UNWANTED)])
    more = tuple(f"{count} more {what}" for what, count in ran.more.items() if count)
    yield Row("all: known again the second time", len(ran.came) - ran.more["mails"], len(ran.came), more)


def _accounted(name: str, came: Sequence[Came]) -> Row:
    counted = Counter(one.ending for one in came)
    told = ", ".join(f"{counted[ending]} {ending}" for ending in Ending if counted[ending])
    return _row(f"{name}: {told}", came, [one for one in came if one.ending is None])


def _row(what: str, of: Sequence[Came], lost: Sequence[Came]) -> Row:
    named = tuple(": ".join(filter(None, (one.name, one.reason))) for one in lost)
    return Row(what, len(of) - len(lost), len(of), named)
