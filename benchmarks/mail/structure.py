"""Subject, sender, text and attachments against the sets that have expectations, and over all mails what is lost."""

import hashlib
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.mail.table import Row, mails, words
from mailbot.ingest.parse import leaf, read_mail
from mailbot.mail import Mail

_UNDECODED = re.compile(r"=\?[\w-]+\?[bqBQ]\?")
_MARKUP = re.compile(r"(?s)<(style|script|title|head)\b.*?</\1>|<!--.*?-->|<[^>]*>")
_SUBJECT = re.compile(rb"(?i)\nsubject:[ \t]*[^ \t\r\n]")
_DEEPEST = 5
#: Seconds of the processor that one mail may take.
_LONGEST = 2.0
#: Of the words of an HTML text so many may be missing: its title is no text.
_MISSING = 0.05


def measure(folder: Path) -> Iterator[Row]:
    """Yield what the sets say, then what is true of every mail."""
    yield from _expected(folder / "stalwart")
    yield _decoded(folder / "mime4j")
    yield from _kept(folder)


def _expected(place: Path) -> Iterator[Row]:
    wrong: dict[str, list[str]] = {what: [] for what in ("subject", "sender", "text", "attachments", "all four")}
    files = sorted(place.rglob("*.json"))
    for file in files:
        name = str(file.relative_to(place).with_suffix(""))
        faults = list(_faults(read_mail(file.with_suffix(".eml").read_bytes()), json.loads(file.read_text())))
        for what in faults:
            wrong[what].append(name)
        if faults:
            wrong["all four"].append(name)
    for what, names in wrong.items():
        yield Row(f"{place.name}: {what}", len(files) - len(names), len(files), tuple(names))


def _faults(mail: Mail, expected: dict[str, Any]) -> Iterator[str]:
    """Name what is not as expected."""
    parts = expected["parts"]
    subjects = [value.get("Text", "") for value in _values(parts[0], "subject")] or [""]
    if words(mail.subject) not in map(words, subjects):
        yield "subject"
    if not _is_sender(mail, [box for value in _values(parts[0], "from") for box in _boxes(value)]):
        yield "sender"
    if not _is_text(mail, [_content(parts[index]) for index in expected["text_body"]]):
        yield "text"
    attached = [_content(parts[index])[1] for index in expected["attachments"]]
    known = [hashlib.sha256(bytes(data)).hexdigest() for data in attached if isinstance(data, list)]
    found = [one.sha256 for one in mail.attachments]
    if len(attached) != len(found) or not set(known) <= set(found):
        yield "attachments"


def _values(part: dict[str, Any], name: str) -> list[dict[str, Any]]:
    values = [field["value"] for field in part["headers"] if field["name"] == name]
    return [value if isinstance(value, dict) else {} for value in values]


def _boxes(value: dict[str, Any]) -> list[dict[str, str]]:
    found = value.get("Address", {})
    groups = [box for group in found.get("Group") or [] for box in group.get("addresses", [])]
    return [*(found.get("List") or []), *groups]


def _is_sender(mail: Mail, boxes: list[dict[str, str]]) -> bool:
    """Nobody is right where there is not one good address, and one of several is as good as nobody."""
    addresses = [(box.get("address") or "").lower() for box in boxes]
    if len(boxes) != 1 or "@" not in addresses[0]:
        return mail.from_ is None or mail.from_.address in addresses
    named = words(boxes[0].get("name") or "")
    return mail.from_ is not None and (mail.from_.address, words(mail.from_.name)) == (addresses[0], named)


def _content(part: dict[str, Any]) -> tuple[str, Any]:
    body = part["body"]
    kind, value = next(iter(body.items())) if isinstance(body, dict) else (body, None)
    return kind, value


def _is_text(mail: Mail, contents: list[tuple[str, Any]]) -> bool:
    sources = [value for kind, value in contents if kind == "Html"]
    if sources:
        wanted = unescape(_MARKUP.sub(" ", sources[-1])).split()
        return sum(word not in mail.text for word in wanted) <= _MISSING * len(wanted)
    return words("\n".join(value for kind, value in contents if kind == "Text")) == words(mail.text)


def _decoded(place: Path) -> Row:
    """Every decoded part of the set is in the text, or is an attachment, or is inside an attached mail."""
    lost = []
    files = sorted(place.glob("*.msg"))
    for file in files:
        digests, text = _pool(file.read_bytes(), 0)
        for part in sorted(place.glob(f"{file.stem}_decoded_*")):
            data = part.read_bytes()
            bare = _MARKUP.sub(" ", data.decode("utf-8", "replace"))
            if hashlib.sha256(data).hexdigest() not in digests and any(word not in text for word in bare.split()):
                lost.append(part.name)
    mails_hit = {re.sub(r"_decoded_.*", "", name) for name in lost}
    return Row(f"{place.name}: every part", len(files) - len(mails_hit), len(files), tuple(lost))


def _pool(raw: bytes, depth: int) -> tuple[set[str], str]:
    """Collect the digests and the words of a mail and of what is attached to it."""
    mail = read_mail(raw)
    digests: set[str] = set()
    texts = [mail.text, mail.html or ""]
    for one in mail.attachments:
        data = leaf(raw, one.index)[1]
        digests.add(hashlib.sha256(data).hexdigest())
        texts.append(data.decode("utf-8", "replace"))
        if one.type.startswith("message/") and depth < _DEEPEST:
            inner, text = _pool(data, depth + 1)
            digests |= inner
            texts.append(text)
    return digests, "\n".join(texts)


def _kept(folder: Path) -> Iterator[Row]:
    """Over every mail: read without a fault, in time, nothing undecoded, nothing empty that held something."""
    names = (
        "read",
        "within two seconds",
        "no undecoded word or surrogate",
        "no U+FFFD in a field",
        "no U+FFFD in the text",
        "a subject where one was sent",
        "a sender",
        "text or an attachment",
    )
    wrong: dict[str, list[str]] = {name: [] for name in names}
    count, longest = 0, 0.0
    for file, raw in mails(folder):
        count += 1
        begun = process_time()
        mail = read_mail(raw)
        longest = max(longest, took := process_time() - begun)
        for name in _odd(mail, raw, took):
            wrong[name].append(file)
    for name, lost in wrong.items():
        what = f"{name} (slowest {longest:.2f} s)" if name == "within two seconds" else name
        yield Row(f"all: {what}", count - len(lost), count, tuple(lost))


def _odd(mail: Mail, raw: bytes, took: float) -> Iterator[str]:
    fields = [mail.subject, mail.from_.name if mail.from_ else "", *(one.name for one in mail.attachments)]
    shown = [*fields, mail.text, mail.html or ""]
    if any("could not be read" in defect for defect in mail.defects):
        yield "read"
    if took > _LONGEST:
        yield "within two seconds"
    if any(map(_UNDECODED.search, fields)) or any("\ud800" <= one <= "\udfff" for text in shown for one in text):
        yield "no undecoded word or surrogate"
    if "\ufffd" in "".join(fields):
        yield "no U+FFFD in a field"
    if "\ufffd" in mail.text:
        yield "no U+FFFD in the text"
    if not mail.subject and _SUBJECT.search(b"\n" + re.split(rb"\r?\n\r?\n", raw.lstrip(), maxsplit=1)[0]):
        yield "a subject where one was sent"
    if mail.from_ is None:
        yield "a sender"
    if not mail.text.strip() and not mail.attachments:
        yield "text or an attachment"
