"""Is everything that was configured fit to run? Every fault at once, and what is allowed but not wise.

Reads what the daemon would read; opens no store that is not there, listens nowhere, changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailbot.app import check_border, check_cases
from mailbot.app.check_edit import Edit, effects
from mailbot.app.check_keys import key_faults, key_warnings
from mailbot.app.check_people import misfits
from mailbot.app.check_settings import setting_warnings
from mailbot.app.ingest import try_ports
from mailbot.app.login import login_files
from mailbot.app.root import CLOCK, desk_of, fault, fits, is_made, key_of, passwords_of, process_of, store_of, tls_of
from mailbot.app.shell import ALL_TIME, directory_of
from mailbot.config import Config
from mailbot.config.file import load_config, read_secret
from mailbot.engine.facts import ground_of
from mailbot.faults import Fault, Faults
from mailbot.notices.render import TemplateRenderer
from mailbot.notices.render_answers import AnswersFolder
from mailbot.people import Directory, Role
from mailbot.ports import StoreAway
from mailbot.process import Process
from mailbot.process.file import doubts, earlier
from mailbot.rules.counting.calendar import Calendar
from mailbot.store.directory import DirectoryFile
from mailbot.store.sql import SqlStore

#: More open cases, and more deadlines, than any desk has.
MOST_CASES = 10_000_000


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
    return Findings(faults=tuple(faults_of(config, environ)), warnings=tuple(warnings_of(config, environ)))


def faults_of(config: Config, environ: Mapping[str, str]) -> Iterator[Fault]:
    """Yield every fault in what the configuration names."""
    yield from written_faults(config, environ)
    yield from _caught(lambda: _check_directory(config))
    yield from key_faults(config)
    try:
        yield from case_faults(config, environ)
    except StoreAway as away:
        yield Fault(file=str(config.file), key="store.url", wrong=f"the store cannot be reached ({away})")


def written_faults(config: Config, environ: Mapping[str, str]) -> Iterator[Fault]:
    """Yield every fault in what is written down: all but the people and the cases, which the daemon changes too."""
    yield from vital_faults(config, environ)
    yield from _caught(lambda: _check_templates(config))
    yield from _caught(lambda: _check_answers(config))
    yield from _caught(lambda: _check_addresses(config))


def vital_faults(config: Config, environ: Mapping[str, str]) -> Iterator[Fault]:
    """Yield the faults with which the daemon does not start.

    Broken templates and a broken directory are not among them: the shipped ones, and the last good one, stand in.
    """
    yield from _caught(lambda: process_of(config))
    yield from _caught(lambda: _check_holidays(config))
    yield from _caught(lambda: key_of(config, environ))
    yield from _caught(lambda: check_border.check_reply_address(config))
    if config.listen.enabled and config.listen.auth != "never":
        yield from _caught(lambda: passwords_of(config, environ))
    for key, file in secret_files(config):
        yield from _caught(lambda key=key, file=file: read_secret(file, environ, key=key))  # type: ignore[misc]  # mypy cannot tell a default from a parameter
    yield from _caught(lambda: tls_of(config, environ))
    if not (config.listen.enabled or config.lmtp.enabled or config.mailboxes):
        wrong = "nothing takes in mail: set listen.enabled or lmtp.enabled = true, or give a [[mailbox]]"
        yield Fault(file=str(config.file), key="listen.enabled", wrong=wrong)


def first_start_faults(config: Config) -> Iterator[Fault]:
    """Yield what the loops would find only after they had made the state folder: a first start that fails leaves none.

    Later a broken directory is no fault: the last good one stands in.
    """
    if config.store.folder.exists():
        return
    yield from _caught(lambda: _check_directory(config))
    yield from _caught(lambda: try_ports(config))


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


def _check_directory(config: Config) -> None:
    """Read the directory; of roles nothing is said while the process that declares them has faults itself."""
    process = _readable(config)
    try:
        DirectoryFile(config.directory.file, roles=process.roles if process else ()).load()
    except Faults as faults:
        if found := [one for one in faults.faults if process or not one.key.endswith("role")]:
            raise Faults(found) from None


def _check_templates(config: Config) -> None:
    folder = config.templates.folder
    renderer = TemplateRenderer(folder if folder.exists() else None)
    if found := renderer.check_templates():
        raise Faults(Fault(file=str(folder), key="", wrong=wrong) for wrong in found)


def _check_answers(config: Config) -> None:
    """Render every canned answer, for a customer who is known and for one who is not."""
    folder = config.templates.answers
    with closing(AnswersFolder(folder)) as answers:
        if found := answers.check():
            raise Faults(Fault(file=str(folder), key="", wrong=wrong) for wrong in found)


def _check_addresses(config: Config) -> None:
    """The escalation address must not be the desk's own."""
    process = _readable(config)
    address = process.escalation.address if process and process.escalation else ""
    if address and address == config.desk.address.partition("@")[0]:
        wrong = f"is the desk's own address, so every mail would escalate; write another, such as {address}-escalations"
        raise Faults([Fault(file=str(config.desk.process), key="escalation.address", wrong=wrong)])


