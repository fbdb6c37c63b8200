"""Is everything that was configured fit to run? Every fault at once, and what is allowed but not wise.

Reads what the daemon would read; opens no store that is not there, listens nowhere, changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mailbot.app import fault, fits, key_of, passwords_of, process_of, store_of, tls_of
from mailbot.app_ingest import try_port
from mailbot.config import Config
from mailbot.config_file import load_config, read_secret
from mailbot.faults import Fault, Faults
from mailbot.people import Role
from mailbot.ports import StoreAway
from mailbot.render import TemplateRenderer
from mailbot.rules.calendar import Calendar
from mailbot.store.directory import DirectoryFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a check found."""

    #: What must be mended before mailbot can run.
    faults: tuple[Fault, ...]
    #: What works but is probably not meant.
    warnings: tuple[Fault, ...] = ()


def check_all(path: Path | None, environ: Mapping[str, str]) -> Findings:
    """Check the configuration and everything that it names."""
    try:
        config = load_config(path, environ)
    except Faults as faults:
        # The files cannot be looked at before it is known which they are.
        return Findings(faults=faults.faults)
    return Findings(faults=tuple(faults_of(config, environ)), warnings=tuple(warnings_of(config)))


def faults_of(config: Config, environ: Mapping[str, str]) -> Iterator[Fault]:
    """Yield every fault in what the configuration names."""
    yield from vital_faults(config, environ)
    yield from _caught(lambda: _check_templates(config))
    yield from _caught(DirectoryFile(config.directory.file).load)
    yield from _caught(lambda: _check_statuses(config, environ))


def vital_faults(config: Config, environ: Mapping[str, str]) -> Iterator[Fault]:
    """Yield the faults with which the daemon does not start.

    Broken templates and a broken directory are not among them: the shipped ones, and the last good one, stand in.
    """
    yield from _caught(lambda: process_of(config))
    yield from _caught(lambda: _check_holidays(config))
    yield from _caught(lambda: key_of(config, environ))
    if config.listen.enabled and config.listen.auth != "never":
        yield from _caught(lambda: passwords_of(config, environ))
    for key, file in _secret_files(config):
        yield from _caught(lambda key=key, file=file: read_secret(file, environ, key=key))  # type: ignore[misc]  # mypy cannot tell a default from a parameter
    yield from _caught(lambda: tls_of(config, environ))
    if not config.listen.enabled and not config.mailboxes:
        wrong = "nothing takes in mail: set listen.enabled = true, or give a [[mailbox]]"
        yield Fault(file=str(config.file), key="listen.enabled", wrong=wrong)


def first_start_faults(config: Config) -> Iterator[Fault]:
    """Yield what the loops would find only after they had made the state folder: a first start that fails leaves none.

    Later a broken directory is no fault: the last good one stands in.
    """
    if config.store.folder.exists():
        return
    yield from _caught(DirectoryFile(config.directory.file).load)
    if config.listen.enabled:
        yield from _caught(lambda: try_port(config))


def _caught(check: Callable[[], object]) -> Iterator[Fault]:
    try:
        check()
    except Faults as faults:
        yield from faults.faults


def _check_holidays(config: Config) -> None:
    try:
        Calendar(config.desk.timezone, country=config.desk.holidays)
    except ValueError as error:
        raise fault(config, "desk.holidays", str(error).partition(": ")[2] or str(error)) from None


def _check_templates(config: Config) -> None:
    folder = config.templates.folder
    renderer = TemplateRenderer(folder if folder.exists() else None)
    try:
        needed = sorted({command.notice for command in process_of(config).commands})
    except Faults:
        # Told already.
        needed = []
    if found := renderer.check_templates(needed):
        raise Faults(Fault(file=str(folder), key="", wrong=wrong) for wrong in found)


def _check_statuses(config: Config, environ: Mapping[str, str]) -> None:
    """Hold the process against the cases that there are; a store that was never made is none."""
    if not (config.store.folder / "raw").exists() and not list(config.store.folder.glob("*.db")):
        return
    try:
        process = process_of(config)
    except Faults:
        return
    try:
        store = store_of(config, environ, "check")
    except StoreAway as away:
        raise fault(config, "store.url", f"the store cannot be reached ({away})") from None
    try:
        fits(config, process, store)
    finally:
        store.close()


def _secret_files(config: Config) -> Iterator[tuple[str, Path]]:
    if config.store.password_file:
        yield "store.password_file", config.store.password_file
    if config.relay.kind == "smtp" and config.relay.password_file:
        yield "relay.password_file", config.relay.password_file
    for number, mailbox in enumerate(config.mailboxes, 1):
        yield f"mailbox[{number}].password_file", mailbox.password_file
    if config.listen.enabled and config.listen.tls_key:
        yield "listen.tls_key", config.listen.tls_key


def warnings_of(config: Config) -> Iterator[Fault]:
    """Yield what works and is probably not meant."""

    def warning(key: str, wrong: str) -> Fault:
        return Fault(file=str(config.file), key=key, wrong=wrong)

    if config.listen.public and not config.listen.tls_certificate:
        wrong = f"everyone can reach {config.listen.host} and mail comes in unencrypted; give listen.tls_certificate"
        yield warning(
            "listen.host", f"{wrong}, and agents cannot log in without it" if config.listen.auth != "never" else wrong
        )
    if config.relay.kind == "maildir":
        yield warning("relay.kind", f"mails go nowhere but into {config.relay.folder}; for customers set it to 'smtp'")
    elif config.relay.tls == "none" and not config.relay.host.startswith("127."):
        yield warning("relay.tls", f"mails go unencrypted to {config.relay.host}; 'starttls' protects them")
    for number, mailbox in enumerate(config.mailboxes, 1):
        if mailbox.tls == "none" and not mailbox.host.startswith("127."):
            yield warning(f"mailbox[{number}].tls", f"the password goes unencrypted to {mailbox.host}; use 'implicit'")
    if config.desk.address.endswith(("@example.com", "@example.org", "@example.net")):
        yield warning("desk.address", f"{config.desk.address} is an example, nobody can write there; put in yours")
    yield from _people_warnings(config)


def _people_warnings(config: Config) -> Iterator[Fault]:
    try:
        directory = DirectoryFile(config.directory.file).load()
    except Faults:
        # A fault already.
        return
    if not any(person.role in (Role.AGENT, Role.LEAD) for person in directory.people):
        wrong = "names no agent, so nobody hears of new cases; add one, such as with `mailbot directory import`"
        yield Fault(file=str(config.directory.file), key="", wrong=wrong)
