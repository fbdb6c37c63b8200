"""Reading `mailbot.toml`: which file, what the environment overrides, and every fault in it at once.

Also the only reader of secrets: from files that nobody else can read, never from the file itself, the environment or
the command line. Never writes.
"""

import re
import stat
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from mailbot.config import SECTIONS, Config
from mailbot.config.mail import MailboxSection
from mailbot.faults import Fault, Faults
from mailbot.toml_text import toml

#: Looked for when neither `-c` nor $MAILBOT_CONFIG names a file.
PLACES = (Path("mailbot.toml"), Path("/etc/mailbot/mailbot.toml"))

_OVERRIDE = re.compile(r"MAILBOT_(?P<section>[A-Z]+)__(?P<key>[A-Z0-9_]+)")


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Find, read and check the configuration. Raises Faults with every fault in it.

    `path` is what `-c` said; without it $MAILBOT_CONFIG, then `./mailbot.toml`, then `/etc/mailbot/mailbot.toml`.
    `MAILBOT_<SECTION>__<KEY>` in `environ` overrides any key; a mailbox's key is `MAILBOT_MAILBOX__<N>__<KEY>`, from 1.
    """
    file = _find(path, environ)
    data = _toml(file)
    origins = dict(_override(data, environ))
    try:
        return Config.model_validate({**data, "file": file}, context={"base": file.resolve().parent})
    except ValidationError as error:
        raise Faults(
            Fault(
                file=_origin(origins, tuple(map(str, one["loc"])), one["type"]) or str(file),
                key=_key(one["loc"]),
                wrong=_wrong(dict(one)),
            )
            for one in error.errors(include_url=False)
        ) from None


def secret_file(path: Path, environ: Mapping[str, str]) -> Path:
    """Return where a secret lies: a credential of the same name that systemd handed over goes first."""
    credential = Path(environ.get("CREDENTIALS_DIRECTORY", "")) / path.name
    return credential if "CREDENTIALS_DIRECTORY" in environ and credential.exists() else path


def read_secret(path: Path, environ: Mapping[str, str], *, key: str) -> SecretStr:
    """Read a secret from its file; a credential of the same name that systemd handed over goes first.

    Raises Faults, naming the configuration's `key`, when the file is missing, unreadable, empty or open to others.
    """
    if (credential := secret_file(path, environ)) != path:
        # systemd.exec(5), LoadCredential=: it keeps others out itself, by access list, so the mode says nothing there.
        return SecretStr(_read(credential, key))
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise Faults([Fault(file=str(path), key=key, wrong=_unreadable(error))]) from None
    if mode & 0o077:
        wrong = f"can be read by others (mode {mode:04o}); make it yours alone: chmod 600 {path}"
        raise Faults([Fault(file=str(path), key=key, wrong=wrong)])
    return SecretStr(_read(path, key))


def _read(path: Path, key: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise Faults([Fault(file=str(path), key=key, wrong="is no text; a secret is one line of text")]) from None
    except OSError as error:
        raise Faults([Fault(file=str(path), key=key, wrong=_unreadable(error))]) from None
    return text


def _unreadable(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist; `mailbot init` makes it, or name the right file"
    return f"cannot be read ({error.strerror}); make it readable for the user that mailbot runs as, mode 0600"


def _origin(origins: Mapping[tuple[str, ...], str], location: tuple[str, ...], kind: str) -> str:
    """Return the variable that a fault comes from, "" if it is the file's; an unknown section may be made of one."""
    if kind == "extra_forbidden" and len(location) == 1:
        return next((name for place, name in origins.items() if place[:1] == location), "")
    return origins.get(location, "")


def _find(path: Path | None, environ: Mapping[str, str]) -> Path:
    named = path or (Path(environ["MAILBOT_CONFIG"]) if environ.get("MAILBOT_CONFIG") else None)
    if named:
        return named
    if found := next((place for place in PLACES if place.exists()), None):
        return found
    wrong = "no configuration found; name it with -c FILE, or make one with `mailbot init DIR`"
    raise Faults([Fault(file=" or ".join(map(str, PLACES)), key="", wrong=wrong)])


def _toml(file: Path) -> dict[str, Any]:
    try:
        return dict(toml(file.read_bytes()))
    except OSError as error:
        wrong = f"cannot be read ({error.strerror}); name the configuration file with -c FILE"
    except ValueError as error:
        wrong = str(error)
    raise Faults([Fault(file=str(file), key="", wrong=wrong)])


