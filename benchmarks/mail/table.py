"""What one measure says of one set of mails, and where the mails lie."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: What a set holds beside mails: its licence, its expectations, the decoded parts of its mails.
_BESIDE = re.compile(r"SOURCE|README.*|LICENSE.*|expected\.json")
_EXPECTATIONS = (".json", ".xml", ".out", ".bin")
#: Of these sets only files of one kind are mails.
_ONLY = {"mime4j": ".msg", **dict.fromkeys(("talon", "ghreply", "willdurand", "alfonsrv", "zapier"), ".eml")}
#: Of these, texts and pages without a header are what somebody wrote, too.
_WRITTEN = dict.fromkeys(("talon", "ghreply", "willdurand", "alfonsrv", "zapier", "mimekit"), (".txt", ".html"))
_FIELD = re.compile(rb"(?:[!-9;-~]+\s*:|>?From )")
_HEADER = (
    "From: {}@customer.example\r\nTo: support@desk.example\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
)


@dataclass(frozen=True)
class Row:
    """One figure: of so many so many are right, and what is lost or wrong of the others."""

    what: str
    right: int
    of: int
    #: What each of the others lost, in a few words, named by its file.
    lost: tuple[str, ...] = ()


def folder() -> Path:
    """Return where the sets of mails lie: $MAILBOT_TEST_MAIL, else beside the repository as the tests have it."""
    named = Path(os.environ.get("MAILBOT_TEST_MAIL", "../shared/mail"))
    return named if named.is_absolute() else Path(__file__).resolve().parents[2] / named


def mails(place: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every mail below a folder, by its path in it."""
    yield from ((str(name), raw) for name, raw in _files(place) if _is_mail(name, raw))


def whole(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all that anybody wrote, by its path: mails, and texts that have no header as mails of one writer each."""
    for name, raw in _files(folder):
        if _is_mail(name, raw):
            yield str(name), raw
        elif name.suffix in _WRITTEN.get(name.parts[0], ()):
            yield str(name), letter(raw, is_html=name.suffix == ".html", writer=hashlib.sha256(raw).hexdigest()[:12])


def letter(text: bytes, *, is_html: bool, writer: str = "anna") -> bytes:
    """Make a mail of a text that has no header."""
    return _HEADER.format(writer, "html" if is_html else "plain").encode() + text


def _files(place: Path) -> Iterator[tuple[Path, bytes]]:
    for file in sorted(place.rglob("*")):
        name = file.relative_to(place)
        if file.is_file() and "LICENSES" not in name.parts and not _BESIDE.fullmatch(file.name):
            yield name, file.read_bytes()


def _is_mail(name: Path, raw: bytes) -> bool:
    if name.suffix in _EXPECTATIONS or name.suffix != _ONLY.get(name.parts[0], name.suffix):
        return False
    # Bare texts lie beside the mails of one set.
    bare = name.parts[0] == "mimekit" and name.suffix in (".txt", ".html")
    return not bare or (name.suffix == ".txt" and _FIELD.match(raw[:200].lstrip()) is not None)


def expected(place: Path) -> dict[str, Any]:
    """Return what a set says of its mails, by their paths in it; nothing where the set is not here."""
    file = place / "expected.json"
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def words(text: str) -> str:
    """Text without regard to blanks and line ends, as expectations are compared."""
    return " ".join(text.split())
