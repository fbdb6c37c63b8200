"""What `mailbot doctor` finds on this machine: configuration, state folder, store, directory, secrets, shadow mode.

Makes nothing: a state folder or a store that is not there yet stays so.
"""

import os
import pwd
import re
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from mailbot.app.check import secret_files, warnings_of
from mailbot.app.doctor_part import Finding, Ground, counted, failed, unused, warning, well
from mailbot.app.root import passwords_of, process_of, store_url
from mailbot.app.shell import directory_of
from mailbot.config import Config
from mailbot.config.file import secret_file
from mailbot.people import MEMBERS
from mailbot.ports import StoreAway
from mailbot.store.visit import Sight, visit

#: A mail that waits longer for its decision is waiting for something that is wrong.
LATE = timedelta(minutes=10)

#: A host of a database's URL, with its port.
_HOST = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<name>[^:\[\]]*))(?::\d*)?")

#: Other parts say these themselves.
_ELSEWHERE = ("shadow.to", "relay.kind")


def configuration(ground: Ground) -> Iterator[Finding]:
    """Say what is read, and what works in it and is probably not meant."""
    config = ground.config
    process = process_of(config)
    yield well(f"{config.file}, with the process {config.desk.process.stem} ({len(process.statuses)} statuses)")
    for doubt in warnings_of(config, ground.environ, cases=False):
        if doubt.key not in _ELSEWHERE and doubt.file != str(config.directory.file):
            found, _, advice = doubt.wrong.partition("; ")
            yield warning(f"{doubt.file}: {doubt.key}: {found}", advice or "see docs/operate.md")


def state_folder(ground: Ground) -> Iterator[Finding]:
    """Can mailbot write there, can nobody else read there, and is there room?"""
    folder, floor = ground.config.store.folder, ground.config.limits.disk_floor_bytes
    place = nearest(folder)
    if not os.access(place, os.W_OK | os.X_OK):
        yield failed(
            f"{place} cannot be written by {_me()}", f"run this as {_owner(place)}, or give {_me()} the folder"
        )
        return
    if place == folder and (mode := stat.S_IMODE(folder.stat().st_mode)) & 0o077:
        yield warning(f"{folder} can be read by others (mode {mode:04o})", f"chmod 700 {folder}")
    free, room = ground.around.free_space(place), os.statvfs(place)
    if free < floor:
        yield failed(f"{_mega(free)} are free and limits.disk_floor_bytes is {_mega(floor)}: mail is refused", _ROOM)
    elif room.f_files and not room.f_favail:
        yield failed("no more files can be made there: the file system has no inodes left", _ROOM)
    elif free < 2 * floor:
        yield warning(f"{_mega(free)} are free; under {_mega(floor)} mail is refused", _ROOM)
    else:
        there = "" if place == folder else "not made yet, the first start makes it; "
        yield well(f"{folder}: {there}{_mega(free)} free")


_ROOM = "make room there, or move the folder and name it in store.folder"


#: What to do about a store that does not open: a server, a file.
_STORE = (
    "start it, or correct store.url",
    "see who may read and write it; a broken one comes back with `mailbot restore` from a backup",
)


def store(ground: Ground) -> Iterator[Finding]:
    """Does the store open, has it our schema, what lies in it?"""
    kind = ground.config.store.url.partition(":")[0].partition("+")[0]
    try:
        sight = visit(store_url(ground.config, ground.environ))
    except StoreAway as away:
        found, _, advice = str(away).partition("; ")
        yield failed(f"{kind}: {found}", advice or _STORE[kind == "sqlite"])
        return
    if sight is None or sight.revision is None:
        yield well(f"{kind}: nothing there yet, the first start makes the tables")
    elif sight.is_foreign:
        found = f"the store has schema {sight.revision}, which this mailbot does not know"
        yield failed(found, "run the mailbot that made it, or restore a backup of the older one into another folder")
    elif sight.is_older:
        yield warning(f"the store has the older schema {sight.revision}", "back it up; the next start changes it")
    else:
        yield from _contents(ground, kind, sight)


