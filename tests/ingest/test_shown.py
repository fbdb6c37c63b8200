"""What a reader of an HTML mail does not see is no text; what cannot be told is text, and no command."""

import time

import pytest

from mailbot.ingest.parse import read_mail
from mailbot.ingest.text import html
from mailbot.mail import Mail


def read(source: str) -> Mail:
    """A mail of this HTML, and a paragraph that everybody sees."""
    page = f"<html>{source}<p>Hello there, all is well.</p></html>"
    return read_mail(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page.encode())


HIDDEN_STYLES = (
    "display:none",
    "DISPLAY : none !important",
    "display/**/:none",
    "dis\\70lay:none",
    "display:block;display:none",
    "visibility: hidden",
    "visibility:collapse",
    "opacity:0",
    "opacity:.05",
    "opacity:0%",
    "font-size:0",
    "font-size:0px;line-height:0",
    "font-size:0.01em",
    "font-size:1px",
    "font:0/0 a",
    "zoom:0",
    "color:transparent",
    "color:rgba(0,0,0,0)",
    "color:rgb(1 1 1 / 0)",
    "-webkit-text-fill-color:transparent",
    "color:#fff;background:#ffffff",
    "color:#123456;background-color:#123457",
    "height:0;overflow:hidden",
    "max-height:1px;overflow-y:hidden",
    "width:0;overflow:hidden",
    "text-indent:-9999px",
    "margin-left:-9999px",
    "position:absolute;left:-9999px",
    "position:fixed;inset:-9999px",
    "position:absolute;clip:rect(0,0,0,0)",
    "clip-path:inset(100%)",
    "clip-path:polygon(0 0, 0 0)",
    "transform:scale(0)",
    "transform:scaleX(0)",
    "-webkit-transform:translateX(-9999px)",
    "scale:0",
    "filter:opacity(0)",
    "filter:alpha(opacity=0)",
    "content-visibility:hidden",
)


@pytest.mark.parametrize("style", HIDDEN_STYLES)
def test_what_a_style_hides_is_no_text(style: str):
    mail = read(f"<div style='{style}'>#close <p>now</p></div>")
    assert mail.text == "Hello there, all is well."
    assert mail.doubted == ()


@pytest.mark.parametrize("tag", ["u", "button", "o:p", "x-y", "details"])
def test_any_element_can_be_hidden(tag: str):
    mail = read(
        f"<style>.x{{display:none}}</style><div><{tag} hidden>#close</{tag}><{tag} class=x>#close</{tag}></div>"
    )
    assert "#close" not in mail.text


