"""The keys of `mailbot.toml` about whose word on a sender counts; `[identity]` and each `[[mailbox]]` have them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mailbot.config.kinds import Section
from mailbot.mail import Border, BorderKind

GMAIL_ID = "mx.google.com"


def _lower(text: str) -> str:
    return text.lower()


#: A host as Received fields name it; `*` stands for anything.
HostPattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9*][A-Za-z0-9*._:-]*$"), AfterValidator(_lower)]
Domain = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"), AfterValidator(_lower)]


class BorderSection(Section):
    """Whose word on a sender is believed, and how it is written (`semantics.md` 26)."""

    #: How the server says what it found out.
    border: Literal["rfc8601", "microsoft365", "gmail", "exchange"] = "rfc8601"
    #: The server whose `Authentication-Results` count; "" for none.
    authserv_id: Annotated[str, Field(pattern=r"^(\*(\.[^\s;,=\"()<>*.]+){2,}|[^\s;,=\"()<>*]*)$")] = ""
    #: Further servers of one's own behind it, as their Received fields name them.
    border_hosts: tuple[HostPattern, ...] = ()
    #: Which of its result fields count: the first, or all, since it removes those that senders forge.
    border_results: Literal["first", "all"] = "first"
    #: The organisation's other domains, for mail that Microsoft 365 or Exchange marks as internal.
    internal_domains: tuple[Domain, ...] = ()

    @property
    def kind(self) -> BorderKind:
        """The kind as the readers know it."""
        return BorderKind(self.border)

    @property
    def is_shared(self) -> bool:
        """Is the server one whose other customers send from the same addresses?"""
        return self.kind in (BorderKind.MICROSOFT365, BorderKind.GMAIL)

    @property
    def marks_internal(self) -> bool:
        """Does the server mark mail from inside its organisation?"""
        return self.kind in (BorderKind.MICROSOFT365, BorderKind.EXCHANGE)

    def border_of(self, domain: str) -> Border:
        """Return the border; `domain` is the desk's own."""
        return Border(
            kind=self.kind,
            authserv_id=self.authserv_id or (GMAIL_ID if self.kind is BorderKind.GMAIL else ""),
            hosts=self.border_hosts,
            every_field=self.border_results == "all",
            domains=tuple(dict.fromkeys((domain, *self.internal_domains))) if self.marks_internal else (),
        )

    def doubts(self) -> Iterator[tuple[str, str]]:
        """Yield each key whose value does not go with the kind of border, and what is wrong."""
        yield from _DOUBTS[self.kind](self)
        if self.internal_domains and not self.marks_internal:
            yield "internal_domains", "only Microsoft 365 and Exchange mark mail as internal; leave it out"


def _of_rfc8601(section: BorderSection) -> Iterator[tuple[str, str]]:
    if not section.authserv_id and (section.border_hosts or section.border_results == "all"):
        yield "authserv_id", "is empty, so nobody's word on a sender counts; name the server that writes the results"


def _of_microsoft(section: BorderSection) -> Iterator[tuple[str, str]]:
    if section.authserv_id:
        yield "authserv_id", "Microsoft 365 writes no id into its results, so this one never counts; leave it empty"
    if section.border_results == "all":
        yield "border_results", "Microsoft 365 writes one result field; 'all' changes nothing"


def _of_gmail(section: BorderSection) -> Iterator[tuple[str, str]]:
    if section.authserv_id not in ("", GMAIL_ID):
        yield "authserv_id", f"Gmail's results begin with {GMAIL_ID}, so nothing of it counts; leave it empty"
    if section.border_results == "all":
        yield "border_results", "Gmail writes one result field; 'all' changes nothing"


def _of_exchange(section: BorderSection) -> Iterator[tuple[str, str]]:
    if not section.border_hosts:
        yield "border_hosts", "is empty, so no mail counts as internal; name your Exchange servers as Received does"


_DOUBTS = {
    BorderKind.RFC8601: _of_rfc8601,
    BorderKind.MICROSOFT365: _of_microsoft,
    BorderKind.GMAIL: _of_gmail,
    BorderKind.EXCHANGE: _of_exchange,
}
