"""The log: structured lines on standard error, JSON for programs or readable on a terminal.

One line per event. Never a mail's text, never a secret; people's addresses only at level debug, else as a keyed hash
and the domain, so that lines about one person can be told together without naming them.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from hashlib import blake2b
from typing import Any

import structlog

from mailbot.config import LogSection
from mailbot.ingest.where import where

_ADDRESS = re.compile(r"[^\s<>@\"',;:()\[\]]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)")
#: What would start a new line, or move a terminal's cursor.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

Event = MutableMapping[str, Any]


def start_log(section: LogSection, key: bytes = b"") -> None:
    """Send everything that is logged, by whatever library, to standard error as the settings say.

    `key` is what addresses are hashed with; without one they cannot be told apart by their hash.
    """
    level = logging.getLevelNamesMapping()[section.level.upper()]
    people = section.format == "console" or (section.format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _places,
        _Discretion(key, open_addresses=section.level == "debug"),
    ]
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if people
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last], foreign_pre_chain=shared
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