@pytest.mark.parametrize(
    ("sheet", "element"),
    [
        pytest.param(".x{display:none}", "<p class=x>#close</p>", id="class"),
        pytest.param("#y{display:none}", "<p id=y>#close</p>", id="id"),
        pytest.param("u{display:none}", "<p><u>#close</u></p>", id="tag"),
        pytest.param("p.a.b{display:none}", "<p class='b a'>#close</p>", id="classes"),
        pytest.param("*.x{font-size:0}", "<p class=x>#close</p>", id="any"),
        pytest.param("[data-x]{display:none}", "<p data-x=1>#close</p>", id="attribute"),
        pytest.param("[lang^=x]{display:none}", "<p lang=x-1>#close</p>", id="value"),
        pytest.param("h1,\n.x , #y{display:none}", "<p class=x>#close</p>", id="one-of-a-list"),
        pytest.param("div p{display:none}", "<div><b><p>#close</p></b></div>", id="inside"),
        pytest.param("div>p{display:none}", "<div><p>#close</p></div>", id="right-inside"),
        pytest.param(
            ".a .b > p{display:none}", "<i class=a><i class=b><i><i class=b><p>#close</p></i></i></i></i>", id="both"
        ),
        pytest.param("body .x{display:none}", "<p class=x>#close</p>", id="inside-the-body"),
        pytest.param("@media screen{.x{display:none}}", "<p class=x>#close</p>", id="screen"),
        pytest.param("<!-- .x{display:none} -->", "<p class=x>#close</p>", id="in-comment-marks"),
        pytest.param("/* } */ .x/**/{/**/display/**/:/**/none}", "<p class=x>#close</p>", id="comments"),
        pytest.param(".\\78 {d\\69splay:n\\6fne}", "<p class=x>#close</p>", id="escapes"),
        pytest.param("div{visibility:hidden}", "<div><p>#close</p></div>", id="inherited"),
        pytest.param("div{color:#fff;background:#fff}", "<div><p>#close</p></div>", id="inherited-colour"),
        pytest.param(".x{display:none!important}", "<p class=x style='display:block'>#close</p>", id="important"),
        pytest.param(".x{display:none}p{display:block}", "<p class=x>#close</p>", id="the-heavier-wins"),
        pytest.param("p{display:block}p{display:none}", "<div><p>#close</p></div>", id="the-later-wins"),
    ],
)
def test_what_a_style_sheet_hides_is_no_text(sheet: str, element: str):
    assert "#close" not in read(f"<head><style type='text/css'>{sheet}</style></head><body>{element}</body>").text


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<table bgcolor=black><tr><td><font color=black>#close</font></table>", id="font-on-its-ground"),
        pytest.param("<body bgcolor=ffffff><p style='color:white'>#close</p>", id="white-on-a-white-page"),
        pytest.param("<datalist><option>#close</datalist>", id="datalist"),
        pytest.param("<iframe>#close</iframe><noframes>#close</noframes>", id="frames"),
    ],
)
def test_what_attributes_and_elements_hide_is_no_text(source: str):
    assert "#close" not in read(source).text


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<p style='color:white'>#close</p>", id="white-where-no-ground-is-named"),
        pytest.param("<p style='color:var(--x)'>#close</p>", id="a-colour-to-be-worked-out"),
        pytest.param("<p style='display:var(--x)'>#close</p>", id="a-display-to-be-worked-out"),
        pytest.param("<p style='font-size:calc(1px - 1px)'>#close</p>", id="a-size-to-be-worked-out"),
        pytest.param("<p style='font-size:3px'>#close</p>", id="tiny"),
        pytest.param("<p style='opacity:.2'>#close</p>", id="faint"),
        pytest.param("<p style='color:#eee;background:#fff'>#close</p>", id="pale"),
        pytest.param("<p style='background:url(x.png)'>#close</p>", id="on-a-picture"),
        pytest.param("<table><tr><td background=x.png>#close</table>", id="on-a-picture-of-a-table"),
        pytest.param("<p style='position:absolute;top:10px'>#close</p>", id="somewhere"),
        pytest.param("<p style='position:relative;z-index:-1'>#close</p>", id="below"),
        pytest.param("<p style='position:relative;left:-300px'>#close</p>", id="moved"),
        pytest.param("<p style='text-indent:-300px'>#close</p>", id="moved-out"),
        pytest.param("<p style='margin-left:-300px'>#close</p>", id="drawn-out"),
        pytest.param("<p style='max-height:0'>#close</p>", id="no-height-but-nothing-cut"),
        pytest.param("<p style='height:6px;overflow:hidden'>#close</p>", id="cut"),
        pytest.param("<p style='height:calc(1px);overflow:hidden'>#close</p>", id="a-height-to-be-worked-out"),
        pytest.param("<p style='letter-spacing:-1em'>#close</p>", id="squeezed"),
        pytest.param("<p style='line-height:0'>#close</p>", id="flat"),
        pytest.param("<p style='transform:rotateY(90deg)'>#close</p>", id="turned"),
        pytest.param("<p style='clip-path:circle(40%)'>#close</p>", id="clipped"),
        pytest.param("<p style='filter:blur(9px)'>#close</p>", id="blurred"),
        pytest.param("<p style='mso-hide:all'>#close</p>", id="outlook-alone-hides-it"),
        pytest.param("<details><summary>More</summary>#close</details>", id="to-be-opened"),
        pytest.param("<dialog>#close</dialog>", id="dialog"),
        pytest.param("<xmp style='display:none'>#close</xmp>", id="an-element-of-old"),
        pytest.param("<style>p:first-child{display:none}</style><div><p>#close</p></div>", id="pseudo-class"),
        pytest.param("<style>a + p{display:none}</style><a>x</a><p>#close</p>", id="beside"),
        pytest.param("<style>.a{& p{display:none}}</style><div class=a><p>#close</p></div>", id="nested"),
        pytest.param("<style>@media (max-width:600px){p{display:none}}</style><p>#close</p>", id="on-phones"),
        pytest.param("<style>@supports (top:0){p{display:none}}</style><p>#close</p>", id="supports"),
        pytest.param("<!--[if mso]><style>p{display:none}</style><![endif]--><p>#close</p>", id="in-outlook"),
        pytest.param("<style>@import url(http://x.test/y.css);</style><p>#close</p>", id="imported"),
        pytest.param("<link rel=stylesheet href=http://x.test/y.css><p>#close</p>", id="linked"),
        pytest.param("<div style='font-size:0'><table><tr><td>#close</table></div>", id="a-table-in-no-size"),
        pytest.param(f"<style>{'.y{color:red}' * 8_000}</style><p>#close</p>", id="too-much-style"),
        pytest.param("".join(f"<x{n}></x{n}>" for n in range(400)) + "<p>#close</p>", id="invented-elements"),
        pytest.param("<i>" * 2_000 + "<p>#close</p>", id="too-deep"),
    ],
)
def test_what_a_reader_perhaps_does_not_see_is_kept_and_doubted(source: str):
    mail = read(source)
    assert "#close" in mail.new_text
    assert "#close" in [line.strip() for line in mail.doubted]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<div dir=ltr style='font-family:arial;color:rgb(34,34,34)'>Words</div>", id="gmail"),
        pytest.param(
            "<style>p.MsoNormal{margin:0cm;font-size:11.0pt}@page W{size:612pt 792pt}</style>"
            "<p class=MsoNormal><span lang=EN style='mso-fareast-language:EN-US'>Words<o:p></o:p></span></p>",
            id="outlook",
        ),
        pytest.param("<p style='margin-left:36.0pt;text-indent:-18.0pt;mso-list:l0'>Words</p>", id="outlook-list"),
        pytest.param(
            "<body style='overflow-wrap:break-word;-webkit-nbsp-mode:space;line-break:after-white-space'>Words",
            id="apple",
        ),
        pytest.param(
            "<style>@media (prefers-color-scheme: dark){body{background:#000}p{color:#fff!important}}</style><p>Words",
            id="dark-mode",
        ),
        pytest.param("<div style='background:#000'><p style='color:#fff'>Words</p></div>", id="white-on-black"),
        pytest.param("<a style='background:#0055aa;color:#ffffff'>Words</a>", id="button"),
        pytest.param(
            "<table><tr><td bgcolor='#0055aa'><a style='color:#fff'>Words</a></table>", id="button-of-a-table"
        ),
        pytest.param(
            "<style>.b{background:navy}.b a{color:white}</style><p class=b><a>Words</a>", id="button-of-a-sheet"
        ),
        pytest.param("<body bgcolor=black text=white><p>Words</p>", id="dark-page"),
        pytest.param("<div style='font-size:0'><span style='font-size:14px'>Words</span></div>", id="wrapper"),
        pytest.param("<div style='line-height:0'><span style='line-height:1.4'>Words</span></div>", id="flat-wrapper"),
        pytest.param("<div style='visibility:hidden'><p style='visibility:visible'>Words</p></div>", id="shown-again"),
        pytest.param(
            "<style>.x{display:none}</style><p class=x style='display:block'>Words</p>", id="shown-by-its-style"
        ),
        pytest.param("<style>.x{display:none}</style><p class=y>Words</p>", id="another-class"),
        pytest.param("<style>div > p{display:none}</style><div><b><p>Words</p></b></div>", id="not-right-inside"),
        pytest.param("<style>@media print{p{display:none}}</style><p>Words</p>", id="hidden-on-paper"),
        pytest.param(
            "<style>a:hover{color:transparent}p::before{color:transparent}</style><p><a>Words</a></p>", id="hover"
        ),
        pytest.param(
            "<style>@import url('https://fonts.googleapis.com/css2?family=X');</style><p>Words</p>", id="fonts"
        ),
        pytest.param("<div style='display:none;max-height:0'>Preview</div><p>Words</p>", id="preheader"),
        pytest.param("<p style='height:0'>Words</p>", id="nothing-is-cut"),
        pytest.param("<div style='width:calc(100% - 9px);max-width:600px;overflow:visible'>Words</div>", id="column"),
        pytest.param("<div style='width:0;min-width:100%;overflow:auto'><p>Words</p></div>", id="fluid"),
        pytest.param("<p hidden style='display:block'>Words</p>", id="hidden-and-shown"),
        pytest.param("<input style='display:none'>Words", id="behind-a-hidden-element-without-end"),
        pytest.param("<p style='color:#666'>Words</p>", id="grey"),
        pytest.param("<sup style='font-size:60%'>Words</sup>", id="raised"),
        pytest.param("<details open>Words</details>", id="open"),
    ],
)
def test_what_a_reader_sees_is_text_and_not_doubted(source: str):
    mail = read(source)
    assert "Words" in mail.new_text
    assert [line for line in mail.doubted if "Words" in line] == []


def test_only_the_lines_in_question_are_doubted():
    mail = read("<p>take</p><p style='color:white'>#close</p><div class=gmail_quote><p style='color:white'>x</p></div>")
    assert mail.doubted == ("#close",)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"<style>{'.a{display:none}' * 700}</style>" + "<p class=a>x" * 2_000, id="rules"),
        pytest.param(f"<style>{'a a a a b{top:0}' * 700}</style>{'<a>' * 900}{'<b>x</b>' * 500}", id="ancestors"),
        pytest.param(f"<style>{'@media x{' * 3_000}</style>x", id="media"),
        pytest.param("<p style='transform:" + "scale(" * 20_000 + "'>x", id="functions"),
        pytest.param("<style " * 20_000, id="open-tags"),
    ],
)
def test_no_style_takes_long(source: str):
    begin = time.process_time()
    html.render(source)
    # In proportion to its length, tenths of a second; what grows with its square takes minutes.
    assert time.process_time() - begin < 10
