"""What the border server says about a mail's sender: `Authentication-Results`, RFC 8601 and `semantics.md` 26.

Believed is one field at most: the first of all, with exactly the border's id, with nothing but the border's own
`Received` above it. Anything else gives the empty `Authentication`. Says nothing about what a sender may do.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from mailbot.ingest import address, header
from mailbot.mail import Authentication

#: RFC 8601 section 2.2, after the comments are gone: a quoted string, a separator, or a run of anything else.
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([;=])|([^\s;="]+)')
_NONE = Authentication()


def authentication(fields: header.Header, border: str) -> Authentication:
    """Read what the border found out, or nothing where nobody may be believed."""
    value = _believed(fields, border) if border else None
    return _results(value) if value is not None else _NONE


def _believed(fields: header.Header, border: str) -> str | None:
    """Return the results of the one field that counts, without its authserv-id."""
    for field in fields.fields:
        if field.name == "received" and _written_by(field.value) != border.lower():
            return None
        if field.name == "authentication-results":
            bare = header.without_comments(field.value)
            return _after_id(bare, border) if bare is not None and field.exact else None
    return None


def _written_by(received: str) -> str:
    """The host that wrote a Received field: the word after `by` (RFC 5321 section 4.4)."""
    words = (header.without_comments(received) or "").partition(";")[0].split()
    hosts = [host for by, host in pairwise(words) if by.lower() == "by"]
    return hosts[0].rstrip(".").lower() if len(hosts) == 1 else ""


def _after_id(text: str, border: str) -> str | None:
    """RFC 8601 section 2.2: authserv-id, perhaps a version, then `;` and the results. The id must match exactly."""
    first = _TOKEN.match(text.lstrip())
    if not first or (first[1] if first[1] is not None else first[3]) != border:
        return None
    rest = text.lstrip()[first.end() :].lstrip()
    version, separator, results = rest.partition(";")
    return results if separator and version.strip() in ("", "1") else None


def _results(text: str) -> Authentication:
    """Take the methods that are used here; two DMARC results make all of it unbelievable."""
    found = [_Result(part) for part in _parts(text)]
    dmarc = [result for result in found if result.method == "dmarc"]
    if len(dmarc) > 1:
        return _NONE
    spf = [result for result in found if result.method == "spf"]
    signed = (result.domain() for result in found if result.method == "dkim" and result.result == "pass")
    logged_in = [result for result in found if result.method == "auth" and result.result == "pass"]
    return Authentication(
        dmarc=dmarc[0].result if dmarc else "",
        dmarc_from=dmarc[0].properties.get("header.from", "").lower() if dmarc else "",
        dkim=tuple(dict.fromkeys(domain for domain in signed if domain)),
        spf=spf[0].result if len(spf) == 1 else "",
        auth=address.well_formed(logged_in[0].properties.get("smtp.auth", "")) if len(logged_in) == 1 else "",
    )


def _parts(text: str) -> Iterator[list[str]]:
    """Split the results at `;`, each into its tokens; a quoted string is one token and never a separator."""
    part: list[str] = []
    for token in _TOKEN.finditer(text):
        if token[2] == ";":
            yield part
            part = []
        else:
            part.append(token[0] if token[1] is None else re.sub(r"\\(.)", r"\1", token[1]))
    yield part


class _Result:
    """One resinfo: `dkim=pass header.d=example.com`."""

    def __init__(self, tokens: list[str]) -> None:
        self.method = self.result = ""
        #: ptype.property in lower case -> value; a property that is given twice is none.
        self.properties: dict[str, str] = {}
        doubled: set[str] = set()
        for name, value in _pairs(tokens) if tokens[1:2] == ["="] else ():
            if not self.method:
                self.method, self.result = name.partition("/")[0], value.lower()
            elif name in self.properties:
                doubled.add(name)
            else:
                self.properties[name] = value
        for name in doubled:
            del self.properties[name]

    def domain(self) -> str:
        """The domain that signed: header.d, else what header.i says behind its @."""
        name = self.properties.get("header.d", "") or self.properties.get("header.i", "").rpartition("@")[2]
        return name.lower().rstrip(".")


def _pairs(tokens: list[str]) -> Iterator[tuple[str, str]]:
    """Every `name = value`; a base64 value may hold `=` itself, so a value's name never stands behind another `=`."""
    position = 0
    while position + 2 < len(tokens):
        if tokens[position + 1] == "=" and tokens[position] != "=":
            yield tokens[position].lower(), tokens[position + 2]
            position += 3
        else:
            position += 1
