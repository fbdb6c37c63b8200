"""Containers that their header describes wrongly: the parts are found by what stands in the body.

A boundary may be missing, wrong or cut short, and some programs encode a whole container, which RFC 2045 section 6.4
forbids. Linear; gives bytes to be parsed again, and never a container that is not plainly there.
"""

import re
from collections import Counter

from mailbot.ingest.format import transfer

#: Delimiter lines that are counted; with more it is no mail that anybody sent.
_MOST = 1_000
#: A delimiter line has a part's header below it.
_DELIMITER = re.compile(rb"(?:\A|(?<=[\r\n]))--([^\r\n]{1,200}?)[ \t]*(?:\r?\n|\r)(?=(?i:content-)[A-Za-z-]{1,40}:)")
_KIND = re.compile(r"multipart/[a-z0-9.+-]{1,40}\Z")


def container(kind: str, data: bytes) -> bytes | None:
    """Return a container of that media type with a boundary that is in its body, or None where there is none."""
    counted: Counter[bytes] = Counter()
    for number, found in enumerate(_DELIMITER.finditer(data)):
        if number >= _MOST:
            return None
        counted[found[1]] += 1
    if not counted:
        return None
    # The outermost stands first, and what is as frequent lies in it.
    boundary, _ = counted.most_common(1)[0]
    if b'"' in boundary or b"\\" in boundary:
        return None
    named = kind if _KIND.match(kind) else "multipart/mixed"
    return b'Content-Type: %s; boundary="%s"\r\n\r\n' % (named.encode(), boundary) + data


def decoded(data: bytes, boundary: str, encoding: str) -> bytes | None:
    """Return a container's body out of base64 or quoted-printable, or None where it is in neither."""
    if not encoding or not boundary:
        return None
    plain, _ = transfer.decode(data, encoding)
    return plain if b"--" + boundary.encode("utf-8", "replace") in plain else None
