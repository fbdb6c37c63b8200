"""Making a new home for a desk: configuration, process, directory, key and passwords, as `mailbot init` asks.

All or nothing: an existing file is a fault and then nothing is written at all. Never overwrites, never prints.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailbot.clock import new_password, random_bytes
from mailbot.config.file import load_config
from mailbot.faults import Fault, Faults
from mailbot.login.passwords import SALT_LENGTH, password_line
from mailbot.people import Role
from mailbot.shipped import shipped

#: Bytes of the key that signs tokens; it is written in hexadecimal.
KEY_LENGTH = 32

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_AGENT = re.compile(r"[a-z0-9._%+'=&/-]+@" + _DOMAIN.pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the operator asked for."""

    process: str = "modera"
    domain: str = "example.com"
    timezone: str = "UTC"
    holidays: str = ""
    tag: str = "HD"
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What was made."""

    config: Path
    files: tuple[Path, ...]
    #: The agents' new passwords by address: to be shown once, kept nowhere.
    passwords: Mapping[str, str]


def make_home(folder: Path, wishes: Wishes) -> Home:
    """Write a desk's files into a folder, which is made if need be. Raises Faults, and then nothing has changed."""
    wishes = _tidy(wishes)
    if found := list(_wish_faults(wishes)):
        raise Faults(found)
    passwords = {address: new_password() for address in wishes.agents}
    hashes = [password_line(address, word, random_bytes(SALT_LENGTH)) for address, word in passwords.items()]
    source = shipped(f"processes/{wishes.process}.toml")
    files = {
        folder / "mailbot.toml": _configuration(wishes).encode(),
        folder / "processes" / source.name: source.read_bytes(),
        folder / "directory.json": _directory(wishes.agents).encode(),
        folder / "secrets" / "key": (random_bytes(KEY_LENGTH).hex() + "\n").encode(),
        folder / "secrets" / "passwords": "".join(f"{line}\n" for line in hashes).encode(),
    }
    _write_new(folder, files)
    return Home(config=folder / "mailbot.toml", files=tuple(files), passwords=passwords)


def shipped_processes() -> Sequence[str]:
    """Return the names of the processes that come with mailbot."""
    return sorted(path.stem for path in shipped("processes").glob("*.toml"))


def filled_in(reference: str, values: Mapping[tuple[str, str], str]) -> str:
    """Return a configuration with the values of some keys (by section and key) replaced, comments kept in place."""
    section, lines, waiting = "", [], dict(values)
    for line in reference.splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
        form = re.fullmatch(r'(?P<key>\w+) = (?P<old>"[^"]*")(?P<gap> *)(?P<comment>#.*)?', line)
        if form and (value := waiting.pop((section, form["key"]), None)) is not None:
            new = json.dumps(value)
            gap = " " * max(1, len(form["gap"]) + len(form["old"]) - len(new)) if form["comment"] else ""
            lines.append(f"{form['key']} = {new}{gap}{form['comment'] or ''}")
        else:
            lines.append(line)
    assert not waiting, f"the reference configuration lacks {sorted(waiting)}"
    return "\n".join(lines) + "\n"


def _tidy(wishes: Wishes) -> Wishes:
    return Wishes(
        process=wishes.process,
        domain=wishes.domain.lower(),
        timezone=wishes.timezone,
        holidays=wishes.holidays,
        tag=wishes.tag,
        agents=tuple(dict.fromkeys(agent.lower() for agent in wishes.agents)),
    )


def _wish_faults(wishes: Wishes) -> Iterator[Fault]:
    if wishes.process not in shipped_processes():
        wrong = f"there is no process {wishes.process!r}; there are {', '.join(shipped_processes())}"
        yield Fault(file="--process", key="", wrong=wrong)
    if not _DOMAIN.fullmatch(wishes.domain):
        yield Fault(file="--domain", key="", wrong=f"{wishes.domain!r} is no domain; write one such as example.com")
    for agent in wishes.agents:
        if not _AGENT.fullmatch(agent):
            yield Fault(
                file="--agent", key="", wrong=f"{agent!r} is no mail address; write one such as ann@example.com"
            )
    options = {"desk.timezone": "--timezone", "desk.tag": "--prefix", "desk.holidays": "--holidays"}
    try:
        # The settings know what a zone, a tag and a country look like.
        keys = {"TIMEZONE": wishes.timezone, "TAG": wishes.tag, "HOLIDAYS": wishes.holidays}
        load_config(shipped("mailbot.toml"), {f"MAILBOT_DESK__{key}": value for key, value in keys.items()})
    except Faults as faults:
        yield from (Fault(file=options[fault.key], key="", wrong=fault.wrong) for fault in faults.faults)


def _configuration(wishes: Wishes) -> str:
    values = {
        ("desk", "address"): f"support@{wishes.domain}",
        ("desk", "tag"): wishes.tag,
        ("desk", "process"): f"processes/{wishes.process}.toml",
        ("desk", "timezone"): wishes.timezone,
        ("desk", "holidays"): wishes.holidays,
        ("identity", "authserv_id"): f"mx.{wishes.domain}",
        ("spam", "verdict"): "hold",
        ("report", "to"): "leads",
    }
    return filled_in(shipped("mailbot.toml").read_text(encoding="utf-8"), values)


def _directory(agents: Sequence[str]) -> str:
    """Return the directory as TinyDB keeps it: a table of documents by number."""
    people = {str(number): {"address": agent, "role": Role.AGENT} for number, agent in enumerate(agents, 1)}
    return json.dumps({"people": people}, indent=2) + "\n"


def _write_new(folder: Path, files: Mapping[Path, bytes]) -> None:
    """Write all the files or none; the ones under `secrets` are the owner's alone."""
    if existing := [path for path in files if path.is_symlink() or path.exists()]:
        wrong = "exists already, and nothing is ever overwritten; choose another folder, or move it away"
        raise Faults(Fault(file=str(path), key="", wrong=wrong) for path in existing)
    made: list[Path] = []
    try:
        for path, content in files.items():
            private = path.parent.name == "secrets"
            _make_folder(path.parent, made, mode=0o700 if private else 0o755)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, 0o600 if private else 0o644), "wb") as file:
                made.append(path)
                file.write(content)
    except OSError as error:
        _undo(made)
        wrong = f"cannot be written ({error.strerror}); nothing was changed"
        raise Faults([Fault(file=str(error.filename or folder), key="", wrong=wrong)]) from None


def _make_folder(folder: Path, made: list[Path], mode: int) -> None:
    for parent in reversed([folder, *folder.parents]):
        if not parent.exists():
            parent.mkdir(mode=mode if parent == folder else 0o755)
            made.append(parent)


def _undo(made: Sequence[Path]) -> None:
    """Take away what was made, newest first."""
    for path in reversed(made):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
