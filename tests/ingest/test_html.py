"""HTML mail: nothing active is kept, hidden text is no text, containers tell the quote."""

import pytest

from mailbot.ingest.text import html, reply


def shown(source: str) -> str:
    return "\n".join(line.shown for line in html.render(source).lines).strip("\n")


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=http://track.test/p.gif>",
        "<img src=x onerror=alert(1)>",
        "<image src=http://track.test/p.gif>",
        "<IMG/SRC=//track.test/p.gif>",
        "<a href=javascript:alert(1)>x</a>",
        "<style>body{background:url(http://track.test/x)}</style>",
        "<p style='background:url(http://track.test/x)'>x</p>",
        "<iframe src=http://evil.test></iframe>",
        "<svg onload=alert(1)><image href=http://track.test/x></svg>",
        "<link rel=stylesheet href=http://track.test/x>",
        "<form action=http://evil.test><input name=a></form>",
        "<table background=http://track.test/x><tr><td>x</table>",
        "<meta http-equiv=refresh content='0;url=http://evil.test'>",
        "<base href=http://evil.test>",
        "<video src=http://track.test/x autoplay></video>",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    ],
)
def test_nothing_active_and_no_remote_load_is_kept(source: str):
    kept = html.render(f"<div>before {source} after</div>").html.lower()
    beside_plain_text = html.sanitise(f"<div>before {source} after</div>").html.lower()
    assert "before" in kept
    assert kept == beside_plain_text
    for bad in (
        "script",
        "onerror",
        "onload",
        "src=",
        "url(",
        "iframe",
        "<link",
        "<form",
        "background",
        "<meta",
        "<base",
    ):
        assert bad not in kept


def test_an_image_from_within_the_mail_is_kept():
    assert 'src="cid:logo"' in html.render("<img src='cid:logo' alt=Logo>").html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param("<p>one</p><p>two</p>", "one\n\ntwo", id="paragraphs"),
        pytest.param("<div>one</div><div>two</div>", "one\ntwo", id="blocks"),
        pytest.param("one<br>two<br><br>three", "one\ntwo\n\nthree", id="breaks"),
        pytest.param("a  <b> b</b>\n c", "a b c", id="white-space"),
        pytest.param("<pre>a\n  b</pre>", "a\n  b", id="preformatted"),
        pytest.param("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc", id="table"),
        pytest.param("<blockquote>q</blockquote>a", "> q\n\na", id="block-quote"),
        pytest.param("a&nbsp;&lt;b&gt;", "a <b>", id="entities"),
        pytest.param("<title>no</title><style>no</style>yes", "yes", id="head"),
    ],
)
def test_html_is_read_as_a_person_sees_it(source: str, text: str):
    assert shown(source) == text


@pytest.mark.parametrize("style", ["font-size:0.9em", "font-size:10px", "opacity:0.5", "display:block"])
def test_small_text_is_text(style: str):
    assert shown(f"<p style='{style}'>Hello</p>") == "Hello"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            "<div>New</div><div class=gmail_quote><div class=gmail_attr>On Mon, Anna wrote:<br></div>"
            "<blockquote class=gmail_quote>Old</blockquote></div>",
            id="gmail",
        ),
        pytest.param(
            "<p>New</p><div class=moz-cite-prefix>On 02.03.26 10:00, Anna wrote:</div>"
            "<blockquote type=cite>Old</blockquote>",
            id="thunderbird",
        ),
        pytest.param(
            "<div>New</div><div><blockquote type=cite><div>On 2 Mar 2026, at 10:00, Anna wrote:</div>"
            "Old</blockquote></div>",
            id="apple",
        ),
        pytest.param(
            "<div>New</div><div id=appendonsend></div><hr><div id=divRplyFwdMsg><b>From:</b> Anna</div><div>Old</div>",
            id="outlook-on-the-web",
        ),
        pytest.param(
            "<p>New</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Anna<br>"
            "<b>Sent:</b> Monday<br><b>To:</b> Desk<br><b>Subject:</b> x</p></div><p>Old</p>",
            id="outlook",
        ),
        pytest.param("<div>New</div><div class=yahoo_quoted><div>On Monday, Anna wrote:</div>Old</div>", id="yahoo"),
        pytest.param(
            "<div>New</div><div class=protonmail_quote>On Monday, Anna wrote:<blockquote>Old</blockquote></div>",
            id="proton",
        ),
        pytest.param("<div>New</div><div>##- Please write above this line -##</div><div>Old</div>", id="our-marker"),
    ],
)
def test_the_quote_of_a_mail_program_is_told_apart(source: str):
    found = reply.split(html.render(source).lines)
    assert found.new_text == "New"
    assert "Old" in found.quoted


