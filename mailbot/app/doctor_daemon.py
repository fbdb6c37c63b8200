"""What `mailbot doctor` finds of the running daemon: its loops, its listener, and the clock that all of it goes by."""

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from mailbot.app.doctor_part import Finding, Ground, failed, unused, warning, well
from mailbot.app.ingest import try_port
from mailbot.app.root import store_url, tls_of
from mailbot.config import Config
from mailbot.config.mail import ListenSection, LmtpSection
from mailbot.daemon.lock import holder
from mailbot.daemon.loops import Role
from mailbot.faults import Faults
from mailbot.ports import StoreAway
from mailbot.store.visit import visit

#: Seconds that our own listener may take for an answer.
ANSWER = 10.0
#: A certificate that ends sooner should have been renewed.
SOON = timedelta(days=14)
#: Two machines' clocks may differ by so much without a fault in either.
SKEW = timedelta(minutes=1)


def daemon(ground: Ground) -> Iterator[Finding]:
    """Is a daemon running on this state folder, with all three loops?"""
    folder = ground.config.store.folder
    boss = holder(folder, "supervisor")
    loops = {role: holder(folder, role) for role in Role}
    away = [role.value for role, process in loops.items() if process is None]
    if boss is None and len(away) == len(Role):
        yield warning(f"none runs on {folder}", "start it: `systemctl start mailbot`, or `mailbot run`")
    elif away:
        found = f"mailbot runs without {_and(away)}"
        start = (
            "it is starting anew, or see" if boss is not None else f"start it, `mailbot run --only {away[0]}`, or see"
        )
        yield failed(found, f"{start} the log: `journalctl -u mailbot`")
    else:
        numbers = ", ".join(f"{role} {process}" for role, process in loops.items())
        yield well(
            f"it runs, {'under one supervisor' if boss is not None else 'each loop alone'} (processes: {numbers})"
        )


def listener(ground: Ground) -> Iterator[Finding]:
    """Does it greet, or could it have its port? And until when is its certificate good?"""
    config = ground.config
    if not config.listen.enabled:
        yield unused("nothing listens for SMTP (listen.enabled = false)")
        return
    if holder(config.store.folder, Role.INGEST) is None:
        yield _free(config, "listen")
    else:
        yield from _greeting(config)
    if (tls := tls_of(config, ground.environ)) and config.listen.tls_certificate:
        yield from _certificate(config.listen.tls_certificate, tls, ground.around.clock.now())


def lmtp_listener(ground: Ground) -> Iterator[Finding]:
    """Does it greet, or could it have its port?"""
    config = ground.config
    if not config.lmtp.enabled:
        yield unused("nothing listens for LMTP (lmtp.enabled = false)")
    elif holder(config.store.folder, Role.INGEST) is None:
        yield _free(config, "lmtp")
    else:
        host, place = _place(config.lmtp)
        try:
            with smtplib.LMTP(host, config.lmtp.port, "localhost", timeout=ANSWER) as lmtp:
                lmtp.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            yield _deaf(place, error)
        else:
            yield well(f"mailbot greets on {place}")


def _free(config: Config, section: Literal["listen", "lmtp"]) -> Finding:
    try:
        try_port(config, section)
    except Faults as faults:
        return failed(faults.faults[0].wrong, f"see which program has it, `ss -tlnp`, or choose another {section}.port")
    _, place = _place(config.listen if section == "listen" else config.lmtp)
    return well(f"mailbot does not run; {place} is free for it")


