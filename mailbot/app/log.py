"""The log: structured lines on standard error, JSON for programs or readable on a terminal and in systemd's journal.

One line per event. Never a mail's text, never a secret; people's addresses only at level debug, else as a keyed hash
and the domain, so that lines about one person can be told together without naming them.
"""

import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

import structlog

from mailbot.config import LogSection
from mailbot.ingest.where import where

_ADDRESS = re.compile(r"[^\s<>@\"',;:()\[\]]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)")
#: What would start a new line, or move a terminal's cursor.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

#: The journal's priority of each level, as sd-daemon(3) numbers them.
_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}

Event = MutableMapping[str, Any]


def start_log(section: LogSection, key: bytes = b"", environ: Mapping[str, str] = MappingProxyType({})) -> None:
    """Send everything that is logged, by whatever library, to standard error as the settings say.

    `key` is what addresses are hashed with; without one they cannot be told apart by their hash. `environ` says
    whether standard error is the journal.
    """
    level = logging.getLevelNamesMapping()[section.level.upper()]
    journal = is_journal(environ)
    people = section.format == "console" or (section.format == "auto" and (journal or sys.stderr.isatty()))
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _places,
        _Discretion(key, open_addresses=section.level == "debug"),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(people, journal)],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # aiosmtpd writes command lines, addresses in clear, at INFO; schedule and the others write what we say ourselves.
    for name in ("mail.log", "schedule", "imapclient", "alembic", "asyncio"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def is_journal(environ: Mapping[str, str]) -> bool:
    """Does standard error lead into systemd's journal (systemd.exec(5), $JOURNAL_STREAM)?"""
    if "JOURNAL_STREAM" not in environ:
        return False
    stream = os.fstat(2)
    return environ["JOURNAL_STREAM"] == f"{stream.st_dev}:{stream.st_ino}"


def _renderer(people: bool, journal: bool) -> structlog.typing.Processor:
    """Return what makes a line of an event."""
    if not people:
        json = structlog.processors.JSONRenderer(ensure_ascii=False)
        return _Prioritized(json) if journal else json
    if journal:
        return _Prioritized(structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0), known=("timestamp", "level"))
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


class _Prioritized:
    """Begins a line with its priority, as sd-daemon(3) says; leaves out what the journal itself knows of it."""

    def __init__(self, renderer: structlog.typing.Processor, known: Sequence[str] = ()) -> None:
        self._renderer = renderer
        self._known = known

    def __call__(self, logger: Any, method: str, event: Event) -> str:
        priority = _PRIORITIES[event["level"]]
        rest = {name: value for name, value in event.items() if name not in self._known}
        return f"<{priority}>{self._renderer(logger, method, rest)!s}"


def _places(_logger: object, _method: str, event: Event) -> Event:
    """Put the kind of a fault and its places in the code for a traceback, whose values may be a mail's text."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["where"] = where(error)
    return event


class _Discretion:
    """Hashes addresses and makes every value one line, in whatever a line says."""

    def __init__(self, key: bytes, *, open_addresses: bool) -> None:
        self._key = key[:64]
        self._open = open_addresses

    def __call__(self, _logger: Any, _method: str, event: Event) -> Event:
        for name, value in event.items():
            event[name] = self._said(value, lines=name == "exception")
        return event

    def _said(self, value: Any, *, lines: bool = False) -> Any:
        if isinstance(value, str):
            text = value if self._open else _ADDRESS.sub(self._hashed, value)
            return text if lines else _CONTROL.sub(" ", text)
        if isinstance(value, int | float | bool | None):
            return value
        if isinstance(value, list | tuple | set | frozenset):
            return [self._said(item) for item in value]
        if isinstance(value, dict):
            return {str(name): self._said(item) for name, item in value.items()}
        return self._said(str(value))

    def _hashed(self, form: re.Match[str]) -> str:
        return f"{blake2b(form[0].lower().encode(), key=self._key, digest_size=6).hexdigest()}@{form[1]}"