QUOTED = '<blockquote class="gmail_quote">'


@pytest.mark.parametrize(
    "attribution",
    [
        pytest.param("On Mon, 2 Mar 2026 at 10:15, Anna &lt;anna@example.com&gt; wrote:<br>", id="en"),
        pytest.param("Le lun. 2 mars 2026 à 10:15, Anna &lt;anna@example.com&gt;<br>a écrit&nbsp;:<br>", id="wrapped"),
        pytest.param("Mnamo Jum, 2 Mac 2026 saa 10:15 Anna aliandika:", id="sw"),
    ],
)
@pytest.mark.parametrize("name", ["gmail_quote gmail_quote_container", "protonmail_quote"])
def test_answers_between_the_block_quotes_of_a_quote_are_the_author_s(attribution: str, name: str):
    source = (
        f"<div class='{name}'><div>{attribution}</div>{QUOTED}Is it on?</blockquote><div>Yes.</div>"
        f"{QUOTED}Is it hot?</blockquote><div>No.</div></div>"
    )
    found = reply.split(html.render(source).lines)
    assert found.new_text.split() == ["Yes.", "No."]
    assert "Is it on?" in found.quoted


@pytest.mark.parametrize(
    "above",
    [
        pytest.param("Forwarded<br>From: Anna<br>Date: Monday<br>Subject: x<br>To: Desk<br>Hello", id="forwarded"),
        pytest.param(
            "On Monday, Anna wrote:<br>Please see below.<br>On Friday, Kim wrote:<br>", id="a-quote-in-a-quote"
        ),
        pytest.param("", id="nothing"),
        pytest.param("Old words.", id="words"),
    ],
)
def test_a_quote_that_quotes_another_mail_is_no_answer(above: str):
    source = f"<div>New</div><div class=gmail_quote>{above}{QUOTED}Older</blockquote><div>#close</div></div>"
    assert reply.split(html.render(source).lines).new_text == "New"


def test_the_line_of_notes_begins_a_quote():
    source = "New<br><br>Anna Example ---02.03.2026 10:15:00---Dear customer<br><br>Old"
    assert reply.split(html.render(source).lines).new_text == "New"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<p>Hello</p><textarea autofocus><p>Bye</p>", id="textarea"),
        pytest.param("<title/><p>Hello</p><p>Bye</p>", id="title"),
        pytest.param("<p>Hello</p><!-- a comment that never ends <p>Bye</p>", id="comment"),
        pytest.param("<p>Hello</p><style><style><p>Bye</p>", id="two"),
    ],
)
def test_a_tag_that_never_ends_swallows_no_text_and_lets_no_command_run(source: str):
    lines = html.render(source).lines
    assert "Bye" in "\n".join(line.text for line in lines)
    assert all(line.doubted for line in lines if line.text)


def test_where_nothing_else_stands_images_speak_for_themselves():
    assert shown('<p><img src="cid:a" alt="Call&#10;us &amp; ask"><img src="cid:b" alt=""></p>') == "Call us & ask"
    assert shown('<p>Hello <img src="cid:a" alt="Logo"></p>') == "Hello"


@pytest.mark.parametrize("address", ["//evil.test/x", "/wiki/Page", "page.html", "?x=1"])
def test_no_link_is_kept_that_begins_nowhere(address: str):
    assert html.render(f"<a href='{address}'>here</a>").html == '<a rel="noreferrer">here</a>'


def test_a_signature_container_is_the_signature():
    found = reply.split(html.render("<div>New</div><div class=gmail_signature>Anna<br>Example Ltd</div>").lines)
    assert (found.new_text, found.signature) == ("New", "Anna\nExample Ltd")


def test_html_too_deep_to_be_kept_still_gives_its_words():
    found = html.render("<div>" * 5000 + "Hello")
    assert found.html == ""
    assert "Hello" in [line.text for line in found.lines]
    assert found.defect


@pytest.mark.parametrize("source", ["<pre><o:p>\n", "<pre>\n\na</pre>", "<pre>\na</pre>", "<pre>a\n</pre>"])
def test_what_was_sanitised_stays_as_it_is(source: str):
    kept = html.render(source).html
    assert html.render(kept).html == kept
