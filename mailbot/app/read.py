"""How mailbot reads a mail, for the shell: the reader of the daemon, without a store and without secrets."""

from collections.abc import Callable, Mapping
from typing import Any

from mailbot.config import Config
from mailbot.ingest.parse import read_mail
from mailbot.ingest.printed import as_dict

#: From the bytes of a mail and what to call it, its printed form.
Reader = Callable[[bytes, str], Mapping[str, Any]]


def reader_of(config: Config | None) -> Reader:
    """Return the reader of this desk; without a configuration nobody's word on a sender is believed."""
    own = config.outside().domain if config else ""
    border = str(config.identity.border_of(own)) if config else ""
    return lambda raw, file: as_dict(read_mail(raw, border=border, own_domain=own), file)