def _override(data: dict[str, Any], environ: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Lay the environment's values over the file's and yield which key came from which variable."""
    for name in sorted(environ):
        if not (form := _OVERRIDE.fullmatch(name)):
            continue
        section, key = form["section"].lower(), form["key"].lower()
        place = (section, *(key.split("__", 1) if section == "mailbox" else (key,)))
        table = _table(data, place[:-1])
        if table is not None:
            table[place[-1]] = _value(place, environ[name])
            # Pydantic counts from 0.
            index = [str(int(number) - 1) for number in place[1:-1]]
            yield (section, *index, place[-1]), f"${name}"


def _table(data: dict[str, Any], place: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the table that an override goes into, made if it is not there; None where the file has no table."""
    if place[0] != "mailbox":
        table = data.setdefault(place[0], {})
    else:
        boxes = data.get("mailbox", [])
        number = int(place[1]) if len(place) > 1 and place[1].isdigit() else 0
        if not isinstance(boxes, list) or not 1 <= number <= len(boxes):
            wrong = f"there is no mailbox {'__'.join(place[1:]) or 'without a number'}; count them from 1"
            raise Faults([Fault(file=f"$MAILBOT_{'__'.join(place).upper()}__...", key="mailbox", wrong=wrong)])
        table = boxes[number - 1]
    return table if isinstance(table, dict) else None


def _value(place: tuple[str, ...], text: str) -> object:
    """Read a value of the environment: a list is written as in TOML, anything else plainly."""
    section = MailboxSection if place[0] == "mailbox" else _model(place[0])
    field = section.model_fields.get(place[-1]) if section else None
    if field and str(field.annotation).startswith("tuple"):
        try:
            return toml(f"value = {text}".encode())["value"]
        except ValueError:
            return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _model(section: str) -> type[BaseModel] | None:
    field = Config.model_fields.get(section)
    kind = field.annotation if field else None
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _key(location: tuple[int | str, ...]) -> str:
    """Return a key as the file has it: `listen.port`, or `mailbox[2].host` with mailboxes counted from 1."""
    key = ""
    for step in location:
        key += (
            (f"[{step + 1}]" if location[0] == "mailbox" else "")
            if isinstance(step, int)
            else f".{step}"
            if key
            else step
        )
    return key


#: Pydantic's kinds of errors in a person's words, with what would be right.
_SAID = {
    "missing": "is missing; config/mailbot.toml of the distribution explains every key",
    "int_parsing": "{value!r} is no number; write one without quotes, such as 25",
    "int_type": "{value!r} is no number; write one without quotes, such as 25",
    "int_from_float": "{value!r} is no whole number; write one such as 25",
    "bool_parsing": "{value!r} is neither true nor false; write one of the two, without quotes",
    "bool_type": "{value!r} is neither true nor false; write one of the two, without quotes",
    "string_type": "{value!r} is no text; put it in quotes",
    "path_type": "{value!r} is no path; write one in quotes",
    "greater_than_equal": "{value!r} is too small; it must be at least {ge}",
    "less_than_equal": "{value!r} is too large; it must be at most {le}",
    "literal_error": "{value!r} is not possible; write {expected}",
    "string_pattern_mismatch": "{value!r} has the wrong form; {form}",
    "tuple_type": '{value!r} is no list; write one such as ["192.0.2.1", "192.0.2.2"]',
    "model_type": "is no section; write [{key}] on a line of its own",
    "model_attributes_type": "is no section; write [{key}] on a line of its own",
}


def _wrong(error: Mapping[str, Any]) -> str:
    """Say what is wrong with a key and what would be right; never show a value that may hold a password."""
    key, value = _key(error["loc"]), error.get("input")
    if error["type"] == "extra_forbidden":
        return _unknown(tuple(map(str, error["loc"])))
    if error["type"] == "value_error":
        shown = f"{value!r} " if isinstance(value, str) and key != "store.url" else ""
        return shown + str(error["msg"]).removeprefix("Value error, ")
    said = _SAID.get(error["type"], "{value!r}: " + str(error["msg"]).replace("{", "{{").replace("}", "}}"))
    form = _FORMS.get(re.sub(r"\[\d+\]", "", key), "config/mailbot.toml of the distribution shows the right one")
    return said.format(**error.get("ctx", {}), value=value, key=key, form=form)


_FORMS = {
    "desk.opening_digest": "write 'never', 'opening' for when service opens, or a time such as 08:30",
    "desk.tag": "write a letter, then letters or digits, at most 16, such as HD",
    "desk.holidays": "write a country's code such as DE, or with its part such as DE-BY, or nothing",
    "desk.language": "write two letters, such as en",
    "desk.languages": "write two letters for each, such as de",
    "desk.delimiter": "write one of + = _ . -",
    "mailbox.name": "write lower-case letters, digits, dots and hyphens, such as support",
    "desk.reply_domain": "write a domain such as r.example.com",
    "identity.authserv_id": "write a server's name such as mx.example.com, or *.example.com for all of a provider's",
    "identity.border_hosts": "write a server's name as Received fields have it, such as imap.example.com or *.internal",
    "identity.internal_domains": "write a domain such as example.com",
    "mailbox.authserv_id": "write a server's name such as mx.example.com, or *.example.com for all of a provider's",
    "mailbox.border_hosts": "write a server's name as Received fields have it, such as imap.example.com or *.internal",
    "mailbox.internal_domains": "write a domain such as example.com",
    "report.at": "write a time such as 06:00",
}


def _unknown(location: tuple[str, ...]) -> str:
    section, key = location[0], location[-1]
    if len(location) == 1:
        known = [*SECTIONS, "mailbox"]
        what = "section"
    else:
        model = MailboxSection if section == "mailbox" else _model(section)
        known = [*model.model_fields] if model else []
        what = "key"
    if f"{key}_file" in known:
        return f"secrets come from files only; put it into a file of mode 0600 and name that in {section}.{key}_file"
    if close := get_close_matches(key, known, n=1):
        return f"there is no such {what}; did you mean {close[0]}?"
    return f"there is no such {what}; known are {', '.join(known)}"
