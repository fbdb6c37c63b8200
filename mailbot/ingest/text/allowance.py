"""How much text of one mail is read as such, over all its parts together: what a person would look through.

Each part alone is bounded, but a thousand parts at their bounds are a thousand times that work. The first text is
always read; a later one that goes beyond the allowance is an attachment, as what nobody sees at first is.
"""

from collections.abc import Iterator

from mailbot.ingest.format.body import Body
from mailbot.ingest.format.leaf import LONGEST_TEXT, Leaf

#: Bytes of all texts together: a plain one and its HTML always fit.
BYTES = 2 * LONGEST_TEXT
#: Tags, opening and closing, of all HTML together.
TAGS = 100_000
_DEFECT = "texts of too many parts: those behind {bytes} bytes or {tags} tags are attachments"


def within(body: Body) -> Body:
    """Take the texts beyond the allowance from those that are read; the ones shown first, each in its order."""
    shown = {leaf.index for leaf in body.shown}
    texts = [*body.shown, *(leaf for leaf in (*body.plain, *body.html) if leaf.index not in shown)]
    beyond = {leaf.index: leaf for leaf in _beyond(texts)}
    if beyond:
        for kept in (body.plain, body.html, body.shown):
            kept[:] = [leaf for leaf in kept if leaf.index not in beyond]
        body.attachments = sorted((*body.attachments, *beyond.values()), key=lambda leaf: leaf.index)
        body.defects.append(_DEFECT.format(bytes=BYTES, tags=TAGS))
    return body


def _beyond(texts: list[Leaf]) -> Iterator[Leaf]:
    size = tags = 0
    for number, leaf in enumerate(texts):
        length = min(len(leaf.data), LONGEST_TEXT)
        more = leaf.data.count(b"<") if leaf.type == "text/html" else 0
        if number and (size + length > BYTES or tags + more > TAGS):
            yield leaf
            continue
        size += length
        tags += more
