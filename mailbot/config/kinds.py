"""What a value of `mailbot.toml` may be: paths, addresses, networks, zones, amounts; and what every section is."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo


def _located(path: Path, info: ValidationInfo) -> Path:
    """A relative path is relative to the folder of the configuration file."""
    base = (info.context or {}).get("base")
    return (Path(base) / path.expanduser()) if base else path


def empty_is_none(value: object) -> object:
    """Read "" as none: TOML has no null, and that is how a person writes it."""
    return None if value == "" else value


def _address(text: str) -> str:
    lowered = text.strip().lower()
    if not re.fullmatch(r"[a-z0-9._%+'=&/-]+@[a-z0-9-]+(\.[a-z0-9-]+)*", lowered):
        raise ValueError("is no mail address; write one such as support@example.com")
    return lowered


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError("is no address or network; write one such as 192.0.2.1 or 10.0.0.0/24") from None
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("is no time zone; write a name such as Europe/Berlin or UTC")
    return text


#: A path in the configuration.
Location = Annotated[Path, AfterValidator(_located)]
#: The same where "" means that there is none.
MaybeLocation = Annotated[Location | None, BeforeValidator(empty_is_none)]
Address = Annotated[str, AfterValidator(_address)]
Network = Annotated[str, AfterValidator(_network)]
Zone = Annotated[str, AfterValidator(_zone)]
Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[int, Field(ge=1)]
Bytes = Annotated[int, Field(ge=1024)]
Transport = Literal["none", "starttls", "implicit"]


class Section(BaseModel):
    """A frozen section of the file; a key that it does not have is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, str_strip_whitespace=True)
