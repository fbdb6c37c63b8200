"""The new text of replies against the sets that have expectations, and what sanitised HTML still holds."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.mail.table import Row, letter, mails, words
from mailbot.ingest.parse import read_mail

_SETS = ("talon", "ghreply", "willdurand", "alfonsrv")
#: Seconds of the processor that one reply may take.
_LONGEST = 1.0
_CALLED = ("src", "srcset", "background", "poster", "lowsrc", "dynsrc", "data", "ping", "action", "formaction", "cite")
_HARMLESS = re.compile(r"https?:|mailto:|tel:|cid:|#|\Z")
_ACTIVE = frozenset({
    "script", "style", "iframe", "frame", "object", "embed", "applet", "form", "input", "button", "link", "meta",
    "base", "svg", "math", "video", "audio", "source", "track", "portal",
})  # fmt: skip


@dataclass(frozen=True)
class _Found:
    """One reply, read."""

    name: str
    is_html: bool
    exact: bool
    kept: bool
    took: float


def measure(folder: Path) -> Iterator[Row]:
    """Yield exactness and the author's words set by set, then time and HTML over all of them."""
    every: list[_Found] = []
    for name in _SETS:
        found = list(_replies(folder / name))
        every.extend(found)
        for is_html, what in ((False, name), (True, f"{name}, HTML")):
            if of := [one for one in found if one.is_html is is_html]:
                yield _row(f"{what}: new text exact", [one.name for one in of if not one.exact], of)
                yield _row(f"{what}: the author's words kept", [one.name for one in of if not one.kept], of)
    slow = [f"{one.name} {one.took:.2f} s" for one in every if one.took > _LONGEST]
    yield _row("all: within a second", slow, every)
    yield _harmless(folder)


def _row(what: str, lost: list[str], of: list[_Found]) -> Row:
    return Row(what, len(of) - len(lost), len(of), tuple(lost))


def _replies(place: Path) -> Iterator[_Found]:
    for name, expected in json.loads((place / "expected.json").read_text(encoding="utf-8")).items():
        is_html, raw = bool(expected.get("html")), (place / name).read_bytes()
        if is_html or not name.endswith(".eml"):
            raw = letter(raw, is_html=is_html)
        begun = process_time()
        text = read_mail(raw).new_text
        yield _Found(name, is_html, _is_exact(text, expected), _is_kept(text, expected), process_time() - begun)


def _is_exact(text: str, expected: dict[str, Any]) -> bool:
    found = words(text)
    equal = "equals" not in expected or words(expected["equals"]) == found
    lacks = (words(part) for part in expected.get("lacks", ()))
    return equal and _holds(found, expected) and not any(part in found for part in lacks if part)


def _holds(found: str, expected: dict[str, Any]) -> bool:
    return all(words(part) in found for part in expected.get("contains", ()))


def _is_kept(text: str, expected: dict[str, Any]) -> bool:
    return _holds(words(text), expected) and all(word in text for word in expected.get("equals", "").split())


def _harmless(folder: Path) -> Row:
    """No sanitised HTML of any mail holds what acts or is fetched by itself."""
    count = 0
    left: list[str] = []
    for name, raw in mails(folder):
        if kept := read_mail(raw).html:
            count += 1
            left.extend(f"{name} {what}" for what in _active(kept)[:1])
    return Row("all: nothing active or remote in HTML", count - len(left), count, tuple(left))


def _active(kept: str) -> list[str]:
    reader = _Reader()
    reader.feed(kept)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    """Collects what a browser would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ACTIVE:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", value or "").lower()
            fetched = name in _CALLED and not address.startswith("cid:")
            astray = name == "href" and not _HARMLESS.match(address)
            if name.startswith("on") or name == "style" or fetched or astray:
                self.found.append(f"{tag} {name}={address[:40]}")
