"""Address lists by RFC 5322 section 3.4, read strictly: what is not a mailbox is nobody.

Structure is read first and encoded words are decoded after it, so no name can become an address. Linear, without
recursion: a thousand brackets are a thousand characters.
"""

import re
import unicodedata
from collections.abc import Iterator

from mailbot.ingest.format import encoded_word, header
from mailbot.mail import Mailbox

#: Addresses of one field that count.
_MOST = 2_000
_LONGEST = 320
_ATEXT = r"[^\s()<>\[\]:;@\\,\"\x00-\x20\x7f-\xa0]"
_LOCAL = re.compile(rf"{_ATEXT}{{1,128}}\Z|\"(?:[^\"\\\x00-\x1f\x7f]|\\[\x20-\x7e]){{1,128}}\"\Z")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\Z")
_LITERAL = re.compile(r"\[[0-9A-Za-z:.\-]{1,60}\]\Z")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_ENCODED_NAME = re.compile(r"=\?[^?\s]{1,70}\?[bBqQ]\?")


def mailboxes(text: str) -> tuple[Mailbox, ...]:
    """Every well-formed mailbox of an address list, in order; the rest is passed over."""
    found = (_mailbox(element) for element in _elements(text))
    return tuple(box for box in found if box)[:_MOST]


def single(text: str) -> Mailbox | None:
    """The mailbox of a field that holds exactly one, None otherwise. An element that is empty does not count.

    A group is none, though RFC 6854 lets From have one: what a border checks of it is anybody's guess. A field that
    breaks the rules and still can mean one address only is read kindly.
    """
    if not any(kind == ":" for kind, _ in _separators(text)):
        elements = [element for element in _elements(text) if element.strip() not in ("", "<>", '""<>', '"" <>')]
        if len(elements) == 1 and (found := _mailbox(elements[0])):
            return found
    return _mended(text)


def why_nobody(fields: header.Header) -> str:
    """Why From names no sender: what is odd about a header of which `single` makes nobody."""
    values = [field.value for field in fields.all("from")]
    if len(values) != 1:
        return f"{len(values)} From fields: which one counts is anybody's guess" if values else "no From field"
    if _CONTROL.search(values[0]):
        return "a control character in From: whoever reads it may see another address"
    if len(mailboxes(values[0])) > 1:
        return "several senders in From: which one wrote it is anybody's guess"
    return "From holds no address that can be read"


def well_formed(text: str) -> str:
    """An addr-spec in lower case, its domain in ASCII, or "" when it is none (RFC 5322 section 3.4.1)."""
    local, at, domain = text.rpartition("@")
    if not at or len(text) > _LONGEST or not _LOCAL.match(local) or header.clean(text) != text:
        return ""
    name = _domain(domain)
    return f"{local.translate(_LOWER)}@{name}" if name else ""


def _domain(text: str) -> str:
    if _LITERAL.match(text):
        return text.translate(_LOWER)
    labels = text.removesuffix(".").split(".")
    if text.isascii():
        return ".".join(labels).translate(_LOWER) if all(_LABEL.match(label) for label in labels) else ""
    try:
        ascii_form = text[:255].encode("idna").decode("ascii").lower()
        # What maps to other letters is another domain to whoever maps otherwise: full-width letters, the sharp s.
        return ascii_form if ascii_form.encode().decode("idna") == unicodedata.normalize("NFC", text).lower() else ""
    except (UnicodeError, ValueError):
        return ""


def _elements(text: str) -> Iterator[str]:
    """Split at the commas and semicolons between mailboxes; a group's name before its colon is dropped."""
    start = 0
    for character, position in _separators(text):
        if character != ":":
            yield text[start:position]
        start = position + 1
    yield text[start:]


def _separators(text: str) -> Iterator[tuple[str, int]]:
    """Every comma, semicolon and colon that stands between mailboxes, with its place."""
    angle = False
    for position, character in header.unquoted(text):
        if character in "<>":
            angle = character == "<"
        elif character in ",;:" and not angle:
            yield character, position


def _mailbox(element: str) -> Mailbox | None:
    bare = header.without_comments(element)
    if bare is None:
        return None
    bare = bare.strip()
    if not bare.endswith(">"):
        address = well_formed(bare)
        return Mailbox(address=address, name=_comment(element)) if address else None
    phrase, _, inner = bare[:-1].rpartition("<")
    last = inner.rpartition(":")[2] if inner.startswith("@") else inner  # RFC 5322 section 4.4: a route
    address = well_formed(last.strip())
    if not address or not _is_phrase(phrase.strip(), address):
        return None
    return Mailbox(address=address, name=_name(phrase) or _comment(element))


def _is_phrase(text: str, address: str) -> bool:
    """May this stand before the angle? An address only if it is the same: two are ambiguous (CVE-2023-27043)."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    if "@" in outside and not _ENCODED_NAME.match(outside) and well_formed(outside.strip("' ")) != address:
        return False
    return not any(character in outside for character in "<>[]\\")


#: A quoted pair is its second character, any other quote is none (RFC 5322 section 3.2.4).
_ESCAPED = re.compile(r'\\(.)|"')
#: What stands between the words of a field; a lone at sign is a word.
_BETWEEN = re.compile(r"[\s<>()\[\],;:\"]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,70}\?[bBqQ]\?[^?]*+\?=")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
#: The address in its angle, with what programs put around it; or at the end, behind a name.
_IN_ANGLE = re.compile(r"<(?:[^<>@]*[\s:])?([^\s<>@:]+@[^\s<>@]+)\s*(>*)[\s>]*\Z")
_AT_END = re.compile(r"[^<>,;:()\[\]@]*\s([^\s<>@]+@[^\s<>@]+)\s*\Z")


def _mended(text: str) -> Mailbox | None:
    """Read a mailbox out of a broken field that holds only one text with an at sign, be it in a comment or a name.

    Only what is quoted by the book, or encoded, may hold another: so whoever reads the field finds the same address.
    """
    outside = _ENCODED_WORD.sub(" ", _QUOTED.sub(" ", text))
    addresses = [word for word in _BETWEEN.split(outside) if "@" in word and word != "@"]
    bare = header.without_comments(outside.replace('"', " "))
    if bare is None or len(addresses) != 1 or _CONTROL.search(text):
        return None
    found = _IN_ANGLE.search(bare) or (None if "<" in bare or ">" in bare else _AT_END.match(bare))
    address = well_formed(found[1]) if found else ""
    if not found or not address:
        return None
    before, _, behind = text.rpartition(found[1])
    opened = found.re is _IN_ANGLE
    name = _name(before.rpartition("<")[0] if opened else before).rstrip(" :")
    # Nothing says of an angle that does not end, with nothing before it, that it is one.
    if (opened and not found[2] and not name) or '"' in behind or "=?" in behind:
        return None
    return Mailbox(address=address, name=name)


def _name(phrase: str) -> str:
    """The display name: quotes taken off, encoded words decoded also inside them, as real mail has them."""
    text = phrase.strip()
    if text.startswith('"'):
        text = _ESCAPED.sub(lambda found: found[1] or "", text)
        return header.clean(encoded_word.decoded(text)).strip("' ")
    return header.clean(encoded_word.decoded(text)).strip("\"' ")


def _comment(element: str) -> str:
    """The name that an old mail program put in a comment: `anna@example.com (Anna)`."""
    _, opened, rest = element.partition("(")
    return header.clean(encoded_word.decoded(rest.rpartition(")")[0])) if opened else ""
