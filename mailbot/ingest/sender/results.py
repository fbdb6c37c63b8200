"""The results of an `Authentication-Results` field, without its authserv-id (RFC 8601 section 2.2).

Reads what stands there; whose field it is, and whether it counts, is said in `identify`.
"""

import re
from collections.abc import Iterable, Iterator

from mailbot.ingest.format import address, header
from mailbot.mail import Authentication

#: After the comments are gone: a separator, or a word, which may hold quoted strings, as addresses do.
_TOKEN = re.compile(r'([;=])|((?:"(?:[^"\\]|\\.)*"|[^\s;="])+)')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\Z')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: Characters; the longest that a border has been seen to write has two thousand.
_LONGEST = 20_000
_BEHIND = frozenset("; \t\r\n")
#: What may stand in a domain; a resolver answers for much more than that.
_DOMAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\Z")


def bare(text: str) -> str | None:
    """Take the comments out; None where one does not end, or does not stand apart from what is no comment.

    Borders copy into this field what strangers choose (an envelope sender, a HELO name, the domain of a signature),
    seldom escaped: a bracket out of these must not become a comment, nor end one. Neither may a field be endless, or
    hold controls.
    """
    if len(text) > _LONGEST or _CONTROL.search(text):
        return None
    outside = {place for place, _ in header.unquoted(text)}
    start = 0
    for end in (*sorted(outside), len(text)):
        if start < end and not _is_apart(text, start, end):
            return None
        start = end + 1
    return header.without_comments(text)


def _is_apart(text: str, start: int, end: int) -> bool:
    """Is this a quoted string, or comments with white space before them and white space or `;` behind?"""
    said = text[start:end]
    if _QUOTED.match(said):
        return True
    quotes = re.sub(r"\\.", "", said).count('"')
    around = f" {text}"[start].isspace() and f"{text} "[end] in _BEHIND
    return said.startswith("(") and around and quotes % 2 == 0


def split_id(text: str) -> tuple[str, str] | None:
    """Return the authserv-id and the results behind it; None where none, or more than a version, stands before `;`.

    `text` is the field's value without comments.
    """
    first = _TOKEN.match(text.lstrip())
    if not first or first[1]:
        return None
    version, separator, rest = text.lstrip()[first.end() :].lstrip().partition(";")
    if not separator or version.strip() not in ("", "1"):
        return None
    return _unquoted(first[2]), rest


def _unquoted(word: str) -> str:
    """A word that is one quoted string, without the quotes; any other as it is."""
    whole = _QUOTED.match(word)
    return re.sub(r"\\(.)", r"\1", whole[1]) if whole else word


def read(texts: Iterable[str]) -> Authentication:
    """Take the methods that are used here; two DMARC results make all of it unbelievable."""
    found = [_Result(part) for text in texts for part in _parts(text)]
    dmarc = [result for result in found if result.method == "dmarc"]
    if len(dmarc) > 1:
        return Authentication()
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
        if token[1] == ";":
            yield part
            part = []
        else:
            part.append(token[1] or _unquoted(token[2]))
    yield part


class _Result:
    """One resinfo: `dkim=pass header.d=example.com`."""

    def __init__(self, tokens: list[str]) -> None:
        self.method = self.result = ""
        #: ptype.property in lower case -> value; a property that is given twice is none.
        self.properties: dict[str, str] = {}
        self.doubled: set[str] = set()
        for name, value in _pairs(tokens) if tokens[1:2] == ["="] else ():
            if not self.method:
                self.method, self.result = name.partition("/")[0], value.lower()
            elif name in self.properties:
                self.doubled.add(name)
            else:
                self.properties[name] = value
        for name in self.doubled:
            del self.properties[name]

    def domain(self) -> str:
        """The domain that signed: header.d, else what header.i says behind its @."""
        if "header.d" in self.doubled:
            return ""
        name = self.properties.get("header.d", "") or self.properties.get("header.i", "").rpartition("@")[2]
        domain = name.lower().rstrip(".")
        return domain if _DOMAIN.match(domain) else ""


def _pairs(tokens: list[str]) -> Iterator[tuple[str, str]]:
    """Every `name = value`; a base64 value may hold `=` itself, so a value's name never stands behind another `=`."""
    position = 0
    while position + 2 < len(tokens):
        if tokens[position + 1] == "=" and tokens[position] != "=":
            yield tokens[position].lower(), tokens[position + 2]
            position += 3
        else:
            position += 1