def _contents(ground: Ground, kind: str, sight: Sight) -> Iterator[Finding]:
    now, first = ground.around.clock.now(), sight.first_waiting
    yield well(
        f"{kind}, schema {sight.revision}: {counted(sight.cases, 'case')}, {counted(sight.waiting, 'mail')} undecided, "
        f"{counted(sight.letters, 'letter')} not out"
    )
    if first and now - first > LATE:
        found = f"a mail waits for its decision since {first:%Y-%m-%d %H:%M} UTC"
        yield warning(found, "see whether mailbot runs, below, and for what its log says of the work loop")
    if sight.failed_letters:
        yield warning(f"{counted(sight.failed_letters, 'letter')} failed for good", "`mailbot queue` shows why")


def directory(ground: Ground) -> Iterator[Finding]:
    """Is it readable, who is in it, and who of the agents cannot log in?"""
    config = ground.config
    people = directory_of(config).load().people
    members = [person for person in people if person.role in MEMBERS]
    if not members:
        yield warning(
            f"{config.directory.file} names no agent: nobody hears of new cases", "add one, see docs/operate.md"
        )
    else:
        others = len(people) - len(members)
        yield well(f"{counted(len(members), 'member')} of the team, {others} other entries")
    if not config.listen.enabled or config.listen.auth == "never":
        return
    known = passwords_of(config, ground.environ).addresses
    if without := sorted(person.address for person in members if not known & {person.address, *person.also}):
        found = f"no password, so no log-in to send mail: {_few(without)}"
        yield warning(found, "give them one as docs/operate.md says, or leave it where they prove themselves otherwise")
    if strangers := sorted(known - {address for person in members for address in (person.address, *person.also)}):
        yield warning(
            f"a password, and no member: {_few(strangers)}", f"take their lines out of {config.secrets.passwords}"
        )


def secrets(ground: Ground) -> Iterator[Finding]:
    """Say which secrets there are; one that others can read has been told as a fault of the configuration."""
    config = ground.config
    files = dict(secret_files(config)) | {"secrets.key": config.secrets.key}
    if config.listen.enabled and config.listen.auth != "never":
        files["secrets.passwords"] = config.secrets.passwords
    handed = [key for key, file in files.items() if secret_file(file, ground.environ) != file]
    yield well(f"{counted(len(files), 'secret')}, for {_me()} alone{f', {len(handed)} from systemd' if handed else ''}")
    for folder in sorted({file.parent for key, file in files.items() if key not in handed}):
        if (mode := stat.S_IMODE(folder.stat().st_mode)) & 0o022:
            yield warning(f"others can exchange what lies in {folder} (mode {mode:04o})", f"chmod 700 {folder}")


def shadow(ground: Ground) -> Iterator[Finding]:
    """Is every notice going to one address?"""
    if to := ground.config.shadow.to:
        yield warning(f"on: every notice goes to {to} and to nobody else", "empty shadow.to for ordinary work")
    else:
        yield unused("off: notices go to the people they are for")


def nearest(path: Path) -> Path:
    """Return the path, or the nearest folder above it that is there."""
    return next(place for place in (path, *path.parents) if place.exists())


def hosts_of_store(config: Config) -> tuple[str, ...]:
    """Return the hosts of the database, none where it lies in a file or behind a socket of this machine."""
    if config.store.url.startswith("sqlite"):
        return ()
    authority = config.store.url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    # RFC 3986 section 3.2.2; PostgreSQL takes several, with a comma between them.
    hosts = (_HOST.fullmatch(one) for one in authority.split(","))
    return tuple(host["six"] or host["name"] for host in hosts if host and (host["six"] or host["name"]))


def _me() -> str:
    return _name(os.geteuid())


def _owner(path: Path) -> str:
    return _name(path.stat().st_uid)


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _mega(octets: int) -> str:
    return f"{octets / 1_000_000:,.0f} MB"


def _few(addresses: list[str]) -> str:
    more = f" and {len(addresses) - 3} more" if len(addresses) > 3 else ""
    return f"{', '.join(addresses[:3])}{more}"
