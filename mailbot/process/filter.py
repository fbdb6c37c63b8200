"""What a process does with mail by what it looks like, before it is anybody's case: a closed table of conditions."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from mailbot.process.part import Flag, KeyedBy, MaybeName, Name, Part


def _field_name(text: str) -> str:
    if not re.fullmatch(r"[!-9;-~]{1,100}", text):
        raise ValueError("is no name of a header field; write one such as X-Priority, without a colon")
    return text


def _of_addresses(pattern: str) -> str:
    """Take `@example.com` for all of a domain, as the desk's lists do (`mailbot.config.spam`)."""
    if pattern.startswith("@"):
        return f"*{pattern}"
    if not {"@", "*"} & set(pattern):
        raise ValueError("is no address and fits none; write ann@example.com or, for all of a domain, *@example.com")
    return pattern


def _bytes(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("must be a whole number of bytes without quotes, such as 5_000_000 for 5 MB")
    return value


#: `mailbot.mail.Automatic`, but for what came back of our own; `no` is a human's mail.
Kind = Literal["no", "vacation", "acknowledgement", "list", "monitoring", "report", "receipt", "abuse", "challenge"]
Pattern = Annotated[str, Field(min_length=1, max_length=200)]
AddressPattern = Annotated[Pattern, AfterValidator(_of_addresses)]
Tag = Annotated[str, Field(pattern=r"^[a-z0-9_][\w.-]{0,29}$")]


class Match(Part):
    """What a mail must have: every key that is given, each by one of its patterns.

    A pattern is the whole of what it stands for, in any letter case; `*` in it stands for anything.
    """

    from_: tuple[AddressPattern, ...] = Field(alias="from", default=())
    """The sender's address, such as `*@example.com`, for which `@example.com` may stand."""
    to: tuple[AddressPattern, ...] = ()
    """An address that it came to, or that To or Cc names."""
    subject: tuple[Pattern, ...] = ()
    """The subject."""
    text: tuple[Pattern, ...] = ()
    """All of its text, its line ends taken for blanks."""
    header: Mapping[Annotated[str, AfterValidator(_field_name), KeyedBy("field")], tuple[Pattern, ...]] = Field(
        default_factory=dict
    )
    """Any header field by its name, in any letter case."""
    attachment: tuple[Pattern, ...] = ()
    """The name of an attachment."""
    attachment_type: tuple[Pattern, ...] = ()
    """The media type of an attachment, such as `application/*`."""
    larger_than: Annotated[int, BeforeValidator(_bytes), Field(ge=0, strict=True)] = 0
    """More bytes than this, as it came."""
    automatic: tuple[Kind, ...] = ()
    """Which kind of automatic mail it is; `no`: a human's."""
    spam: Flag | None = None
    """Does a mail server in front call it spam?"""
    verified: Flag | None = None
    """Is it proven who sent it?"""


class Filter(Part):
    """What becomes of mail that looks so: of a new case, or of the mail itself.

    It is asked of mail that belongs to no case yet, never of the team's own. Every filter that fits counts, in the
    order of the file; of two that say another thing of the same, the later one.
    """

    name: Name
    """What `mailbot trace`, `why` and the reasons in the quarantine call it."""
    when: Match
    """What a mail must have."""
    unless: Match | None = None
    """What it must not have: all of it together."""
    team: MaybeName = ""
    """The team that gets the case."""
    tags: tuple[Tag, ...] = ()
    """Words of the team's own for the case."""
    type: MaybeName = ""
    """The type of the case."""
    priority: MaybeName = ""
    """The priority of the case."""
    opens: Flag | None = None
    """May automatic mail open a case? Left out: monitoring systems and lists may, abuse reports may not; delivery
    reports, receipts and the answers of machines never do, but for what only words call one: `false` keeps it out."""
    answered: Flag | None = None
    """Is its sender told that the desk has it? Left out: yes, where they may be told at all."""
    then: Literal["", "hold", "refuse", "ignore"] = ""
    """What becomes of the mail instead of a case: `hold`, until somebody lets it in; `refuse`, while its sender's
    server still waits for an answer, or where that is too late the quarantine; `ignore`. No later filter is asked."""

    @property
    def wants(self) -> bool:
        """Does it do anything?"""
        named = self.team or self.tags or self.type or self.priority or self.then
        return bool(named) or self.opens is not None or self.answered is not None
