"""The OpenPGP keys that are registered: a folder with a file ADDRESS.asc for each address that has any.

A file's name says whose keys it holds, whatever names the keys give themselves. Read again when something changed; a
file that is broken counts for nobody, and the others go on.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pysequoia import Cert

from mailbot.faults import Fault

#: A file of keys is not larger than this, in bytes.
LARGEST_FILE = 1_000_000
_PUBLIC, _SECRET = b"-----BEGIN PGP PUBLIC KEY BLOCK-----", b"-----BEGIN PGP PRIVATE KEY BLOCK-----"
_NO_KEY = "holds no OpenPGP key; write what `gpg --armor --export ADDRESS` gives"
_NAME = re.compile(r"(?P<address>[^\s@<>,;:/\"()A-Z]+@[^\s@<>,;:/\"()A-Z]+)\.asc")


@dataclass(frozen=True, slots=True)
class Key:
    """One registered key."""

    address: str
    #: Hexadecimal.
    fingerprint: str
    #: When it expires, None for never.
    expires: datetime | None
    revoked: bool
    file: Path
    certificate: Cert = field(repr=False, compare=False)


def read_keys(folder: Path) -> tuple[tuple[Key, ...], tuple[Fault, ...]]:
    """Return the keys of a folder, by address, and what is wrong with its files; nothing where there is no folder."""
    keys: list[Key] = []
    faults: list[Fault] = []
    for file in sorted(_files(folder)):
        try:
            keys += _keys_in(file)
        except ValueError as wrong:
            faults.append(Fault(file=str(file), key="", wrong=str(wrong)))
    return tuple(keys), tuple(faults)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (file for file in folder.iterdir() if not file.name.startswith("."))


def _keys_in(file: Path) -> Iterator[Key]:
    """Yield the keys of a file. Raises ValueError that says what is wrong."""
    if (named := _NAME.fullmatch(file.name)) is None:
        raise ValueError("is not called after an address; call it ADDRESS.asc, in small letters: anna@example.com.asc")
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise ValueError("is too large for keys of one person; export the key with --export-options export-minimal")
        body = file.read_bytes()
        # Armored only: that says what it is, and nobody puts a secret key there unseen.
        certificates = Cert.split_bytes(body) if _PUBLIC in body else []
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from None
    except RuntimeError:
        raise ValueError(_NO_KEY) from None
    if _SECRET in body:
        raise ValueError("holds a secret key, which is its owner's alone; write what `gpg --armor --export` gives")
    if not certificates:
        raise ValueError(_NO_KEY)
    for one in certificates:
        try:
            expires = one.expiration.astimezone(UTC) if one.expiration else None
            yield Key(named["address"], one.fingerprint, expires, one.is_revoked, file, one)
        except RuntimeError:
            raise ValueError(f"holds the key {one.fingerprint}, which cannot be used; export it anew") from None


class KeyFolder:
    """The keys of a folder, kept in step with its files."""

    def __init__(self, folder: Path, alarm: Callable[[str], None] = lambda _text: None) -> None:
        """`alarm` is told once of each broken file."""
        self._folder = folder
        self._alarm = alarm
        self._seen: tuple[tuple[str, int, int], ...] | None = None
        self._keys: tuple[Key, ...] = ()
        self._told: frozenset[str] = frozenset()

    def of(self, address: str) -> Sequence[Cert]:
        """Return the certificates that are registered for exactly this address, lower case."""
        self._refresh()
        return [key.certificate for key in self._keys if key.address == address]

    def _refresh(self) -> None:
        try:
            stats = [(file.name, file.stat()) for file in sorted(_files(self._folder))]
            seen = tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
        except OSError as error:
            # Keys that cannot be looked at are nobody's.
            self._seen, self._keys = None, ()
            self._tell(frozenset({f"{self._folder}: cannot be read ({error.strerror})"}))
            return
        if seen == self._seen:
            return
        self._keys, faults = read_keys(self._folder)
        self._seen = seen
        self._tell(frozenset(map(str, faults)))

    def _tell(self, faults: frozenset[str]) -> None:
        for text in sorted(faults - self._told):
            self._alarm(text)
        self._told = faults
