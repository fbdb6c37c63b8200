"""What `mailbot doctor` finds of the servers that mail comes from and goes to, and of their names.

Logs in for real, and as the daemon would. Sends nothing, marks nothing.
"""

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_address

from mailbot.app.doctor_home import hosts_of_store, nearest
from mailbot.app.doctor_part import Finding, Ground, Part, counted, failed, unused, warning, well
from mailbot.app.login import tokens_of
from mailbot.app.mailbox import mailbox_of, trust_of
from mailbot.app.root import relay_of
from mailbot.config import Config
from mailbot.ingest.imap.mailbox import Mailbox
from mailbot.ingest.imap.poller import Trouble
from mailbot.ingest.imap.visit import ImapVisit
from mailbot.resolver import NameUnknown, NoNameServer
from mailbot.sending.relay import SmtpRelay

#: Trouble with a mailbox, by its kind: what to do. `{n}` is its number, as in the configuration's overrides.
_MAILBOX_ADVICE = {
    "unreachable": "check mailbox[{n}].host and .port, the network, and firewalls on the way",
    "certificate": "name the server as its certificate does in mailbox[{n}].host, or its authority in .trust",
    "tls": "set mailbox[{n}].port and .tls as the server has them: 993 with implicit, 143 with starttls",
    "password": "put the right password into mailbox[{n}].password_file; some want an app password, or OAuth2",
    "token": "see the page of your provider in docs/operate.md: client, scope, consent, and the mailbox's permission",
    "limit": "end other programs on this mailbox, or set a longer mailbox[{n}].poll_seconds",
    "unavailable": "wait: what is away is not yours; if it lasts, see the provider's own pages",
    "folder": "name a folder that is there in mailbox[{n}].folder, spelt as the server does",
    "readonly": 'allow writing in that folder, or set mailbox[{n}].after = "keep"',
}
_CAPABILITIES = ("IDLE", "UIDPLUS", "MOVE")

#: What is done with an open connection.
Look = Callable[[ImapVisit], Iterator[Finding]]

#: What a relay's answer holds, and what to do; the first that fits.
_RELAY_ADVICE = (
    (
        "certificate not accepted",
        "name the relay as its certificate does (relay.host), or its authority in relay.trust",
    ),
    ("refused the login", "put the right name and password into relay.user and relay.password_file"),
    ("wants another login", "the relay wants a log-in: give relay.user and relay.password_file"),
    ("offers no login", "give the port where the relay takes log-ins (587 or 465), or another relay.oauth_mechanism"),
    ("refused", "check relay.host and relay.port: nothing listens there"),
    ("timed out", "check relay.host and relay.port, the network, and firewalls on the way"),
    ("no TLS at once", 'relay.tls does not fit relay.port: "implicit" goes with 465, "starttls" with 25 and 587'),
    ("STARTTLS", 'the relay offers no STARTTLS there: another relay.port, or relay.tls = "implicit"'),
    ("SSL", 'relay.tls does not fit relay.port: "implicit" goes with 465, "starttls" with 25 and 587'),
    ("closed", 'relay.tls does not fit relay.port: "implicit" goes with 465, "starttls" with 25 and 587'),
)

#: Somebody who is not the relay's own (RFC 2606): asked for, never written to.
STRANGER = "postmaster@example.org"
#: What a relay says that is not open for us: RFC 3463 section 3.8 (X.7.1), and in words.
_DENIED = re.compile(r"\b[45]\.7\.1\b|\brelay(ing)?\b.*\b(denied|not|prohibited)\b|unable to relay", re.IGNORECASE)
_OPEN = "the relay must take mail from the desk's address to anybody: a log-in, or this machine's address there"

#: RFC 2606 and RFC 6761: names that nobody has.
_NOBODYS = (".test", ".example", ".invalid", ".localhost", ".local", ".internal")
_EXAMPLES = ("example.com", "example.org", "example.net")


