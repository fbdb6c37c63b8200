"""Texts and HTML made of what replies are made of: nothing raises, nothing is lost, time grows with the size alone."""

# ruff: noqa: RUF001 - letters of many alphabets are what is read

import os
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mailbot.ingest.text import html, reply
from mailbot.ingest.text.line import plain

#: Seconds for each test of this file; CI's slow lane gives fewer (Makefile).
SECONDS = float(os.environ.get("FUZZ_SECONDS", "300"))
#: Short rounds, so that the last of them ends soon after the time is up.
ROUND = settings(
    max_examples=100,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(int(SECONDS) + 600)]

# fmt: off
LINES = st.sampled_from([
    "", " ", "> old", ">> older", ">From here", "On Mon, 2 Mar 2026 at 10:15, Anna <anna@example.com> wrote:", "wrote:",
    "On Mon, 2 Mar 2026", "at 10:15, Anna", "<anna@example.com>", "Am 02.03.26 um 10:15 schrieb Anna:", "a écrit :",
    "2026年3月2日(月) 10:15", "写道：", "\u202bבתאריך 2 במרץ 2026 ב-10:15\u202c:", "From: Anna", "Sent: Monday",
    "To: Desk", "Subject: x", "Von: Anna", "-----Original Message-----", "Begin forwarded message:", "________________",
    "-- ", "--", "Best regards,", "Mit freundlichen Grüßen", "Anna", "-Anna", "/Anna", "- Anna", "PS: the key",
    "Tel. +49 30 1234", "Sent from my iPhone", "Outlook für iOS<https://aka.ms/o0ukef> beziehen", "감사합니다.",
    "##- write above -##", "> ##- write above -##",
    "This e-mail is confidential. If you are not its recipient, delete it and notify us.",
    "DISCLAIMER", "Please consider the environment before printing.", "It is broken.", "İstanbul:",
    "Anna ---02.03.2026 10:15:00---x", "---- On Mon, 2 Mar 2026 10:15 Anna wrote ----", "\u0130" * 30 + ":", "*" * 90,
])
TAGS = st.sampled_from([
    "<div>", "</div>", "<p>", "</p>", "<br>", "<blockquote>", '<blockquote class="gmail_quote">', "</blockquote>",
    '<blockquote type="cite">', '<div class="gmail_quote">', '<div class="gmail_attr">', '<div class="yahoo_quoted">',
    '<div class="protonmail_quote">', '<div id="divRplyFwdMsg">', '<div id="appendonsend">', "<hr>", "<table><tr><td>",
    "</table>", "<pre>", "</pre>", "<style>", "</style>", "<textarea>", "<title/>", "<script", "<!--", "-->", "<svg>",
    "<math><mtext>", "<b style='display:none'>", "<span style=color:#fff>", "</span>", "&nbsp;", "&lt;b&gt;", "&#0;",
    "<", "<img alt='x' src='cid:y'>", "<a href='//evil.test'>", "<a href='https://example.com'>", "</a>", "\x00",
    "<o:p>", '<div class="gmail_signature">', "<select>", "<xmp>", "<noscript>", "<template>", "\ufffd", "</nobody>",
])
# fmt: on


LONG_ROUND = settings(ROUND, max_examples=5)


def until_the_time_is_up(check: Callable[[], None]) -> None:
    """Run rounds of a test; each draws anew."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        check()


def words_of(text: str) -> list[str]:
    return sorted(line for line in text.split("\n") if line.strip())


def test_every_line_of_a_text_is_new_or_quoted_or_signature():
    @ROUND
    @given(st.lists(st.one_of(LINES, st.text(max_size=60)), max_size=40))
    def check(lines: list[str]) -> None:
        text = "\n".join(lines)
        found = reply.split(plain(text))
        parts = f"{found.new_text}\n{found.quoted}\n{found.signature}"
        assert words_of(parts) == words_of("\n".join(line.rstrip() for line in text.split("\n")))

    until_the_time_is_up(check)


def test_no_text_takes_more_than_its_size():
    @LONG_ROUND
    @given(st.lists(st.one_of(LINES, st.text(max_size=20)), min_size=1, max_size=4), st.sampled_from(["\n", " ", ""]))
    def check(unit: list[str], between: str) -> None:
        one = between.join(unit) + "\n"
        begun = time.process_time()
        reply.split(plain(one * (100_000 // len(one))))
        assert time.process_time() - begun < 4, unit

    until_the_time_is_up(check)


def test_no_html_is_too_odd_to_be_read():
    @ROUND
    @given(st.lists(st.one_of(TAGS, LINES, st.text(max_size=20)), max_size=40))
    def check(pieces: list[str]) -> None:
        source = "".join(pieces)
        found = html.render(source)
        split = reply.split(found.lines)
        parts = f"{split.new_text}\n{split.quoted}\n{split.signature}"
        assert words_of(parts) == words_of("\n".join(line.shown for line in found.lines))
        kept = found.html.lower()
        assert "<script" not in kept
        assert 'href="//' not in kept
        assert html.render(found.html).html == found.html

    until_the_time_is_up(check)


def test_no_html_takes_more_than_its_size():
    @LONG_ROUND
    @given(st.lists(st.one_of(TAGS, LINES), min_size=1, max_size=4))
    def check(unit: list[str]) -> None:
        one = "".join(unit) + " "
        begun = time.process_time()
        reply.split(html.render(one * (100_000 // len(one))).lines)
        assert time.process_time() - begun < 8, unit

    until_the_time_is_up(check)
