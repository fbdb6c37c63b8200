"""Tokens: what makes an answer believed, signed into the addresses and Message-IDs of our notices.

A token says which case, which visibility and whose answer; nobody can make one without a key, or turn one into another.
`verify` is the one function that believes a token, whatever field it came in. It looks nothing up and never decides
what a valid token allows, nor whether the case's epoch has moved on.

The 27 bytes, in base32 without padding 44 characters (some relays fold the case of a local part, so lower case):

    key id 1 | purpose 1 | case 4 | principal 4 | epoch 1 | HMAC-SHA-256 over these and the domain, first 16 of 32

The address of one action (a click on `reopen`) says which, and at which state of the case. It has less of the seal for
it, 96 bits, which is more than anybody can try by sending mail (RFC 2104 section 5 asks for 80):

    key id 1 | purpose 1 | case 4 | principal 4 | word 3 | state 2 | the same, first 12 of 32

The return path of one letter (variable envelope return path) says which, so that only who got the letter, or carried
it, can report on it; nothing else is believed of what comes there:

    key id 1 | purpose 1 | case 4 | principal 4 | letter 5 | the same, first 12 of 32
"""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from mailbot.event import Visibility
from mailbot.facts import Token
from mailbot.people import DELIMITERS, TOKEN_LENGTH, Desk, Person, ReplyTokens

#: How long a token is, in characters.
LENGTH = TOKEN_LENGTH
#: RFC 5321 section 4.5.3.1.1, in octets.
LONGEST_LOCAL_PART = 64

_CLAIMS = struct.Struct(">BBI4sB")
_SEAL_LENGTH = 16
_ACTION_CLAIMS = struct.Struct(">BBI4s5s")
_ACTION_SEAL_LENGTH = 12
_WORD_LENGTH, _STATE_LENGTH = 3, 2
_PRINCIPAL_LENGTH = 4
_HIGHEST_CASE = 2**32 - 1
_HIGHEST_EPOCH = 2**8 - 1
_PADDING = "===="
#: A token behind a delimiter, or alone before the @.
_TOKEN_IN_TEXT = re.compile(r"(?:[+=_.-]|%2B|%3D|(?<![\w+=.-]))[a-z2-7]{44}(@|%40)", re.IGNORECASE)

_PUBLIC, _INTERNAL, _PERSONAL = 1, 2, 3
_ACTION_PUBLIC, _ACTION_INTERNAL = 4, 5
_ACTIONS = (_ACTION_PUBLIC, _ACTION_INTERNAL)
_RETURN = 6
#: Those with five bytes of their own, and the shorter seal.
_LONG_CLAIMS = (*_ACTIONS, _RETURN)
_LETTER_LENGTH = 5


@dataclass(frozen=True)
class KeyRing:
    """The secrets of a desk. To rotate, put a new key first; drop an old one when its tokens may die."""

    #: The desk's domain: a token of one domain is worth nothing in another.
    domain: str
    #: The first signs, all verify; each names itself by an id made from it, so order and number may change.
    keys: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse a ring that could sign nothing, or with nothing."""
        if not self.keys or not all(self.keys):
            raise ValueError(f"the key ring of {self.domain} needs at least one key, and none that is empty")

    def __repr__(self) -> str:
        """Show no key."""
        return f"KeyRing({self.domain!r}, {len(self.keys)} keys)"


def principal(ring: KeyRing, address: str) -> bytes:
    """Return the digest that stands for an address in new tokens; letter case does not matter."""
    return _principal(ring.keys[0], address)


def principals(ring: KeyRing, address: str) -> tuple[bytes, ...]:
    """Return the digests that stand for an address in tokens of all keys, of the newest first."""
    return tuple(_principal(key, address) for key in ring.keys)


@cache
def word_mark(word: str) -> bytes:
    """Return the part of an action's mark that stands for its word alone."""
    return hashlib.sha256(word.encode()).digest()[:_WORD_LENGTH]


def mark(word: str, state: str = "") -> bytes:
    """Return what stands for an action in its tokens: the word, and the state of the case that it was offered in.

    No secret: the seal keeps one mark from becoming another.
    """
    return word_mark(word) + hashlib.sha256(state.encode()).digest()[:_STATE_LENGTH]


