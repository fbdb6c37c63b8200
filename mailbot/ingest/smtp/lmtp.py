"""The same door for a mail server in front that hands its mail over by LMTP: RFC 2033.

What differs from SMTP: LHLO greets, nobody logs in, and after DATA there is one reply for each recipient that was
taken, so that the server in front tries again only for those that failed. Never one reply for all: a server that
waits for more sends the mail again.
"""

import asyncio
from typing import Any

from mailbot.ingest.smtp.data import DataReader
from mailbot.ingest.smtp.door import SmtpDoor
from mailbot.ingest.smtp.session import SmtpSession
from mailbot.ports.records import Arrival

_NOT_SMTP = "500 5.5.1 This is LMTP: greet with LHLO"


class LmtpSession(SmtpSession):
    """One connection of a mail server in front."""

    IDENT = "LMTP"

    async def smtp_LHLO(self, arg: str) -> None:  # noqa: N802 - the library calls it so
        """Greet: as EHLO does (RFC 2033 section 4.1)."""
        await super().smtp_EHLO(arg)

    async def smtp_HELO(self, _arg: str) -> None:  # noqa: N802 - the library calls it so
        """Refuse SMTP's greeting, which a client of LMTP must not send (RFC 2033 section 4.1)."""
        await self.push(_NOT_SMTP)

    async def smtp_EHLO(self, _arg: str) -> None:  # noqa: N802 - the library calls it so
        """Refuse the other one."""
        await self.push(_NOT_SMTP)

    async def check_helo_needed(self, helo: str = "LHLO") -> bool:
        """Ask for the greeting that counts here."""
        needed: bool = await super().check_helo_needed(helo)
        return needed

    async def _outcome(self, data: DataReader) -> str:
        """What is wrong with the mail itself is wrong for each recipient (RFC 2033 section 4.2)."""
        assert self.envelope is not None
        reply = await super()._outcome(data)
        return "\r\n".join([reply] * len(self.envelope.rcpt_tos)) if data.fault is not None else reply


class LmtpDoor(SmtpDoor):
    """The handler that all LMTP sessions share."""

    SOURCE = "lmtp"

    async def handle_DATA(self, server: SmtpSession, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library calls it so
        """Store the mail for each of the desk's addresses by itself, and answer for each recipient in order.

        A mail that comes again for the one that failed is new to nobody else: the store knows it by its digest.
        """
        own = self._reception.own
        try:
            arrivals = await self._arrivals(server, "", envelope)
        except Exception as error:  # noqa: BLE001 - the session would answer once for all, and the client wait for more
            return "\r\n".join([await self.handle_exception(error)] * len(envelope.rcpt_tos))
        replies = await asyncio.gather(*(self._fate(arrival) for arrival in arrivals))
        fates = {arrival.purpose: reply for arrival, reply in zip(arrivals, replies, strict=True)}
        return "\r\n".join(fates[own.purpose(address)] for address in envelope.rcpt_tos)

    async def _fate(self, arrival: Arrival) -> str:
        try:
            return await self._stored(arrival)
        except Exception as error:  # noqa: BLE001 - a fault of ours with one is none with the others
            return await self.handle_exception(error)