def _place(section: ListenSection | LmtpSection) -> tuple[str, str]:
    """Return the host by which this machine reaches its own listener, and what to call the place."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(section.host, section.host)  # noqa: S104 - compared, not bound
    return host, f"port {section.port} on {host}"


def _greeting(config: Config) -> Iterator[Finding]:
    """Say hello to the running listener, and see which certificate it shows."""
    listen = config.listen
    host, place = _place(listen)
    try:
        served = _served(config, host)
    except smtplib.SMTPNotSupportedError:
        yield warning(f"{place} greets and offers no TLS, though a certificate is configured", _RESTART)
    except (OSError, smtplib.SMTPException) as error:
        yield _deaf(place, error)
    else:
        yield well(f"mailbot greets on {place}{' with TLS' if served else ''}")
        if served and listen.tls_certificate and served != _first(listen.tls_certificate):
            found = f"the running listener shows another certificate than {listen.tls_certificate} holds"
            yield warning(found, "restart mailbot after each renewal")


def _served(config: Config, host: str) -> bytes:
    """Return the certificate that the listener shows, b"" without TLS. Raises what smtplib and sockets raise."""
    listen = config.listen
    with _smtp(listen.tls_implicit, host, listen.port) as smtp:
        smtp.ehlo_or_helo_if_needed()
        if listen.tls_certificate and not listen.tls_implicit:
            smtp.starttls(context=_whoever())
        return (smtp.sock.getpeercert(binary_form=True) or b"") if isinstance(smtp.sock, ssl.SSLSocket) else b""


def _deaf(place: str, error: Exception) -> Finding:
    if isinstance(error, smtplib.SMTPConnectError):
        return failed(f"{place} answers {error.smtp_code} instead of a greeting", _RESTART)
    words = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return failed(f"mailbot runs and does not greet on {place} ({words})", _RESTART)


_RESTART = "restart mailbot; if it stays so, see its log and which program has the port (`ss -tlnp`)"


def _smtp(implicit: bool, host: str, port: int) -> smtplib.SMTP:
    if implicit:
        return smtplib.SMTP_SSL(host, port, "localhost", timeout=ANSWER, context=_whoever())
    return smtplib.SMTP(host, port, "localhost", timeout=ANSWER)


def _whoever() -> ssl.SSLContext:
    """Return TLS that asks for no proof: it is our own listener, on this machine, and gets no secret."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _first(certificate: Path) -> bytes:
    """Return the first certificate of a PEM file, the server's own (RFC 8446 section 4.4.2)."""
    head, end, _ = certificate.read_text(encoding="ascii", errors="replace").partition(ssl.PEM_FOOTER)
    return ssl.PEM_cert_to_DER_cert(ssl.PEM_HEADER + head.rpartition(ssl.PEM_HEADER)[2] + end)


def _certificate(file: Path, server: ssl.SSLContext, now: datetime) -> Iterator[Finding]:
    """Let a client that trusts just this certificate meet the server that shows it."""
    client = ssl.create_default_context(cadata=_first(file))
    client.check_hostname = False
    # RFC 5280 section 6.1: the certificate itself is the anchor, so its dates alone are looked at.
    client.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    try:
        shown = _met(client, server)
    except ssl.SSLCertVerificationError as error:
        yield failed(f"the certificate {file} does not serve: {error.verify_message}", "renew it, and restart mailbot")
        return
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    if end - now < SOON:
        yield warning(f"the certificate ends on {end:%Y-%m-%d}", "renew it, and restart mailbot")
    else:
        yield well(f"the certificate is good until {end:%Y-%m-%d}")


def _met(client: ssl.SSLContext, server: ssl.SSLContext) -> Mapping[str, object]:
    """Shake hands in memory and return what the client saw of the server."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(there, back, server_side=True)
    theirs = client.wrap_bio(back, there)
    for side in (theirs, ours, theirs, ours):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return theirs.getpeercert() or {}


def clock(ground: Ground) -> Iterator[Finding]:
    """Does something steer it, is the store's past behind it, is the desk's zone there?"""
    now = ground.around.clock.now()
    zone = ZoneInfo(ground.config.desk.timezone)
    steered = ground.around.synchronised()
    said = f"{now.astimezone(zone):%Y-%m-%d %H:%M} in {zone.key}"
    if steered is False:
        found = f"{said}; nothing steers the machine's clock, and deadlines go by it"
        yield warning(found, "`timedatectl set-ntp true`, or install chrony")
    else:
        yield well(f"{said}, {'steered by NTP' if steered else 'the kernel does not tell whether by NTP'}")
    try:
        sight = visit(store_url(ground.config, ground.environ))
    except StoreAway:
        # The store's own part has said so.
        return
    if sight and sight.newest and sight.newest > now + SKEW:
        found = f"the store's newest event is of {sight.newest:%Y-%m-%d %H:%M} UTC, which is still to come"
        yield failed(found, "set the clock right; if it was ahead then, `mailbot trace` shows which cases have it")


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