def sign(ring: KeyRing, token: Token) -> str:
    """Return the token's text. Raises ValueError when a value does not fit its place."""
    internal = token.visibility is Visibility.INTERNAL
    purpose = _PERSONAL if token.personal else _INTERNAL if internal else _PUBLIC
    without_case = token.personal or (bool(token.letter) and not token.case)
    if not 0 <= token.case <= _HIGHEST_CASE or bool(token.case) is without_case:
        raise ValueError(f"case {token.case}: a reply token names one from 1 to {_HIGHEST_CASE}, a personal token none")
    if not 0 <= token.epoch <= _HIGHEST_EPOCH:
        raise ValueError(f"epoch {token.epoch}: it is a number from 0 to {_HIGHEST_EPOCH}")
    if len(token.principal) != _PRINCIPAL_LENGTH:
        raise ValueError(f"principal: {len(token.principal)} bytes; it is the {_PRINCIPAL_LENGTH} of `principal`")
    key = ring.keys[0]
    if token.letter:
        return _text(_of_letter(ring, token))
    if not token.mark:
        claims = _CLAIMS.pack(_key_id(key), purpose, token.case, token.principal, token.epoch)
        return _text(claims + _seal(key, ring.domain, claims))
    if len(token.mark) != _WORD_LENGTH + _STATE_LENGTH or token.personal or token.epoch:
        raise ValueError(f"mark: {token.mark!r}; it is that of `mark`, and its token names a case and no epoch")
    purpose = _ACTION_INTERNAL if internal else _ACTION_PUBLIC
    claims = _ACTION_CLAIMS.pack(_key_id(key), purpose, token.case, token.principal, token.mark)
    return _text(claims + _seal(key, ring.domain, claims))


def _of_letter(ring: KeyRing, token: Token) -> bytes:
    if len(token.letter) != _LETTER_LENGTH or token.mark or token.personal or token.epoch:
        message = f"letter: {token.letter!r}; it is {_LETTER_LENGTH} bytes, and its token has no mark and no epoch"
        raise ValueError(message)
    key = ring.keys[0]
    claims = _ACTION_CLAIMS.pack(_key_id(key), _RETURN, token.case, token.principal, token.letter)
    return claims + _seal(key, ring.domain, claims)


def verify(ring: KeyRing, text: str, sender: str = "") -> Token | None:
    """Return what a token says, or None for anything that we did not sign; never raises.

    `sender` is the address that the token would have to belong to: where it does, the principal is the one that
    `principal` gives for it, also for a token that an older key signed. Without it tokens of older keys
    stay valid, but look like somebody else's.
    """
    raw = _bytes(text)
    length = (_ACTION_CLAIMS if raw and raw[1] in _LONG_CLAIMS else _CLAIMS).size
    claims, seal = raw[:length], raw[length:]
    for key in ring.keys:
        if raw and claims[0] == _key_id(key) and hmac.compare_digest(seal, _seal(key, ring.domain, claims)):
            token = _token(claims)
            if sender and hmac.compare_digest(token.principal, _principal(key, sender)):
                return replace(token, principal=principal(ring, sender))
            return token
    return None


def reply_address(ring: KeyRing, desk: Desk, token: Token) -> str:
    """Return the address for a reply: support+TOKEN@example.com, TOKEN@r.example.com, or the desk's plain one.

    Raises ValueError when the desk's local part leaves no room for a token.
    """
    if desk.reply_tokens is ReplyTokens.NONE:
        return desk.address
    return _address_with(sign(ring, token), desk)


