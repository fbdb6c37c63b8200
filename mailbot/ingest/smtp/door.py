"""What the SMTP door takes and from whom: the replies to AUTH, MAIL, RCPT and DATA.

Accepts mail for this desk's own addresses and relays nothing. Says 250 only when the inbox has the mail durably;
trouble of ours is 451 and never shows its text. Never reads more of a mail than its author, and that only from agents
who logged in.
"""

import asyncio
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from aiosmtpd.smtp import MISSING

from mailbot.ingest.intake import Intake, Overloaded, OwnAddresses
from mailbot.ingest.smtp.gate import Gate
from mailbot.ingest.smtp.session import SmtpSession
from mailbot.ingest.where import where
from mailbot.mail import Envelope
from mailbot.ports import StoreAway
from mailbot.ports.records import Arrival

_log = structlog.get_logger(__name__)

#: Mails larger than this are digested beside the loop, so that no other client waits for it.
_LARGE = 128 * 1024

_TROUBLE = "451 4.3.0 Something went wrong here; please try again later"
_OVERLOADED = "451 4.3.2 Too much mail is waiting here; please try again in a minute"
_STORE_AWAY = "451 4.3.0 Mail cannot be stored just now; please try again later"
_DISK_FULL = "452 4.3.1 There is too little space here just now; please try again later"
_BARRED = "421 4.7.0 Too many failed log-ins; please try again later"
#: The same whatever is wrong with it: nobody learns here how near a guess was.
_NOT_VALID = "550 5.1.1 This reply address is not valid; please write to the desk's plain address instead"
#: What it is that is not wanted here, nobody learns.
_UNWANTED = "550 5.7.1 This mail is not wanted here"
_WRONG = "535 5.7.8 Address or password is wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What the door needs to know and to reach; all of it comes from outside."""

    intake: Intake
    own: OwnAddresses
    #: The present instant, aware, UTC.
    now: Callable[[], datetime]
    #: The digest of a mail without its trace fields.
    digest: Callable[[bytes], str]
    #: The one well-formed mailbox of the one From field of a mail, lower case, or "".
    author: Callable[[bytes], str]
    #: Is this the password of this address? None where nobody may log in. Called in a thread.
    password: Callable[[str, bytes], bool] | None = None
    #: All addresses, lower case, that an agent who logged in with this one may write from.
    addresses: Callable[[str], Collection[str]] = lambda login: (login,)
    #: Why a stranger's mail is not wanted, "" for one that is; called in a thread.
    unwanted: Callable[[Envelope, bytes], str] = lambda _envelope, _raw: ""
    #: Did we make the token in this address of ours? Says nothing of whose it is.
    ours: Callable[[str], bool] = lambda _address: True
    #: Free bytes where the store lives.
    free_space: Callable[[], int] = lambda: 2**62
    #: What the borders are, as `Border` writes itself, for mail that comes from one.
    border: str = ""


