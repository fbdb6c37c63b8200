"""What `mailbot check` says of whose word counts and of reply addresses: what cannot be, what is unsafe."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from mailbot.app.root import fault
from mailbot.config import Config, IdentitySection
from mailbot.event import Visibility
from mailbot.facts import Token
from mailbot.faults import Fault
from mailbot.rules.identity.token import KeyRing, principal, reply_address


def check_reply_address(config: Config) -> None:
    """Raise Faults when the desk's address leaves no room for a token."""
    desk = config.outside()
    ring = KeyRing(desk.domain, (b"any",))
    token = Token(case=1, visibility=Visibility.PUBLIC, principal=principal(ring, desk.address))
    try:
        reply_address(ring, desk, token)
    except ValueError as error:
        wrong = f'{error}; choose a shorter one, or desk.reply_tokens = "subdomain"'
        raise fault(config, "desk.address", wrong) from None


def warnings(config: Config) -> Iterator[Fault]:
    """Yield what works and is probably not meant."""
    for key, wrong in _findings(config):
        yield Fault(file=str(config.file), key=key, wrong=wrong)


def _findings(config: Config) -> Iterator[tuple[str, str]]:
    vouched = config.identity.authserv_id or config.mailboxes
    if config.desk.reply_tokens == "none" and config.listen.auth == "never" and not vouched:
        wrong = "agents can prove nothing by mail: let them log in (listen.auth), or name a border that vouches"
        yield "desk.reply_tokens", wrong
    for key, wrong in config.identity.doubts():
        yield f"identity.{key}", wrong
    for number, mailbox in enumerate(config.mailboxes, 1):
        for key, wrong in mailbox.doubts():
            yield f"mailbox[{number}].{key}", wrong
    for name, listener in (("listen", config.listen), ("lmtp", config.lmtp)):
        if listener.enabled and listener.borders:
            yield from _of_listener(config.identity, f"{name}.borders", listener.borders)


def _of_listener(identity: IdentitySection, key: str, borders: Sequence[str]) -> Iterator[tuple[str, str]]:
    if identity.is_shared:
        wrong = f"{identity.border} sends for all its customers from the same addresses, so nobody's word counts here"
        yield key, f"{wrong}; fetch that mailbox by IMAP, as a [[mailbox]] with border = that kind"
    elif identity.border == "rfc8601" and not identity.authserv_id:
        yield "identity.authserv_id", f"is empty, so what the servers of {key} say about senders never counts"
    for network in borders:
        if ip_network(network).prefixlen == 0:
            yield key, f"{network} is everybody, so everybody can vouch for any sender; name your servers"