def mailbox_parts(config: Config) -> Iterator[Part]:
    """Yield each mailbox as a part of its own."""
    if not config.mailboxes:
        yield Part(name="mailboxes", attempt=_no_mailbox)
    for number, section in enumerate(config.mailboxes, 1):
        yield Part(name=f"mailbox {section.name}", attempt=partial(_mailbox, number))


def _no_mailbox(_ground: Ground) -> Iterator[Finding]:
    yield unused("none is fetched from")


def _mailbox(number: int, ground: Ground) -> Iterator[Finding]:
    mailbox = mailbox_of(ground.config, number, ground.environ)
    yield from visited(ground, mailbox, number, partial(_looked_at, mailbox, number))


def visited(ground: Ground, mailbox: Mailbox, number: int, look: Look) -> Iterator[Finding]:
    """Log in and look; what stands in the way is a finding."""
    try:
        ground.around.resolver.addresses(mailbox.host)
    except (NameUnknown, NoNameServer) as trouble:
        yield _nameless(mailbox.host, trouble, f"mailbox[{number}].host")
        return
    visit = ImapVisit(mailbox, trust_of(ground.config, number))
    try:
        visit.connect()
        yield from look(visit)
    except Trouble as trouble:
        advice = _MAILBOX_ADVICE.get(trouble.kind, "see whether another mail program gets on with this server")
        yield failed(str(trouble), advice.format(n=number))
    finally:
        visit.close()


def _looked_at(mailbox: Mailbox, number: int, visit: ImapVisit) -> Iterator[Finding]:
    folder = visit.open()
    offered = visit.offered(_CAPABILITIES)
    how = {"implicit": "over TLS", "starttls": "over STARTTLS", "none": "without TLS"}[mailbox.tls]
    idles = mailbox.idle and "IDLE" in offered
    news = "IDLE tells of new mail at once" if idles else f"without IDLE, looked at every {mailbox.poll_seconds:g} s"
    mails = f"{mailbox.folder} has {counted(folder.exists, 'mail')}"
    yield well(f"{mailbox.user} on {mailbox.host}: logged in {how}, {mails}, {news}")
    if mailbox.after == "move" and not visit.has_folder(mailbox.move_to):
        found = f"there is no folder {mailbox.move_to} to move mails to"
        yield failed(found, f"make it, or correct mailbox[{number}].move_to")
    expunged = mailbox.after == "delete" or (mailbox.after == "move" and "MOVE" not in offered)
    if expunged and "UIDPLUS" not in offered:
        found = "no UIDPLUS: stored mails are marked as deleted and stay until somebody expunges them"
        yield warning(found, 'let the server expunge them by itself, or set after = "seen"')


def relay(ground: Ground) -> Iterator[Finding]:
    """Would it take a mail? Goes as far as the recipient and takes it back."""
    section, desk = ground.config.relay, ground.config.desk.address
    if section.kind == "maildir":
        place = nearest(section.folder)
        if not os.access(place, os.W_OK | os.X_OK):
            yield failed(f"the Maildir {section.folder} cannot be written", "give mailbot's user the folder")
        else:
            found = f"outgoing mail lies in the Maildir {section.folder} and goes nowhere else"
            yield warning(found, 'for customers set relay.kind = "smtp"')
        return
    try:
        ground.around.resolver.addresses(section.host)
    except (NameUnknown, NoNameServer) as trouble:
        yield _nameless(section.host, trouble, "relay.host")
        return
    way = relay_of(ground.config, ground.environ, tokens_of(ground.config, "relay", section, ground.environ))
    assert isinstance(way, SmtpRelay)
    own = _answered(way, section.host, section.port, desk)
    yield own
    if own.state == "well":
        yield from _outside(way, f"{section.host} port {section.port}", desk)


def _outside(way: SmtpRelay, place: str, desk: str) -> Iterator[Finding]:
    """Say whether the relay refuses everybody who is not its own; that it knows no such address is no fault of it."""
    reply = way.try_out(desk, STRANGER)
    said = f"{reply.code} {reply.status} {reply.text}".replace("  ", " ")
    if reply.accepted or (reply.status.startswith("5.1.") and not _DENIED.search(said)):
        return
    if _DENIED.search(said):
        yield failed(f"{place} takes mail for its own people only: for {STRANGER} it says {said}", _OPEN)
    else:
        found = f"{place} takes no mail for {STRANGER}: {said}"
        yield warning(found, "look in the relay's log whether people elsewhere would be refused too")


