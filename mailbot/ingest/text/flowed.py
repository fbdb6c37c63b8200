"""Text that was wrapped for the way: format=flowed, RFC 3676."""

import re

_QUOTES = re.compile(r">*")


def unflowed(text: str, *, delsp: bool) -> str:
    """Join the lines of paragraphs that were wrapped; quotes keep their marks, `-- ` ends one (section 4)."""
    paragraphs: list[str] = []
    pieces: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        found = _QUOTES.match(line)
        depth = found.end() if found else 0
        content = line[depth:].removeprefix(" ")
        if open_depth >= 0 and (depth != open_depth or content == "-- "):
            paragraphs.append(_paragraph(open_depth, pieces))
            pieces = []
        pieces.append(content)
        if content.endswith(" ") and content != "-- ":
            open_depth = depth
            if delsp:
                pieces[-1] = content[:-1]
            continue
        paragraphs.append(_paragraph(depth, pieces))
        pieces, open_depth = [], -1
    if pieces:
        paragraphs.append(_paragraph(open_depth, pieces))
    return "\n".join(paragraphs)


def _paragraph(depth: int, pieces: list[str]) -> str:
    content = "".join(pieces)
    return f"{'>' * depth} {content}" if depth else content
