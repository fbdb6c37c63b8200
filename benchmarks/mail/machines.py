"""What machines write: delivery reports against what is expected and against their own parts; false alarms; answers."""

import json
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from benchmarks.mail.table import Row, expected, mails
from mailbot.ingest.parse import read_mail
from mailbot.mail import Automatic, Mail

#: Mails of people, of lists and of newsletters; what one of them is taken for is a false alarm.
_PEOPLE = ("spamcorpus", "talon", "stalwart", "zbateson", "mime4j", "phpmime", "webklex", "djmailbox")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")
_DEEPEST = 20
#: Fields by which a machine says that it is one.
_MACHINE = re.compile(
    rb"(?im)^(?:auto-submitted:[ ]*auto|precedence:[ ]*(?:bulk|list|junk)|x-auto-response-suppress:|return-path:[ ]*<>"
    rb"|content-type:[ ]*multipart/report|from:.*(?:mailer-daemon|no-?reply@))"
)


def measure(folder: Path) -> Iterator[Row]:
    """Yield what was found of reports, then false alarms, then machines that would get an answer."""
    if (folder / "flufl").is_dir():
        yield from _prose(folder / "flufl")
    yield from _by_their_parts(folder)
    yield _false_alarms(folder)
    yield _answered(folder)


def _prose(place: Path) -> Iterator[Row]:
    wanted: dict[str, dict[str, list[str]]] = json.loads((place / "expected.json").read_text())
    read = {name: read_mail((place / name).read_bytes()) for name in wanted}
    stopped = tuple(name for name, mail in read.items() if mail.answerable)
    yield Row("flufl: stopped", len(read) - len(stopped), len(read), stopped)
    named = {name: set(told["recipients"]) for name, told in wanted.items() if told["recipients"]}
    missed = tuple(name for name in named if read[name].report is None)
    yield Row("flufl: found", len(named) - len(missed), len(named), missed)
    wrong = tuple(name for name, addresses in named.items() if _failed(read[name]) != {a.lower() for a in addresses})
    yield Row("flufl: recipients", len(named) - len(wrong), len(named), wrong)


def _failed(mail: Mail) -> set[str]:
    return {one.address for one in mail.report.recipients} if mail.report else set()


def _by_their_parts(folder: Path) -> Iterator[Row]:
    """Compare with the fields of RFC 3464, read here by the standard library alone."""
    missed: list[str] = []
    wrong: dict[str, list[str]] = {"recipients": [], "status": []}
    of = {"report": 0, "recipients": 0, "status": 0}
    for name, raw in mails(folder):
        stated = list(_stated(raw))
        if not stated:
            continue
        of["report"] += 1
        report = read_mail(raw).report
        if report is None:
            missed.append(name)
            continue
        told = {one.address: one.status for one in report.recipients}
        for addresses, status in stated:
            of["recipients"] += 1
            found = next((address for address in addresses if address in told), "")
            if not found:
                wrong["recipients"].append(name)
            elif status:
                of["status"] += 1
                wrong["status"] += [name] if told[found] != status else []
    yield Row("report parts: found", of["report"] - len(missed), of["report"], tuple(missed))
    for what, names in wrong.items():
        yield Row(f"report parts: {what}", of[what] - len(names), of[what], tuple(names))


def _stated(raw: bytes) -> Iterator[tuple[list[str], str]]:
    """Yield for each recipient of a report the addresses that it states, and the status."""
    for part in _parts(message_from_bytes(raw), 0):
        if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
            continue
        for block in _blocks(part.get_payload()):
            values = (str(block.get(name, "")) for name in ("original-recipient", "final-recipient"))
            if addresses := [bare for value in values if "@" in (bare := _bare(value))]:
                code = _STATUS.search(str(block.get("status", "")))
                yield addresses, code[0] if code else ""


def _blocks(payload: object) -> list[Message]:
    """The blocks of fields, which the standard library takes for mails where it takes the part apart at all."""
    if isinstance(payload, list):
        return [one for one in payload if isinstance(one, Message)]
    texts = _BLANK_LINE.split(str(payload))
    return [message_from_bytes(text.strip().encode("utf-8", "surrogateescape")) for text in texts]


def _bare(value: str) -> str:
    return value.rpartition(";")[2].strip().strip("<>").strip().lower()


def _parts(part: Message, depth: int) -> Iterator[Message]:
    yield part
    if depth < _DEEPEST and part.is_multipart() and part.get_content_type() != "message/rfc822":
        for child in part.get_payload():
            if isinstance(child, Message):
                yield from _parts(child, depth + 1)


def _false_alarms(folder: Path) -> Row:
    taken: list[str] = []
    count = 0
    for place in _PEOPLE:
        for name, raw in mails(folder / place) if (folder / place).is_dir() else ():
            count += 1
            if read_mail(raw).automatic in (Automatic.REPORT, Automatic.VACATION, Automatic.CHALLENGE):
                taken.append(f"{place}/{name}")
    return Row("people: taken for no machine", count - len(taken), count, tuple(taken))


def bounces_of(folder: Path) -> frozenset[str]:
    """Name the mails that a set expects to be bounces: a mail of its that nobody failed to get is a person's."""
    return frozenset(f"flufl/{name}" for name, told in expected(folder / "flufl").items() if told["recipients"])


def says_machine(raw: bytes) -> bool:
    """Do the fields of a mail say that a machine wrote it, or that nobody may be answered by one?"""
    return _MACHINE.search(re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]) is not None


def _answered(folder: Path) -> Row:
    """Mails whose fields say that a machine wrote them: none may be answered."""
    answered: list[str] = []
    count = 0
    for name, raw in mails(folder):
        if says_machine(raw):
            count += 1
            answered += [name] if read_mail(raw).answerable else []
    return Row("machines: not answered", count - len(answered), count, tuple(answered))