def _answered(way: SmtpRelay, host: str, port: int, desk: str) -> Finding:
    reply = way.try_out(desk)
    place, said = f"{host} port {port}", f"{reply.code} {reply.status} {reply.text}".replace("  ", " ")
    if reply.accepted:
        return well(f"{place} takes mail of {desk} (tried without sending: {said})")
    if reply.away:
        advice = next((advice for sign, advice in _RELAY_ADVICE if sign in reply.text), "see the relay's own log")
        return failed(f"{place}: {reply.text}", advice)
    if reply.permanent:
        return failed(f"{place} refuses a mail from and to {desk}: {said}", _OPEN)
    return warning(f"{place} puts off a mail from and to {desk}: {said}", "try again later; letters wait meanwhile")


def names(ground: Ground) -> Iterator[Finding]:
    """Do the configured hosts have addresses, and has the desk's domain what mail needs?"""
    yield from _hosts(ground)
    yield from _domain(ground)


def _hosts(ground: Ground) -> Iterator[Finding]:
    config = ground.config
    named = {box.host: f"mailbox[{number}].host" for number, box in enumerate(config.mailboxes, 1)}
    if config.relay.kind == "smtp":
        named[config.relay.host] = "relay.host"
    named |= dict.fromkeys(hosts_of_store(config), "store.url")
    for host, key in named.items():
        if _is_address(host):
            continue
        try:
            yield well(f"{host}: {', '.join(ground.around.resolver.addresses(host))}")
        except (NameUnknown, NoNameServer) as trouble:
            yield _nameless(host, trouble, key)


def _nameless(host: str, trouble: Exception, key: str) -> Finding:
    if isinstance(trouble, NoNameServer):
        return failed(f"no name server answers for {host}", "check the network and /etc/resolv.conf")
    return failed(f"the name {host} is not known", f"correct {key}")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _domain(ground: Ground) -> Iterator[Finding]:
    """What customers need to write to the desk, and their servers to believe its mail."""
    domain, resolver = ground.config.outside().domain, ground.around.resolver
    if domain in _EXAMPLES or domain.endswith(_NOBODYS) or "." not in domain:
        yield unused(f"{domain} is a name that nobody has: its records are not asked for")
        return
    try:
        mx = resolver.records(domain, "MX")
        spf = [text for text in resolver.records(domain, "TXT") if text.lower().startswith("v=spf1")]
    except NameUnknown:
        yield failed(f"the desk's domain {domain} is not known: nobody can write there", "correct desk.address")
        return
    except NoNameServer:
        yield warning(f"no name server answers for {domain}", "check the network and /etc/resolv.conf")
        return
    if not mx or mx == (".",):
        yield warning(f"{domain} has no MX record: mail for {ground.config.desk.address} finds no server", _ZONE)
    else:
        yield well(f"mail for {domain} goes to {', '.join(mx)}")
    if ground.config.relay.kind == "smtp":
        yield from _policies(ground, domain, spf)


_ZONE = "enter one in the domain's zone, unless customers reach it another way"


def _policies(ground: Ground, domain: str, spf: list[str]) -> Iterator[Finding]:
    """RFC 7208 and RFC 7489: what other servers go by when mail comes from the desk."""
    if len(spf) != 1:
        said = "has no SPF record" if not spf else f"has {len(spf)} SPF records, which counts as none"
        yield warning(f"{domain} {said}: its mail is easily taken for spam", "enter one that names the relay")
    try:
        dmarc = [
            text for text in ground.around.resolver.records(f"_dmarc.{domain}", "TXT") if text.startswith("v=DMARC1")
        ]
    except (NameUnknown, NoNameServer):
        dmarc = []
    if not dmarc:
        yield warning(f"{domain} has no DMARC record: others can write in its name", f"enter one at _dmarc.{domain}")
