"""What the settings allow and an operator probably did not mean. Looks at the configuration alone, opens nothing."""

from collections.abc import Iterator

from mailbot.app import check_border
from mailbot.config import Config
from mailbot.faults import Fault
from mailbot.sending.relay_connection import is_loopback

#: What comes of too little proof, by the key of `[trust]`.
_FORGED = {
    "customer": "others can write into a customer's case",
    "member": "others can give commands and write to customers in an agent's name",
    "dangerous": "others can come to see a case in an agent's name",
}


def setting_warnings(config: Config) -> Iterator[Fault]:
    """Yield what works and is probably not meant."""

    def warning(key: str, wrong: str) -> Fault:
        return Fault(file=str(config.file), key=key, wrong=wrong)

    if config.listen.public and not config.listen.tls_certificate:
        wrong = f"everyone can reach {config.listen.host} and mail comes in unencrypted; give listen.tls_certificate"
        yield warning(
            "listen.host", f"{wrong}, and agents cannot log in without it" if config.listen.auth != "never" else wrong
        )
    yield from _relay_warnings(config)
    for number, mailbox in enumerate(config.mailboxes, 1):
        if mailbox.tls == "none" and not mailbox.host.startswith("127."):
            yield warning(f"mailbox[{number}].tls", f"the password goes unencrypted to {mailbox.host}; use 'implicit'")
    yield from _shadow_warnings(config)
    yield from check_border.warnings(config)
    for key, combination in config.trust.loosened():
        wrong = f"{combination!r} is less than the default asks for ({_FORGED[key]}); take it out unless you mean that"
        yield warning(f"trust.{key}", wrong)
    user, delimiter, _ = config.desk.address.rpartition("@")[0].partition(config.desk.delimiter)
    if delimiter and config.desk.reply_tokens == "subaddress":
        wrong = f"{config.desk.address} has the delimiter '{config.desk.delimiter}' itself: a mail server that cuts off"
        yield warning("desk.address", f"{wrong} what follows it delivers to {user!r}; take an address without")
    if config.desk.address.endswith(("@example.com", "@example.org", "@example.net")):
        yield warning("desk.address", f"{config.desk.address} is an example, nobody can write there; put in yours")


def _relay_warnings(config: Config) -> Iterator[Fault]:
    """Yield what would keep mail from people, or show it to others on its way."""
    relay, file = config.relay, str(config.file)
    if relay.kind == "maildir":
        wrong = f"mails go nowhere but into {relay.folder}; for customers set it to 'smtp'"
        yield Fault(file=file, key="relay.kind", wrong=wrong)
    elif is_loopback(relay.host):
        return
    elif relay.tls == "none":
        wrong = f"mails go unencrypted to {relay.host}; 'starttls' protects them"
        yield Fault(file=file, key="relay.tls", wrong=wrong)
    elif not relay.verify:
        wrong = (
            f"is false: anybody on the way to {relay.host} can read along; name a certificate in relay.trust instead"
        )
        yield Fault(file=file, key="relay.verify", wrong=wrong)


def _shadow_warnings(config: Config) -> Iterator[Fault]:
    """Yield what shadow mode does, and what would take mail away from those who answer it meanwhile."""
    if not config.shadow.to:
        return
    wrong = f"shadow mode: every notice goes to {config.shadow.to} and to nobody else; empty it for ordinary work"
    yield Fault(file=str(config.file), key="shadow.to", wrong=wrong)
    for number, mailbox in enumerate(config.mailboxes, 1):
        if mailbox.after != "keep":
            wrong = f"is '{mailbox.after}': in shadow mode others answer this mailbox, so leave it as it is with 'keep'"
            yield Fault(file=str(config.file), key=f"mailbox[{number}].after", wrong=wrong)
