"""The agents' passwords: scrypt hashes in one file of mode 0600, a line each, `ADDRESS:HASH`.

Checks a password and makes the line for a new one. Never keeps, prints or logs a password, and never draws the
salt itself: randomness comes from the caller.
"""

import hmac
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import scrypt
from pathlib import Path

#: Cost of a new hash: 16 MB of memory and some 50 ms of one core (RFC 7914 section 2).
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1
#: The costliest hash that a file may ask for; more is a mistake that would freeze the log-in.
_MOST_COST = 2**17
_LENGTH = 32
#: A salt should have this many bytes.
SALT_LENGTH = 16


class PasswordFault(Exception):
    """The password file cannot be used; the message names file and line and says what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hash:
    """One stored hash and what it was made with."""

    cost: int
    block: int
    parallel: int
    salt: bytes
    key: bytes

    def of(self, password: bytes) -> bytes:
        """Compute the key of a password in the same way."""
        memory = 132 * self.cost * self.block * self.parallel + 1024 * 1024
        return scrypt(
            password, salt=self.salt, n=self.cost, r=self.block, p=self.parallel, dklen=_LENGTH, maxmem=memory
        )

    @classmethod
    def read(cls, text: str) -> "_Hash":
        """Read `scrypt$COST$BLOCK$PARALLEL$SALT$KEY`; raises ValueError."""
        scheme, cost, block, parallel, salt, key = text.split("$")
        made = cls(
            cost=int(cost),
            block=int(block),
            parallel=int(parallel),
            salt=b64decode(salt, validate=True),
            key=b64decode(key, validate=True),
        )
        if scheme != "scrypt" or made.cost > _MOST_COST or made.block > _BLOCK or made.parallel > _BLOCK:
            raise ValueError(text)
        # RFC 7914 section 2: the cost is a power of two above one.
        if made.cost < 2 or made.cost & (made.cost - 1) or len(made.key) != _LENGTH:
            raise ValueError(text)
        return made


#: Checked against for an unknown address, so that it costs what a known one costs and tells nothing.
_NOBODY = _Hash(cost=_COST, block=_BLOCK, parallel=_PARALLEL, salt=bytes(SALT_LENGTH), key=bytes(_LENGTH))


def password_line(address: str, password: str, salt: bytes) -> str:
    """Return the line of the password file for this address; `salt` is `SALT_LENGTH` random bytes."""
    key = _Hash(cost=_COST, block=_BLOCK, parallel=_PARALLEL, salt=salt, key=b"").of(password.encode())
    parts = ("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), b64encode(salt).decode(), b64encode(key).decode())
    return f"{address.lower()}:{'$'.join(parts)}"


class Passwords:
    """Who may log in, as the file said when it was read."""

    def __init__(self, hashes: Mapping[str, _Hash]) -> None:
        self._hashes = dict(hashes)

    @classmethod
    def read(cls, path: Path) -> "Passwords":
        """Read the file. Raises PasswordFault when it is missing, readable by others or not well-formed."""
        return cls.parse(path, _private_text(path))

    @classmethod
    def parse(cls, path: Path, text: str) -> "Passwords":
        """Read what the file at `path` holds. Raises PasswordFault when it is not well-formed."""
        hashes: dict[str, _Hash] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            address, _, hashed = line.strip().rpartition(":")
            if not address or address.lower() in hashes:
                raise PasswordFault(f"{path}:{number}: expected one line ADDRESS:HASH for each address")
            try:
                hashes[address.lower()] = _Hash.read(hashed)
            except ValueError:
                # The fault must not show the hash.
                raise PasswordFault(
                    f"{path}:{number}: the hash of {address} is not one that mailbot made (scrypt$...)"
                ) from None
        return cls(hashes)

    @property
    def addresses(self) -> frozenset[str]:
        """Who has a password, in lower case."""
        return frozenset(self._hashes)

    def check(self, address: str, password: bytes) -> bool:
        """Is this the password (UTF-8) of this address? Takes the same time whether the address is known or not."""
        stored = self._hashes.get(address.lower())
        right = hmac.compare_digest((stored or _NOBODY).of(password), (stored or _NOBODY).key)
        return right and stored is not None


def _private_text(path: Path) -> str:
    """Read a file that nobody but its owner may read."""
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise PasswordFault(f"{path}: others can read it (mode {mode:04o}); run `chmod 600 {path}`")
            return file.read()
    except OSError as error:
        raise PasswordFault(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise PasswordFault(f"{path}: is not a text file in UTF-8") from None
