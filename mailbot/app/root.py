"""The composition root: the only place, with its neighbours in `app`, where adapters are made, from the configuration.

Each function makes one thing. What cannot be made as it is configured is a fault with its file and key; a store that is
away is `StoreAway`. Decides nothing, starts nothing.
"""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from urllib.parse import quote

import structlog

from mailbot.app.check_cases import lost, names_of
from mailbot.app.node import owner
from mailbot.clock import SystemClock
from mailbot.config import Config
from mailbot.config.file import read_secret, secret_file
from mailbot.faults import Fault, Faults
from mailbot.ingest.sender.openpgp_keys import KeyFolder
from mailbot.ingest.smtp.listener import server_tls
from mailbot.login.passwords import PasswordFault, Passwords
from mailbot.model import Case
from mailbot.notices.render import TemplateRenderer
from mailbot.notices.render_answers import AnswersFolder
from mailbot.people import Desk
from mailbot.ports import Relay
from mailbot.ports.login import TokenSource
from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.sending.relay import MaildirRelay, Smarthost, SmtpRelay
from mailbot.store.database import StoreRefused
from mailbot.store.directory import DirectoryFile
from mailbot.store.sql import SqlStore, has_tables, open_store
from mailbot.store.tally import names_in_use
from mailbot.store.upgrade import SchemaUnknown

log = structlog.get_logger("mailbot.app.root")

CLOCK = SystemClock()

#: The shortest key that may sign tokens, in bytes.
SHORTEST_KEY = 16


def fault(config: Config, key: str, wrong: str) -> Faults:
    """Return the one fault of a key of the configuration file, to be raised."""
    return Faults([Fault(file=str(config.file), key=key, wrong=wrong)])


def process_of(config: Config) -> Process:
    """Read the desk's process."""
    try:
        return load_process(config.desk.process)
    except OSError as error:
        raise fault(config, "desk.process", f"{config.desk.process} cannot be read ({error.strerror})") from None


def fits(config: Config, process: Process, store: SqlStore) -> None:
    """Raise Faults when cases stand on a status, a priority or a type that the process does not have."""
    known = names_of(process)
    if any(used - known[key] for key, used in names_in_use(store).items()):
        known_to(config, process, store.cases())


def known_to(config: Config, process: Process, cases: Sequence[Case]) -> None:
    """Raise Faults for what these cases stand on and the process does not have: nothing can be computed of them."""
    if found := list(lost(cases, process, desk_of(config, process))):
        raise Faults(Fault(file=str(config.desk.process), key=key, wrong=wrong) for key, wrong in found)


def key_of(config: Config, environ: Mapping[str, str]) -> bytes:
    """Read the key that signs tokens."""
    text = read_secret(config.secrets.key, environ, key="secrets.key").get_secret_value()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < SHORTEST_KEY:
        wrong = (
            f"holds no key: write at least {SHORTEST_KEY} bytes in hexadecimal, such as `openssl rand -hex 32` gives"
        )
        raise Faults([Fault(file=str(config.secrets.key), key="secrets.key", wrong=wrong)])
    return key


def passwords_of(config: Config, environ: Mapping[str, str]) -> Passwords:
    """Read the agents' password hashes."""
    text = read_secret(config.secrets.passwords, environ, key="secrets.passwords").get_secret_value()
    try:
        return Passwords.parse(config.secrets.passwords, text)
    except PasswordFault as error:
        raise Faults([Fault(file="", key="", wrong=str(error))]) from None


def renderer_of(config: Config) -> TemplateRenderer:
    """Make the renderer of notices; a broken template of the operator is told in the log."""
    folder = config.templates.folder
    return TemplateRenderer(folder if folder.is_dir() else None, lambda text: log.error("template-broken", alarm=text))


def answers_of(config: Config) -> AnswersFolder:
    """Make the desk's canned answers; one with a fault is told in the log when an agent asks for it."""
    return AnswersFolder(config.templates.answers, lambda text: log.error("answer-broken", alarm=text))