def return_paths(ring: KeyRing, desk: Desk, addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the return paths of letters of ours among addresses, spelt as we spelt them, in order, each once.

    None of them is a reply address: `tokens_in_addresses` does not know them.
    """
    texts = [text for text in _subaddresses(desk, addresses) if (known := verify(ring, text)) and known.letter]
    return tuple(dict.fromkeys(_address_with(text.lower(), desk) for text in texts))


def personal_address(ring: KeyRing, desk: Desk, person: Person) -> str:
    """Return the address of the desk that is a member's own: it counts as their token where no case is named."""
    who = principal(ring, person.address)
    token = Token(case=0, visibility=Visibility.PUBLIC, principal=who, personal=True, epoch=person.address_epoch)
    return reply_address(ring, desk, token)


def blanked(text: str, desk: Desk) -> str:
    """Return a text without the tokens of our addresses in it: each is one person's, and texts go on to others."""
    return re.sub(_TOKEN_IN_TEXT, r"\1", text) if desk.domain in text.lower() else text


def tokens_in_addresses(ring: KeyRing, desk: Desk, addresses: Iterable[str], sender: str = "") -> tuple[Token, ...]:
    """Return the valid tokens in reply addresses of the desk, of whichever form, in order, each once."""
    return _valid(ring, _subaddresses(desk, addresses), sender)


def message_id(ring: KeyRing, token: Token, unique: str, domain: str) -> str:
    """Return a Message-ID that carries the token: <TOKEN.UNIQUE@example.com>."""
    return f"<{sign(ring, token)}.{unique}@{domain}>"


def tokens_in_message_ids(ring: KeyRing, desk: Desk, ids: Iterable[str], sender: str = "") -> tuple[Token, ...]:
    """Return the valid tokens in msg-ids of the desk's domain, or of a host in it, in order, each once."""
    return _valid(ring, _tags(desk, ids), sender)


def _valid(ring: KeyRing, texts: Iterable[str], sender: str) -> tuple[Token, ...]:
    tokens = (verify(ring, text, sender) for text in texts)
    return tuple(dict.fromkeys(token for token in tokens if token is not None and not token.letter))


def _address_with(text: str, desk: Desk) -> str:
    if desk.reply_tokens is ReplyTokens.SUBDOMAIN:
        return f"{text}@{desk.reply_domain}"
    local_part = _local_part(desk) + text
    if len(local_part.encode()) > LONGEST_LOCAL_PART:
        room = LONGEST_LOCAL_PART - LENGTH - len(desk.delimiter.encode())
        raise ValueError(f"{desk.address}: the part before the @ may have {room} octets, so that a token fits after it")
    return f"{local_part}@{desk.domain}"


def _local_part(desk: Desk) -> str:
    return desk.address.rpartition("@")[0] + desk.delimiter


def _subaddresses(desk: Desk, addresses: Iterable[str]) -> Iterator[str]:
    user = desk.address.rpartition("@")[0].lower()
    for address in addresses:
        local_part, _, domain = address.rpartition("@")
        if desk.reply_domain and domain.lower() == desk.reply_domain:
            yield local_part
        elif domain.lower() == desk.domain.lower() and local_part[: len(user)].lower() == user:
            delimiter, text = local_part[len(user) :][:1], local_part[len(user) + 1 :]
            if delimiter and delimiter in DELIMITERS:
                yield text


def _tags(desk: Desk, ids: Iterable[str]) -> Iterator[str]:
    for msg_id in ids:
        left, _, right = msg_id.removeprefix("<").removesuffix(">").rpartition("@")
        if f".{right}".lower().endswith(f".{desk.domain}".lower()):
            yield left.partition(".")[0]


def _token(claims: bytes) -> Token:
    if claims[1] in _ACTIONS:
        _, purpose, case, who, action = _ACTION_CLAIMS.unpack(claims)
        visibility = Visibility.INTERNAL if purpose == _ACTION_INTERNAL else Visibility.PUBLIC
        return Token(case=case, visibility=visibility, principal=who, mark=action)
    if claims[1] == _RETURN:
        _, _, case, who, letter = _ACTION_CLAIMS.unpack(claims)
        return Token(case=case, visibility=Visibility.INTERNAL, principal=who, letter=letter)
    _, purpose, case, who, epoch = _CLAIMS.unpack(claims)
    visibility = Visibility.INTERNAL if purpose == _INTERNAL else Visibility.PUBLIC
    return Token(case=case, visibility=visibility, principal=who, personal=purpose == _PERSONAL, epoch=epoch)


def _text(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").removesuffix(_PADDING).lower()


def _bytes(text: str) -> bytes:
    """Decode a text of exactly the right length and spelling; empty for any other."""
    # Beyond ASCII there are letters that fold to ASCII ones, such as the Kelvin sign.
    if len(text) != LENGTH or not text.isascii():
        return b""
    try:
        raw = base64.b32decode(text.upper() + _PADDING)
    except ValueError:
        return b""
    # The last character has four bits to spare: only one of its sixteen spellings is ours.
    return raw if _text(raw) == text.lower() else b""


def _digest(key: bytes, purpose: bytes, *parts: bytes) -> bytes:
    """The only place that uses a key: what is made for one purpose is worth nothing for another."""
    return hmac.digest(key, b"\0".join((b"mailbot 1", purpose, *parts)), "sha256")


def _key_id(key: bytes) -> int:
    return _digest(key, b"key id")[0]


def _seal(key: bytes, domain: str, claims: bytes) -> bytes:
    if claims[1] in _LONG_CLAIMS:
        return _digest(key, b"action", domain.lower().encode(), claims)[:_ACTION_SEAL_LENGTH]
    return _digest(key, b"token", domain.lower().encode(), claims)[:_SEAL_LENGTH]


def _principal(key: bytes, address: str) -> bytes:
    return _digest(key, b"principal", address.lower().encode(errors="surrogatepass"))[:_PRINCIPAL_LENGTH]