class SmtpDoor:
    """The handler that all sessions of a listener share; aiosmtpd calls `handle_*`."""

    #: What an envelope says about where its mail came in.
    SOURCE = "smtp"

    def __init__(self, reception: Reception, gate: Gate) -> None:
        self._reception = reception
        self._gate = gate

    async def handle_exception(self, error: Exception) -> str:
        """Answer for a fault of ours: temporary, and without a word of the exception."""
        _log.error("smtp-fault", error=type(error).__name__, where=where(error))
        return _TROUBLE

    async def handle_EHLO(  # noqa: N802 - the library calls it so
        self, server: SmtpSession, session: Any, _envelope: Any, hostname: str, replies: list[str]
    ) -> list[str]:
        """Offer what we have; AUTH only where there are passwords."""
        session.host_name = hostname
        # The library's last line offers HELP.
        offered = [line for line in replies[:-1] if not line.startswith("250-AUTH")]
        if server.is_auth_offered and self._reception.password:
            offered.append("250-AUTH LOGIN PLAIN")
        return [*offered, "250-PIPELINING", "250 ENHANCEDSTATUSCODES"]

    async def handle_AUTH(self, server: SmtpSession, session: Any, envelope: Any, args: list[str]) -> str | None:  # noqa: N802 - the library calls it so
        """Log an agent in (RFC 4954), PLAIN (RFC 4616) or LOGIN."""
        if self._reception.password is None:
            return "503 5.5.1 Nobody can log in here"
        if envelope.mail_from:
            return "503 5.5.1 Log in before MAIL"
        credentials = await _credentials(server, args)
        if credentials is None:
            return None
        login, password = credentials
        if not self._gate.may_try(server.peer, login, self._reception.now()):
            _log.warning("login-barred", peer=server.peer)
            server.say_goodbye(_BARRED)
            return None
        if await asyncio.to_thread(self._reception.password, login, password):
            self._gate.welcome(server.peer, login)
            session.authenticated = True
            session.auth_data = login
            return "235 2.7.0 Welcome"
        _log.warning("login-failed", peer=server.peer)
        server.failures += 1
        if server.failures >= server.limits.failures_per_connection:
            server.say_goodbye(_BARRED)
            return None
        return _WRONG

    async def handle_MAIL(  # noqa: N802 - the library calls it so
        self, server: SmtpSession, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Begin a mail if there is room for one."""
        if self._reception.free_space() < max(server.limits.disk_floor, server.limits.message_size * 3 // 2):
            _log.warning("disk-full")
            return _DISK_FULL
        if self._reception.intake.full:
            return _OVERLOADED
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - the library calls it so
        self, server: SmtpSession, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str | None:
        """Take a recipient that is ours; nothing is relayed."""
        is_border = self._gate.is_border(server.peer)
        if refusal := self._refusal(address, is_border=is_border):
            # A border brings everybody's mistakes on one connection.
            server.refused_recipients += not is_border
            if server.refused_recipients > server.limits.refused_recipients:
                server.say_goodbye("421 4.7.0 Too many unknown recipients; goodbye")
                return None
            return refusal
        if len(envelope.rcpt_tos) >= server.limits.recipients:
            return "452 4.5.3 Too many recipients; please send the rest in another mail"
        envelope.rcpt_tos.append(address.lower())
        return "250 2.1.5 OK"

    def _refusal(self, address: str, *, is_border: bool) -> str:
        """Return what is said to a recipient that is not ours, "" to one that is.

        A border has taken the mail already: told no, it would send a report to a sender who may be forged. It knows
        our addresses but no tokens, so one that is not ours comes in and is worth nothing.
        """
        own = self._reception.own
        if own.purpose(address):
            return "" if is_border or not own.shows_token(address) or self._reception.ours(address) else _NOT_VALID
        if own.hosts(address.rpartition("@")[2]):
            return "550 5.1.1 Nobody here has this address"
        return "550 5.7.1 This server takes mail for its own desk only"

    async def handle_DATA(self, server: SmtpSession, session: Any, envelope: Any) -> str:  # noqa: N802 - the library calls it so
        """Store the mail; 250 is a promise that it is durable."""
        raw: bytes = envelope.content
        login = session.auth_data or ""
        if login and self._reception.author(raw) not in self._reception.addresses(login):
            return "550 5.7.1 The From of this mail is not an address of the agent who logged in"
        arrivals = await self._arrivals(server, login, envelope)
        if not login and await self._is_unwanted(server, arrivals):
            return _UNWANTED
        return await self._stored(*arrivals)

    async def _is_unwanted(self, server: SmtpSession, arrivals: Sequence[Arrival]) -> bool:
        """Is it a stranger's mail that nobody here wants? Never with a token of ours, never one that a border took."""
        own = self._reception.own
        paths = [path for one in arrivals for path in one.envelope.forward_paths]
        if self._gate.is_border(server.peer) or any(own.shows_token(p) and self._reception.ours(p) for p in paths):
            return False
        envelope = replace(arrivals[0].envelope, forward_paths=tuple(paths))
        why = await asyncio.to_thread(self._reception.unwanted, envelope, arrivals[0].raw)
        if why:
            _log.info("mail-refused", peer=server.peer, reason=why)
        return bool(why)

    async def _stored(self, *arrivals: Arrival) -> str:
        """Store arrivals of one mail together and say how that went."""
        try:
            await self._reception.intake.put(*arrivals)
        except Overloaded:
            return _OVERLOADED
        except StoreAway:
            return _STORE_AWAY
        return "250 2.0.0 OK, we have it"

    async def _arrivals(self, server: SmtpSession, login: str, envelope: Any) -> list[Arrival]:
        """Return one arrival for each of the desk's addresses that the mail is for."""
        raw: bytes = envelope.content
        known = await self._digest(raw)
        received_at = self._reception.now()
        border = self._reception.border if self._gate.is_border(server.peer) else ""
        return [
            Arrival(
                envelope=Envelope(
                    received_at=received_at,
                    source=self.SOURCE,
                    reverse_path="" if envelope.mail_from == "<>" else envelope.mail_from,
                    forward_paths=paths,
                    session=login,
                    border=border,
                    peer=server.peer,
                ),
                raw=raw,
                digest=known,
                purpose=purpose,
            )
            for purpose, paths in self._reception.own.by_purpose(envelope.rcpt_tos).items()
        ]

    async def _digest(self, raw: bytes) -> str:
        """Digest a large mail beside the loop."""
        if len(raw) < _LARGE:
            return self._reception.digest(raw)
        return await asyncio.to_thread(self._reception.digest, raw)


async def _credentials(server: SmtpSession, args: list[str]) -> tuple[str, bytes] | None:
    """Read address and password; None when the client was already told what was wrong."""
    given = _decoded(args[1]) if len(args) > 1 else b""
    if given is None:
        await server.push("501 5.5.2 Expected base64")
        return None
    if args[0] == "PLAIN":
        return await _plain(server, given or await server.challenge_auth(""))
    login = given or await server.challenge_auth(server.AuthLoginUsernameChallenge)
    password = MISSING if login is MISSING else await server.challenge_auth(server.AuthLoginPasswordChallenge)
    if login is MISSING or password is MISSING:
        return None
    return _account(login), password


async def _plain(server: SmtpSession, answer: Any) -> tuple[str, bytes] | None:
    """Read authorization identity NUL login NUL password (RFC 4616 section 2); no one logs in for another."""
    if answer is MISSING:
        return None
    parts = answer.split(b"\0")
    if len(parts) != 3 or parts[0] not in (b"", parts[1]):
        await server.push("501 5.5.2 Expected an address and its password")
        return None
    return _account(parts[1]), parts[2]


def _account(login: bytes) -> str:
    return login.decode("ascii", "replace").strip().lower()


def _decoded(text: str) -> bytes | None:
    """Decode an initial response; a single "=" stands for an empty one (RFC 4954 section 4)."""
    if text == "=":
        return b""
    try:
        return b64decode(text, validate=True)
    except NotBase64:
        return None