def _readable(config: Config) -> Process | None:
    """Return the process, None where its faults are told already."""
    try:
        return process_of(config)
    except Faults:
        return None


def case_faults(config: Config, environ: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what cases stand on and the process does not have: with it the daemon does not start either.

    Raises StoreAway.
    """
    yield from _caught(lambda: _check_cases(config, environ))


def _check_cases(config: Config, environ: Mapping[str, str]) -> None:
    """Hold the process against the cases that there are."""
    if (process := _readable(config)) is None:
        return
    with _store(config, environ) as store:
        if store is not None:
            fits(config, process, store)


@contextmanager
def _store(config: Config, environ: Mapping[str, str]) -> Iterator[SqlStore | None]:
    """Open the store; one that was never made is None, and is not made. Raises Faults, StoreAway."""
    if not is_made(config, environ):
        yield None
        return
    with closing(store_of(config, environ, "check")) as store:
        yield store


def secret_files(config: Config) -> Iterator[tuple[str, Path]]:
    """Yield the files with other parties' secrets, each with the key that names it."""
    if config.store.password_file:
        yield "store.password_file", config.store.password_file
    if config.relay.kind == "smtp":
        yield from login_files("relay", config.relay)
    for number, mailbox in enumerate(config.mailboxes, 1):
        yield from login_files(f"mailbox[{number}]", mailbox)
    if config.listen.enabled and config.listen.tls_key:
        yield "listen.tls_key", config.listen.tls_key


def warnings_of(config: Config, environ: Mapping[str, str], *, cases: bool = True) -> Iterator[Fault]:
    """Yield what works and is probably not meant; without `cases` the store is not opened for it."""
    yield from setting_warnings(config)
    try:
        process, directory = process_of(config), directory_of(config).load()
    except Faults:
        # Faults already.
        return
    yield from _people_warnings(config, directory)
    yield from _process_warnings(config, process, directory)
    if cases:
        yield from _case_warnings(config, environ, process, directory)


def _process_warnings(config: Config, process: Process, directory: Directory) -> Iterator[Fault]:
    """Yield what the process promises and does not hold."""
    file = str(config.desk.process)
    yield from check_cases.warnings(file, doubts(process))
    yield from check_cases.warnings(file, misfits(process, directory))


def _case_warnings(
    config: Config, environ: Mapping[str, str], process: Process, directory: Directory
) -> Iterator[Fault]:
    """Yield what an edit of the process would do to open cases."""
    file = str(config.desk.process)
    desk = desk_of(config, process)
    try:
        with _store(config, environ) as store:
            if store is None:
                return
            fits(config, process, store)
            stale = store.stale(ground_of(process, directory, desk), MOST_CASES)
            planned: dict[int, dict[str, datetime]] = defaultdict(dict)
            for deadline in store.due(ALL_TIME[1], MOST_CASES):
                planned[deadline.case][deadline.rule] = deadline.due
            before = earlier(store.last_snapshot("process"))
        edit = Edit(process=process, directory=directory, desk=desk, now=CLOCK.now(), planned=planned, before=before)
        yield from check_cases.warnings(file, effects(stale, edit))
        yield from check_cases.warnings(file, check_cases.waiting(stale, process, desk))
    except (Faults, StoreAway, ValueError):
        # The store, or the holidays: faults already.
        return


def _people_warnings(config: Config, directory: Directory) -> Iterator[Fault]:
    yield from key_warnings(config, directory)
    if not any(person.role in (Role.AGENT, Role.LEAD) for person in directory.people):
        wrong = "names no agent, so nobody hears of new cases; add one, such as with `mailbot directory import`"
        yield Fault(file=str(config.directory.file), key="", wrong=wrong)
