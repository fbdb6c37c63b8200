"""How the HTML parts look: what common mail programs honour, small enough for all of them, and readable.

Word shows mail in Outlook for Windows: it knows padding of table cells only, and neither a greatest width nor inline
blocks. Gmail cuts off what is larger than 102 kB. Contrast is that of WCAG 2.2, 1.4.3.
"""

import re
from html.parser import HTMLParser

import pytest

from mailbot.notices.render import TemplateRenderer
from mailbot.notices.render_sample import PLANS, sample

RENDERER = TemplateRenderer()
#: What holds the layout: honoured by Gmail, Outlook (Word's engine too), Apple Mail, Thunderbird and Yahoo.
HONOURED = {
    "margin", "background", "color", "font-family", "font-size", "line-height", "width", "height", "border",
    "border-left", "padding", "font-weight",
}  # fmt: skip
#: What some drop and nobody misses.
ORNAMENT = {"border-radius", "max-width", "overflow-wrap", "white-space"}
#: Where Word honours a padding.
PADDED = {"td", "body", "code"}
#: The least contrast of text with its ground.
CONTRAST = 4.5


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG computes it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Page(HTMLParser):
    """Walks a page with the colours and sizes that hold where a text stands."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.declared: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        style = dict(attrs).get("style") or ""
        found = [part.split(":", 1) for part in style.split(";") if part.strip()]
        here = {name.strip(): value.strip() for name, value in found}
        self.declared += [(tag, name, value) for name, value in here.items()]
        if tag not in ("br", "meta"):
            before = self.stack[-1][1] if self.stack else {}
            self.stack.append((tag, {**before, **here}))

    def handle_endtag(self, tag):
        opened, _ = self.stack.pop()
        assert opened == tag

    def handle_data(self, data):
        if data.strip() and all(tag not in ("title", "head") for tag, _ in self.stack):
            self.texts.append((data.strip(), self.stack[-1][1]))


def page(name: str) -> Page:
    return Page(RENDERER.render(name, "en", sample(name)).html)


@pytest.mark.parametrize("name", PLANS)
def test_the_layout_rests_on_what_common_programs_honour(name: str):
    for tag, style, value in page(name).declared:
        assert style in HONOURED | ORNAMENT, f"{style} on {tag} is dropped somewhere"
        if style == "padding" and value != "0":
            assert tag in PADDED, f"Word drops the padding of {tag}"


@pytest.mark.parametrize("name", PLANS)
def test_all_text_stands_out_from_its_ground(name: str):
    texts = page(name).texts
    assert len(texts) > 3
    for text, style in texts:
        ratio = contrast(style["color"], style["background"])
        assert ratio >= CONTRAST, f"{text!r}: {style['color']} on {style['background']} is {ratio:.1f}"


@pytest.mark.parametrize("name", PLANS)
def test_no_text_is_smaller_than_a_phone_can_show(name: str):
    for text, style in page(name).texts:
        if text != "\xa0":  # an empty line
            assert int(style["font-size"].removesuffix("px")) >= 13, text


@pytest.mark.parametrize("name", PLANS)
def test_no_program_cuts_a_notice_off(name: str):
    assert len(RENDERER.render(name, "en", sample(name)).html.encode()) < 20_000


@pytest.mark.parametrize("name", PLANS)
def test_a_narrow_window_needs_no_scrolling_sideways(name: str):
    html = RENDERER.render(name, "en", sample(name)).html
    for tag in re.findall(r"<[^>]*\swidth=\"\d+\"[^>]*>", html):
        assert "width:100%" in tag, f"a fixed width that a phone cannot shrink: {tag}"
