"""What the border server says about a mail's sender (`semantics.md` 26), by what kind of border it is.

Believed is only what the border itself must have written, by where it stands: the first result field of all, with
nothing but the border's own `Received` above it. Anything else gives the empty `Authentication`. Says nothing about
what a sender may do.
"""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import pairwise, takewhile

from mailbot.ingest.format import header
from mailbot.ingest.format.header import Field
from mailbot.ingest.sender import results
from mailbot.mail import Authentication, Border, BorderKind

RESULTS = "authentication-results"
#: The Microsoft 365 servers that take mail in from outside: they alone write results.
MICROSOFT_ENTRY = "*.protection.outlook.com"
#: Hosts of a provider whose Received may stand above its results, beside those that are configured.
PROVIDERS: dict[BorderKind, tuple[str, ...]] = {
    BorderKind.RFC8601: (),
    BorderKind.EXCHANGE: (),
    BorderKind.MICROSOFT365: (
        "*.outlook.com",
        "outlook.office365.com",
        "*.outlook.office365.com",
        "*.exchangelabs.com",
    ),
    # Inside, Gmail's servers go by 6to4 addresses of a private network.
    BorderKind.GMAIL: ("mx.google.com", "2002:a*"),
}
GMAIL_ID = "mx.google.com"
_HOST = re.compile(r"\S+\Z")
#: Exchange's marks of who submitted a mail, which its header firewall keeps from crossing its border.
_ORGANISATION = "x-ms-exchange-organization-"
_MARKS = ("authas", "authsource", "messagedirectionality")


def authentication(fields: header.Header, border: Border) -> Authentication:
    """Read what the border found out, or nothing where nobody may be believed."""
    if texts := believed(fields, border):
        return results.read(texts)
    if border.kind in (BorderKind.MICROSOFT365, BorderKind.EXCHANGE) and _submitted_inside(fields, border):
        return Authentication(inside=border.domains)
    return Authentication()


def believed(fields: header.Header, border: Border) -> list[str]:
    """Return the results of the fields that count, without their authserv-id; empty where none does."""
    above = list(takewhile(lambda field: field.name != RESULTS, fields.fields))
    below = fields.fields[len(above) :]
    if not below or not below[0].exact or not all(_wrote(border, host) for host in hops(above)):
        return []
    if border.kind is BorderKind.MICROSOFT365:
        return _of_microsoft(above, below)
    block = _block(below, border)
    if border.kind is BorderKind.GMAIL:
        return block[:1] if block and _is_gmails(above, block[0], border) else []
    return block if border.every_field or _sealed(above, below, border) else block[:1]


def hops(fields: Sequence[Field]) -> list[str]:
    """Return the hosts that wrote the Received fields among these, from the top; "" for one that does not say."""
    return [_written_by(field.value) for field in fields if field.name == "received"]


def _written_by(received: str) -> str:
    """The host that wrote a Received field: the word after `by` (RFC 5321 section 4.4)."""
    words = (header.without_comments(received) or "").partition(";")[0].split()
    hosts = [host for by, host in pairwise(words) if by.lower() == "by"]
    return hosts[0].rstrip(".").lower() if len(hosts) == 1 else ""


def _wrote(border: Border, host: str) -> bool:
    """Is this a host of the border, or one behind it?"""
    return bool(_HOST.match(host)) and (
        _is_id_host(border, host) or _among(host, (*PROVIDERS[border.kind], *border.hosts))
    )


def _is_id_host(border: Border, host: str) -> bool:
    return bool(border.authserv_id) and fnmatchcase(host, border.authserv_id.lower())


def _among(host: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(host, pattern) for pattern in patterns)


def _block(below: Sequence[Field], border: Border) -> list[str]:
    """The result fields down to the next Received that name one and the same id, the border's."""
    written = takewhile(lambda field: field.name != "received", below)
    split = [_split(field) for field in written if field.name == RESULTS]
    first = split[0][0]
    ours = bool(first) and (first == border.authserv_id or _is_of_provider(first, border.authserv_id))
    return [text for _, text in takewhile(lambda one: ours and one[0] == first, split)]


def _is_of_provider(authserv_id: str, pattern: str) -> bool:
    return pattern.startswith("*.") and fnmatchcase(authserv_id, pattern)


def _split(field: Field) -> tuple[str, str]:
    bare = results.bare(field.value) if field.exact else None
    return (results.split_id(bare) if bare is not None else None) or ("", "")


def _sealed(above: Sequence[Field], below: Sequence[Field], border: Border) -> bool:
    """Do the fields stand above the border's own Received, where no sender reaches? Then all of them are its own."""
    return not hops(above) and _is_id_host(border, next(iter(hops(below)), ""))


def _of_microsoft(above: Sequence[Field], below: Sequence[Field]) -> list[str]:
    """One field, right above the Received of the server that took the mail in, and no such server above it."""
    entry = next(iter(hops(below)), "")
    if not fnmatchcase(entry, MICROSOFT_ENTRY) or any(fnmatchcase(host, MICROSOFT_ENTRY) for host in hops(above)):
        return []
    bare = results.bare(below[0].value)
    return [bare] if bare is not None else []


def _is_gmails(above: Sequence[Field], text: str, border: Border) -> bool:
    """Right below the Received of mx.google.com, and as the ARC results say that stand above it.

    What Gmail fetches from another provider passes no mx.google.com, whatever its fields say.
    """
    names = [field.name for field in above]
    if "received" not in names or "x-gmail-fetch-info" in names:
        return False
    entry = len(names) - 1 - names[::-1].index("received")
    between = set(names[entry + 1 :])
    if not _is_id_host(border, _written_by(above[entry].value)) or between - {"received-spf"}:
        return False
    arc = next((field for field in above[:entry] if field.name == "arc-authentication-results"), None)
    return arc is None or _dmarc(_arc(arc)) == _dmarc(text)


def _arc(field: Field) -> str:
    """RFC 8617 section 4.1.1: an instance, then what the plain field would say."""
    bare = results.bare(field.value) or ""
    return (results.split_id(bare.partition(";")[2]) or ("", ""))[1]


def _dmarc(text: str) -> tuple[str, str]:
    found = results.read([text])
    return found.dmarc, found.dmarc_from


def _submitted_inside(fields: header.Header, border: Border) -> bool:
    """Does the organisation's own Exchange say that somebody who logged in there wrote the mail?

    Its header firewall takes these fields out of what comes from outside, and it writes each once. Every server on
    the way must be one of its own, and none of them one that takes mail in from outside.
    """
    said = {name: [field.value.lower() for field in fields.all(_ORGANISATION + name)] for name in _MARKS}
    way = hops(fields.fields)
    if not way or not all(_wrote(border, host) for host in way) or said["authas"] != ["internal"]:
        return False
    source = said["authsource"][0] if len(said["authsource"]) == 1 else ""
    if said["messagedirectionality"] not in ([], ["originating"]) or not _wrote(border, source):
        return False
    if border.kind is BorderKind.MICROSOFT365:
        return not any(fnmatchcase(host, MICROSOFT_ENTRY) for host in (*way, source))
    # Exchange's own servers also take mail in from outside: the first hop must be out of a mailbox.
    oldest = [field.value for field in fields.fields if field.name == "received"][-1]
    return "with mapi" in " ".join((header.without_comments(oldest) or "").lower().split())
