"""Mails signed as mail programs sign them, with keys made here and now."""

from dataclasses import dataclass
from functools import cache

from pysequoia import Cert, SignatureMode, Tsk, sign

BOUNDARY = "signed-boundary"
TEXT_PART = "Content-Type: text/plain; charset=utf-8\r\n\r\n"


@dataclass(frozen=True)
class Signer:
    """Somebody with a key."""

    secret: Tsk

    @property
    def public(self) -> Cert:
        """What the desk gets to know."""
        return self.secret.extract_certificate()

    def detached(self, data: bytes) -> str:
        """Sign bytes as they are."""
        return sign(self.secret.signer(), data, mode=SignatureMode.DETACHED).decode()

    def clear(self, text: str) -> str:
        """Sign a text that stays readable."""
        return sign(self.secret.signer(), text.encode(), mode=SignatureMode.CLEAR).decode()


@cache
def signer(name: str) -> Signer:
    """Return the one of that name, the same in all tests of a process."""
    return Signer(Tsk.generate(f"{name} <{name}@example.com>"))


def mime(part: str, signature: str, *, sender: str, **fields: str) -> bytes:
    """Put a part and its signature into a mail (RFC 3156); `fields` have underscores for hyphens."""
    head = {"From": sender, "To": "support@example.com", "Subject": "Printer", "Message-ID": "<s1@example.com>"}
    head |= {name.replace("_", "-"): value for name, value in fields.items()}
    head.setdefault(
        "Content-Type",
        f'multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"; boundary="{BOUNDARY}"',
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    armored = signature.replace("\r\n", "\n").replace("\n", "\r\n")
    whole = (
        f"{lines}MIME-Version: 1.0\r\n\r\n--{BOUNDARY}\r\n{part}\r\n--{BOUNDARY}\r\n"
        f"Content-Type: application/pgp-signature; name=signature.asc\r\n\r\n{armored}\r\n--{BOUNDARY}--\r\n"
    )
    return whole.encode()


def signed(by: Signer, text: str = "", *, sender: str, part: str = "", **fields: str) -> bytes:
    """Write a signed mail of one text."""
    part = part or TEXT_PART + text.replace("\n", "\r\n")
    return mime(part, by.detached(part.encode()), sender=sender, **fields)
