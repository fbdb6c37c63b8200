"""`mailbot doctor` and a probe mail: what a mailbox's border writes, whether it can be believed, what to configure.

A probe is a genuine mail that the operator wrote from an account elsewhere; or one that mailbot sends to its own
address with a forged result in it, to see whether the border takes it out. Changes nothing but for that one mail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from pathlib import Path

from mailbot.app.doctor_mail import visited
from mailbot.app.doctor_part import Finding, Ground, Part, failed, unused, warning, well
from mailbot.app.mailbox import mailbox_of
from mailbot.app.root import key_of, relay_of
from mailbot.app.work import loop_mark
from mailbot.clock import random_bytes
from mailbot.config import Config
from mailbot.ingest.imap.visit import ImapVisit
from mailbot.ingest.parse import read_mail
from mailbot.ingest.sender.border import FORGED, forged_in, results_in, shown
from mailbot.mail import Authentication, Border, BorderKind, Envelope
from mailbot.people import Proof
from mailbot.rules.identity.trust import proofs_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which probe is wanted; at most one of them."""

    #: A mail that was saved from a mailbox.
    file: Path | None = None
    #: Whose newest mail in each mailbox is looked at.
    sender: str = ""
    #: Is a mail with a forged result to be sent?
    send: bool = False


def probe_parts(config: Config, wanted: Wanted) -> Iterator[Part]:
    """Yield what is to be done about the probe; nothing where none is wanted."""
    if wanted.file:
        yield Part(name="probe", attempt=partial(_of_file, wanted.file))
    if wanted.sender and not config.mailboxes:
        yield Part(name="probe", attempt=_nowhere)
    if wanted.sender:
        for number, section in enumerate(config.mailboxes, 1):
            yield Part(name=f"mailbox {section.name}", attempt=partial(_of_mailbox, number, wanted.sender))
    if wanted.send:
        yield Part(name="probe", attempt=_sent)


def _nowhere(_ground: Ground) -> Iterator[Finding]:
    yield unused(
        "no mailbox is fetched from: save the mail on the server before mailbot, and give it with --probe FILE"
    )


def _of_file(file: Path, ground: Ground) -> Iterator[Finding]:
    """Hold the mail against each place of the configuration that names a border."""
    raw, config = file.read_bytes(), ground.config
    if _listens(config):
        yield from judged(raw, _LISTENER, config.identity.border_of_listener(config.outside().domain), config)
    for number in range(1, len(config.mailboxes) + 1):
        yield from _of_one(raw, number, config)


def _of_one(raw: bytes, number: int, config: Config) -> Iterator[Finding]:
    section = config.mailboxes[number - 1]
    yield from judged(raw, f'[[mailbox]] name = "{section.name}"', section.border_of(config.outside().domain), config)


def _listens(config: Config) -> bool:
    return config.listen.enabled or config.lmtp.enabled


def _of_mailbox(number: int, sender: str, ground: Ground) -> Iterator[Finding]:
    # Read-only, whatever becomes of stored mails: a look must not even take the mark of a new mail away.
    mailbox = replace(mailbox_of(ground.config, number, ground.environ), after="keep")

    def look(visit: ImapVisit) -> Iterator[Finding]:
        visit.open()
        raw = visit.newest("FROM", sender)
        if raw is None:
            advice = f"write one to {ground.config.desk.address} from there, and look again in a minute"
            yield failed(f"no mail from {sender} lies in {mailbox.folder}", advice)
            return
        yield from _of_one(raw, number, ground.config)

    yield from visited(ground, mailbox, number, look)


def judged(raw: bytes, place: str, ours: Border, config: Config) -> Iterator[Finding]:
    """Say what the border found out, whether that is believed as it is configured, and what would be right."""
    there = shown(raw, config.outside().domain)
    if _verifies(raw, ours):
        yield well(f"{place}: {_called(ours)} is believed: {_said(raw, ours)}")
    elif there is None:
        ids = ", ".join(filter(None, results_in(raw))) or "none"
        nothing = f"{place}: no server's word on this mail can be believed (results of: {ids})"
        yield failed(nothing, "let the server before it write Authentication-Results (Rspamd, OpenDKIM with OpenDMARC)")
    elif not _verifies(raw, there):
        nobody = f"{place}: {_called(there)} vouches for nobody: {_said(raw, there)}"
        yield warning(nobody, "write the probe from an account whose provider signs its mail")
    else:
        said = f"{_called(there)} vouches for the sender ({_said(raw, there)})"
        # A provider sends everybody's mail from the same addresses: only in a mailbox of one's own its word counts.
        shared = place == _LISTENER and there.kind in (BorderKind.MICROSOFT365, BorderKind.GMAIL)
        advice = "fetch that mailbox by IMAP, as a [[mailbox]] with these lines" if shared else _CAREFULLY
        found = (failed if ours.authserv_id else warning)(f"{place}: {said}, and mailbot does not believe it", advice)
        yield replace(found, lines=lines_of(there))
    yield from _forgery(raw, place, ours)


