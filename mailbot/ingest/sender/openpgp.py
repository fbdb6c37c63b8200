"""Which key signed a mail, and when: multipart/signed (RFC 3156) and cleartext (RFC 9580 section 7) signatures.

A signature counts for the address that its key is registered for, over the very bytes that came, and only where all
that is read of the mail stands inside of what was signed. Says nothing about what a signed mail may do, or whether it
is a copy of an older one: the rules decide that. Sequoia does the arithmetic; it gets small things only, and from
nobody but the bearer of a registered address.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice, pairwise

from pysequoia import Cert, Sig, verify
from pysequoia.packet import SignatureType

from mailbot.ingest.format import header, parameter, transfer
from mailbot.ingest.format.body import Body
from mailbot.ingest.format.leaf import Leaf
from mailbot.mail import Signed

#: More than any signature takes, armor included; several, and post-quantum ones, are not for mails of people.
LONGEST_SIGNATURE = 16_384
#: One more than belongs there.
_MOST_DELIMITERS = 4
_SIGNATURE = "application/pgp-signature"
_TYPES = (SignatureType.Binary, SignatureType.Text)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_ARMOR = b"-----BEGIN PGP SIGNATURE-----"
_CLEARTEXT = re.compile(
    rb"\s*-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z-]{1,40}: [^\n]{0,200}\n){0,10}[ \t]*\n"
    rb"(?P<text>(?:(?!-[^ ])[^\n]*\n)*?)"
    rb"(?P<signature>-----BEGIN PGP SIGNATURE-----[ \t]*\n[^-]{1,16384}-----END PGP SIGNATURE-----)\s*\Z"
)

#: From an address to the certificates that are registered for it.
KeysOf = Callable[[str], Sequence[Cert]]


def no_keys(_address: str) -> Sequence[Cert]:
    """Know nobody's key."""
    return ()


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What was signed, as bytes with CRLF line ends, and the signature."""

    data: bytes
    signature: bytes
    #: The Subject that the signed part repeats (RFC 9788), "" where it repeats none.
    subject: str = ""


def signed_part(raw: bytes, fields: header.Header) -> Wrapped | None:
    """Return the first part of a multipart/signed mail with its signature; None for any other, or an odd one."""
    kind = parameter.content_type(fields.only("content-type"))
    boundary = kind.parameters.get("boundary", "").encode("utf-8", "surrogateescape")
    protocol = kind.parameters.get("protocol", "").lower()
    if kind.value != "multipart/signed" or protocol != _SIGNATURE or not boundary:
        return None
    parts = _parts(raw[fields.body :], boundary)
    if len(parts) != 2:
        return None
    signature = _signature(parts[1])
    # RFC 3156 section 5: signed with CRLF line ends, whatever the way made of them.
    return Wrapped(_canonical(parts[0]), signature, _protected_subject(parts[0])) if signature else None


def cleartext(body: Body) -> tuple[Body, Wrapped] | None:
    """Return a mail that is one cleartext signature with its text taken out of the armor; None for any other mail."""
    if len(body.shown) != 1 or body.attachments or body.html:
        return None
    if _ARMOR not in body.shown[0].data:
        return None
    found = _CLEARTEXT.match(_LINE_END.sub(b"\n", body.shown[0].data))
    if found is None:
        return None
    # RFC 9580 section 7.1: dashes are escaped; section 7.2: blanks at the ends of lines do not count.
    lines = [line.removeprefix(b"- ").rstrip(b" \t") for line in found["text"].removesuffix(b"\n").split(b"\n")]
    leaf = replace(body.shown[0], data=b"\n".join(lines))
    return replace(body, plain=[leaf], shown=[leaf]), Wrapped(b"\r\n".join(lines), found["signature"])


def is_whole(mail: Body, part: Body) -> bool:
    """Is all that is read of a mail in its signed part? Two readers must not differ on where that ends."""
    if not mail.attachments or mail.attachments[-1].type != _SIGNATURE:
        return False
    attachments = mail.attachments[:-1]
    return _essence(mail.shown) == _essence(part.shown) and _essence(attachments) == _essence(part.attachments)


def verified(wrapped: Wrapped, certificates: Iterable[Cert]) -> Signed | None:
    """Return which of these keys signed, and when; None when none of them did, or is not valid (any more)."""
    if len(wrapped.signature) > LONGEST_SIGNATURE:
        return None
    try:
        usable = [one for one in certificates if not one.is_revoked]
        signature = Sig.from_bytes(wrapped.signature)
        at = signature.created
        if at is None or signature.signature_type not in _TYPES:
            return None
        found = verify(wrapped.data, store=lambda _ids: usable, signature=signature).valid_sigs
    except (RuntimeError, ValueError, TypeError, OverflowError):
        # What the library says of bytes that are no signature, and of one that does not fit.
        return None
    if len(found) != 1:
        return None
    key = str(found[0].certificate)
    at = at.astimezone(UTC)
    return Signed(key=key, at=at, digest=_digest(wrapped.data, key, at), subject=wrapped.subject)


def _digest(data: bytes, key: str, at: datetime) -> str:
    """One and the same for every copy of what was signed once, however its signature is spelt."""
    return hashlib.sha256(b"\0".join((key.encode(), at.isoformat().encode(), data))).hexdigest()


def _canonical(data: bytes) -> bytes:
    return _LINE_END.sub(b"\r\n", data)


def _parts(body: bytes, boundary: bytes) -> list[bytes]:
    """Cut at the delimiter lines (RFC 2046 section 5.1.1); [] unless they are as they must be, to the closing one."""
    line = re.compile(rb"(?:\A|\r\n|\n|\r)--" + re.escape(boundary) + rb"(?P<last>--)?[ \t]*(?:\r\n|\n|\r|\Z)")
    marks = list(islice(line.finditer(body), _MOST_DELIMITERS))
    if [bool(mark["last"]) for mark in marks] != [False, False, True]:
        return []
    return [body[one.end() : two.start()] for one, two in pairwise(marks)]


def _signature(part: bytes) -> bytes:
    """Return the armored signature of the second part, b"" where it is none."""
    if len(part) > LONGEST_SIGNATURE:
        return b""
    fields = header.read(part)
    if parameter.content_type(fields.value("content-type")).value != _SIGNATURE:
        return b""
    encoding = header.word(fields.value("content-transfer-encoding"))
    data, _ = transfer.decode(part[fields.body :], encoding)
    return data if b"-----BEGIN PGP SIGNATURE-----" in data else b""


def _protected_subject(part: bytes) -> str:
    fields = header.read(part)
    said = parameter.content_type(fields.value("content-type")).parameters
    if "hp" not in said and "protected-headers" not in said:
        return ""
    return next((field.shown for field in fields.all("subject") if field.shown), "")


def _essence(leaves: Iterable[Leaf]) -> list[tuple[object, ...]]:
    return [(one.index, one.type, _canonical(one.data), one.charset, one.flowed, one.delsp) for one in leaves]