def tls_of(config: Config, environ: Mapping[str, str]) -> ssl.SSLContext | None:
    """Make what the listener shows to clients, None without a certificate."""
    listen = config.listen
    if not (listen.enabled and listen.tls_certificate and listen.tls_key):
        return None
    try:
        return server_tls(listen.tls_certificate, secret_file(listen.tls_key, environ))
    except ssl.SSLError as error:
        wrong = (
            f"does not serve with its key ({error.reason or error}); give a PEM certificate and the key that made it"
        )
    except OSError as error:
        wrong = f"cannot be read ({error.strerror}); name the PEM files of the certificate and of its key"
    raise fault(config, "listen.tls_certificate", wrong)


def store_of(config: Config, environ: Mapping[str, str], role: str) -> SqlStore:
    """Open the store for a loop; `role` and this node name who takes leases. Raises Faults, StoreAway."""
    url = store_url(config, environ)
    try:
        config.store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = owner(config, role)
    except OSError as error:
        wrong = f"{config.store.folder} cannot be made ({error.strerror}); name a folder that mailbot may write in"
        raise fault(config, "store.folder", wrong) from None
    with _fit(config):
        return open_store(url, config.store.folder, owner=name)


def is_made(config: Config, environ: Mapping[str, str]) -> bool:
    """Is there a store already? Makes none. Raises Faults, StoreAway."""
    file = config.database_file()
    if file:
        return file.exists()
    with _fit(config):
        return has_tables(store_url(config, environ))


def store_url(config: Config, environ: Mapping[str, str]) -> str:
    """Return the store's URL with the password from its file, never to be shown. Raises Faults."""
    url = config.database_url()
    if not config.store.password_file:
        return url
    password = read_secret(config.store.password_file, environ, key="store.password_file").get_secret_value()
    return with_password(url, password)


@contextmanager
def _fit(config: Config) -> Iterator[None]:
    """Say of a database that cannot be used, whatever the time, which key names it. Raises Faults."""
    try:
        yield
    except (SchemaUnknown, StoreRefused) as unfit:
        raise fault(config, "store.url", str(unfit)) from None


def people_of(config: Config, store: SqlStore, *, alarms: bool = True) -> DirectoryFile:
    """Make the directory's reader; the store keeps the snapshots that decisions cite.

    A broken file is an alarm once: of several loops that read it, the one that decides tells.
    """
    tell = log.error if alarms else log.debug
    return DirectoryFile(
        config.directory.file,
        roles=process_of(config).roles,
        alarm=lambda text: tell("directory-broken", alarm=text),
        keep=partial(store.snapshot, "directory"),
        last=partial(store.last_snapshot, "directory"),
    )


def keys_of(config: Config) -> KeyFolder:
    """Make the reader of the agents' OpenPGP keys; a broken file is told in the log."""
    return KeyFolder(config.directory.keys, lambda text: log.error("key-broken", alarm=text))


def desk_of(config: Config, process: Process) -> Desk:
    """Return the outside face of the desk: its settings, and the addresses that its process adds."""
    desk = config.outside()
    address = process.escalation.address if process.escalation else ""
    return replace(desk, purposes={f"{address}@{desk.domain}": "escalation"}) if address else desk


def relay_of(
    config: Config,
    environ: Mapping[str, str],
    tokens: TokenSource | None = None,
    alive: Callable[[], None] = lambda: None,
) -> Relay:
    """Make what takes outgoing mail away; `tokens` is how it logs in where there is no password.

    `alive` is called every few seconds while the relay is waited for.
    """
    relay = config.relay
    if relay.kind == "maildir":
        return MaildirRelay(relay.folder)
    password = ""
    if relay.password_file:
        password = read_secret(relay.password_file, environ, key="relay.password_file").get_secret_value()
    try:
        return SmtpRelay(
            Smarthost(
                host=relay.host,
                port=relay.port,
                tls=relay.tls,
                verify=relay.verify,
                tokens=tokens,
                mechanism=relay.oauth_mechanism,
                user=relay.user,
                password=password,
                hello=socket.gethostname(),
                timeout=relay.timeout_seconds,
                trust=relay.trust,
            ),
            alive,
        )
    except ValueError as error:
        raise fault(config, "relay.tls", str(error)) from None
    except OSError as error:
        raise fault(config, "relay.trust", f"does not serve: {error.strerror or error}") from None


def with_password(url: str, password: str) -> str:
    """Return a database URL with the password behind the user's name."""
    scheme, separator, rest = url.partition("://")
    user, at, place = rest.partition("@")
    return f"{scheme}{separator}{user}:{quote(password, safe='')}{at}{place}" if at else url