_LISTENER = "[identity]"
_CAREFULLY = "if you know that server, put these lines there; write * for what changes from mail to mail"

#: Begins the Message-ID of each probe.
PROBE = "<mailbot-doctor."
#: When a mail arrived says nothing about its sender.
_WHENEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _verifies(raw: bytes, border: Border) -> bool:
    mail = read_mail(raw, border=str(border))
    envelope = Envelope(received_at=_WHENEVER, source="probe", border=str(border))
    return bool({Proof.VERIFIED, Proof.SESSION} & proofs_of(mail, envelope))


def _said(raw: bytes, border: Border) -> str:
    mail = read_mail(raw, border=str(border))
    found: Authentication = mail.authentication
    parts = [f"dmarc={found.dmarc} for {found.dmarc_from or 'nobody'}"] if found.dmarc else []
    parts += [f"dkim=pass for {', '.join(found.dkim)}"] if found.dkim else []
    parts += [f"spf={found.spf}"] if found.spf else []
    parts += [f"logged in as {found.auth}"] if found.auth else []
    parts += [f"submitted inside {', '.join(found.inside)}"] if found.inside else []
    return "; ".join(parts) or "no results"


def _called(border: Border) -> str:
    return {
        BorderKind.RFC8601: f"the server {border.authserv_id or '(none named)'}",
        BorderKind.MICROSOFT365: "Microsoft 365",
        BorderKind.GMAIL: "Gmail",
        BorderKind.EXCHANGE: "Exchange",
    }[border.kind]


def lines_of(border: Border) -> tuple[str, ...]:
    """Return the lines of `mailbot.toml` that name this border."""
    hosts = ", ".join(f'"{host}"' for host in border.hosts)
    lines = (
        f'border = "{border.kind}"',
        f'authserv_id = "{border.authserv_id}"' if border.kind is BorderKind.RFC8601 else "",
        f"border_hosts = [{hosts}]" if hosts else "",
        'border_results = "all"  # only if it takes forged ones out: mailbot doctor --send-probe'
        if border.every_field
        else "",
    )
    return tuple(filter(None, lines))


def _forgery(raw: bytes, place: str, border: Border) -> Iterator[Finding]:
    """Of a probe that mailbot sent: did the border take the forged result out, and would it be believed?"""
    if PROBE.encode() not in raw:
        return
    if read_mail(raw, border=str(border)).authentication.dmarc_from == FORGED:
        found = f"{place}: the forged result of the probe is believed: anybody can write in anybody's name"
        yield failed(found, "empty authserv_id until the border takes such fields out (RFC 8601 section 5)")
    elif forged_in(raw):
        found = f"{place}: the forged result came through: the border does not take out what senders forge"
        yield warning(found, 'let it (RFC 8601 section 5); until then never set border_results = "all" here')
    else:
        yield well(f"{place}: the forged result is gone: the border takes out what senders forge")


def _sent(ground: Ground) -> Iterator[Finding]:
    config = ground.config
    ids = sorted(filter(None, {config.identity.authserv_id, *(box.authserv_id for box in config.mailboxes)}))
    if config.relay.kind == "maildir":
        yield unused("nothing was sent: outgoing mail only goes into a Maildir")
        return
    if not ids:
        yield unused("nothing was sent: no authserv_id is configured that could be forged; learn it with --probe-from")
        return
    desk = config.desk.address
    way = relay_of(config, ground.environ)
    reply = way.send(desk, desk, probe(config, key_of(config, ground.environ), ids, ground.around.clock.now()))
    way.close()
    if reply.accepted:
        yield well(f"a probe went to {desk}; in a minute look at what came of it: mailbot doctor --probe-from {desk}")
    else:
        yield failed(f"the relay does not take the probe: {reply.code} {reply.text}", "see `mailbot doctor`")


def probe(config: Config, key: bytes, ids: Sequence[str], now: datetime) -> bytes:
    """Build a mail to the desk itself with a forged result; our loop mark lets the daemon pass over it."""
    desk = config.desk.address
    mail = EmailMessage(policy=SMTP)
    for authserv_id in ids:
        # On top, where the border's own would stand.
        # A pattern stands for hosts, and these are what a forger would name.
        mail["Authentication-Results"] = f"{authserv_id.replace('*', 'mx1')}; dmarc=pass header.from={FORGED}"
    mail["From"] = mail["To"] = desk
    mail["Subject"] = "A probe of mailbot doctor"
    mail["Date"] = now
    mail["Message-ID"] = f"{PROBE}{random_bytes(8).hex()}@{config.outside().domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Mailbot-Loop"] = loop_mark(key, desk)
    mail.set_content("mailbot doctor sent this to see whether a forged Authentication-Results field comes through.\n")
    return mail.as_bytes()
