"""HTML mail: a sanitised form to keep, and the text that a person would see of it.

Nothing active and no remote load survives (nh3's allow-list, images only from within the mail). The walk over nh3's
output (`walk`) is linear; what style sheets and attributes hide is not text (`shown`).
"""

import re
from dataclasses import dataclass, replace
from html import unescape

import nh3

from mailbot.ingest.text.line import Line, plain
from mailbot.ingest.text.shown import Styles
from mailbot.ingest.text.walk import VOID, Walk

#: HTML beyond these is only stripped: such markup was written by no person, and it costs seconds.
_LONGEST = 1_000_000
_MOST_TAGS = 50_000
_MOST_ENTITIES = 100_000
#: The sanitiser is quadratic in open blocks; deeper HTML is only stripped.
_DEEPEST = 1_500
# fmt: off
_TAGS = {
    "a", "abbr", "address", "article", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "i", "img", "ins", "kbd", "li", "main", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span",
    "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
}
# fmt: on
_KEPT: dict[str, set[str]] = {
    "a": {"href", "title", "name"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "ol": {"start"},
    "font": {"color"},
}
#: What tells how an element looks, and whether it is a quote or a signature.
_LOOKS = {
    "class", "id", "style", "name", "hidden", "data-marker", "data-smartmail", "type", "title", "color", "bgcolor",
    "background", "open",
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_DROPPED = {
    "script", "style", "title", "head", "noscript", "template", "textarea", "select", "object", "svg", "math", "iframe",
    "noembed", "noframes",
}  # fmt: skip
#: What takes all that follows for its own text until it ends, or what nobody reads the text of.
_SWALLOWING = re.compile(
    r"<(/?)(script|style|title|textarea|noscript|template|select|object|iframe|noembed|noframes|xmp)"
    r"(?=[\s/>])",
    re.IGNORECASE,
)
_ALT = re.compile(r"<img\b[^>]*? alt=\"([^\"]{1,2000})\"")
#: Tags whose names are read in one mail; more are invented.
_MOST_NAMES = 300
_NAME = re.compile(r"<([A-Za-z][^\s/>]{0,40})")
#: What the sanitiser cannot hand on with its style.
_UNWRAPPED = re.compile(r"<(?:xmp|plaintext|listing)\b", re.IGNORECASE)
#: Whoever reads such a text drops the line end that it begins with, and the sanitiser writes what it read.
_PRE = re.compile(r"<pre(?: [^>]*)?>\n")
_TOO_MUCH = "HTML too large or too deep to be kept"
#: An image in the text itself is megabytes of base64 that nobody reads.
_EMBEDDED = re.compile(r"data:[a-z]{1,20}/[^\s\"'<>)]{100,}")
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]{0,40})")
#: They do not nest: they have no end, or the next of their kind ends them.
_FLAT = VOID | {"p", "li", "td", "th", "tr", "dd", "dt", "option"}
#: The sanitiser is quadratic in the attributes of one tag, too; shorter HTML has too few for that.
_SHORT = 20_000
_MOST_ATTRIBUTES = 2_000
_ATTRIBUTES = re.compile(r"<[A-Za-z](?:[^>\"'=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')|[\"'=])*+")
_QUOTED = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_BETWEEN = re.compile(r"[\s/]+")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One HTML text, read."""

    #: Sanitised; "" where it was too large or too deep to be kept.
    html: str
    #: What a person would see, line by line, with what the containers say about each line.
    lines: tuple[Line, ...]
    defect: str = ""


def render(source: str) -> Rendered:
    """Sanitise HTML and read its text. Never raises, linear in the size of the source."""
    source = _EMBEDDED.sub("", source)
    if _is_too_much(source):
        return Rendered("", _stripped(source[:_LONGEST]), _TOO_MUCH)
    source, opened = _opened(source)
    styles = Styles(source)
    if opened:
        styles.doubt_all()
    readable = _readable(source, styles)
    lines = _walked(readable, styles)
    return Rendered(_kept(readable), lines if any(line.text for line in lines) else _named(readable))


def _opened(source: str) -> tuple[str, bool]:
    """Open what never ends and would swallow all that follows; say whether there was such a thing."""
    left: dict[str, list[int]] = {}
    for tag in _SWALLOWING.finditer(source):
        name = tag[2].lower()
        if tag[1]:
            left.pop(name, None)
        else:
            left.setdefault(name, []).append(tag.start())
    starts = {start for found in left.values() for start in found}
    opened = _SWALLOWING.sub(lambda tag: "<b" if tag.start() in starts else tag[0], source)
    comment = opened.rfind("<!--")
    if comment >= 0 and opened.find("-->", comment + 2) < 0:
        return f"{opened[:comment]}{opened[comment + 4 :]}", True
    return opened, bool(starts)


def _named(source: str) -> tuple[Line, ...]:
    """What images say of themselves, in a mail that says nothing else: it is what a person sees of them."""
    return plain("\n".join(filter(None, (" ".join(unescape(alt).split()) for alt in _ALT.findall(source)))))


def _readable(source: str, styles: Styles) -> str:
    """The form to walk over: every element with its looks, as any of them may hide text."""
    names = {name.lower() for name in set(_NAME.findall(source))}
    if len(names) > _MOST_NAMES or _UNWRAPPED.search(source):
        styles.doubt_all()
    names = set() if len(names) > _MOST_NAMES else names - _DROPPED - VOID - {"xmp", "plaintext", "html", "body"}
    readable = nh3.clean(
        source,
        tags=_TAGS | names,
        attributes={**_KEPT, "*": _LOOKS | styles.attributes},
        url_schemes=_SCHEMES,
        clean_content_tags=_DROPPED,
        link_rel=None,
    )
    return _PRE.sub(r"\g<0>\n", readable)


def sanitise(source: str) -> Rendered:
    """Sanitise HTML whose text nobody reads, since a plain form stands beside it."""
    source = _EMBEDDED.sub("", source)
    return Rendered("", (), _TOO_MUCH) if _is_too_much(source) else Rendered(_kept(source), ())


def _kept(source: str) -> str:
    """The form to keep; the filter costs a call per attribute, so only mails with images pay it."""
    kept = nh3.clean(
        source,
        tags=_TAGS,
        attributes=_KEPT,
        url_schemes=_SCHEMES,
        clean_content_tags=_DROPPED,
        # An <image> becomes an <img> in the sanitiser's hands, too.
        attribute_filter=_local if "<im" in source.lower() else None,
        link_rel="noreferrer",
        # Nobody knows the page that such an address would begin at.
        url_relative="deny",
    ).strip()
    return _PRE.sub(r"\g<0>\n", kept)


def _is_too_much(source: str) -> bool:
    too_long = len(source) > _LONGEST or source.count("<") > 2 * _MOST_TAGS or source.count("&") > _MOST_ENTITIES
    return too_long or _depth(source) > _DEEPEST or _has_many_attributes(source)


def _depth(source: str) -> int:
    """How many tags are open at most, if each closes by its own end alone: what is left open is opened anew."""
    opened: dict[str, int] = {}
    depth = most = 0
    for end, name in _TAG.findall(source):
        tag = name.lower()
        if tag in _FLAT:
            continue
        if not end:
            opened[tag] = opened.get(tag, 0) + 1
            depth += 1
            most = max(most, depth)
        elif opened.get(tag):
            opened[tag] -= 1
            depth -= 1
    return most


def _has_many_attributes(source: str) -> bool:
    """Has any tag more attributes than a person's program ever wrote?"""
    if len(source) < _SHORT:
        return False
    long = (tag[0] for tag in _ATTRIBUTES.finditer(source) if tag.end() - tag.start() > _MOST_ATTRIBUTES)
    return any(len(_BETWEEN.findall(_QUOTED.sub(" ", tag))) > _MOST_ATTRIBUTES for tag in long)


def _local(tag: str, name: str, value: str) -> str | None:
    """Let an image be loaded from within the mail alone."""
    if tag == "img" and name == "src" and not value.lower().startswith("cid:"):
        return None
    return value


def _stripped(source: str) -> tuple[Line, ...]:
    """The words of HTML that no parser should see: tags taken out, entities read."""
    lines = plain(unescape(re.sub(r"<[^<>]*>", "\n", source)))
    # Nobody has looked at what its styles hide.
    return tuple(replace(line, doubted=True) for line in lines)


def _walked(source: str, styles: Styles) -> tuple[Line, ...]:
    walk = Walk(styles)
    walk.feed(source)
    walk.close()
    return walk.lines()
