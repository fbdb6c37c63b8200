"""What one measure says of one set of mails, and where the mails lie."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: What a set holds beside mails: its licence, its expectations, the decoded parts of its mails.
_BESIDE = re.compile(r"SOURCE|README.*|LICENSE.*|expected\.json")
_EXPECTATIONS = (".json", ".xml", ".out", ".bin")
#: Of these sets only files of one kind are mails.
_ONLY = {"mime4j": ".msg", **dict.fromkeys(("talon", "ghreply", "willdurand", "alfonsrv", "zapier"), ".eml")}
_FIELD = re.compile(rb"(?:[!-9;-~]+\s*:|>?From )")


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
    for file in sorted(place.rglob("*")):
        name = file.relative_to(place)
        if file.is_file() and "LICENSES" not in name.parts and not _BESIDE.fullmatch(file.name):
            raw = file.read_bytes()
            if _is_mail(name, raw):
                yield str(name), raw


def _is_mail(name: Path, raw: bytes) -> bool:
    if name.suffix in _EXPECTATIONS or name.suffix != _ONLY.get(name.parts[0], name.suffix):
        return False
    # Bare texts lie beside the mails of one set.
    bare = name.parts[0] == "mimekit" and name.suffix in (".txt", ".html")
    return not bare or (name.suffix == ".txt" and _FIELD.match(raw[:200].lstrip()) is not None)


def words(text: str) -> str:
    """Text without regard to blanks and line ends, as expectations are compared."""
    return " ".join(text.split())
