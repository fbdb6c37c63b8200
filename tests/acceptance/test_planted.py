"""Commands that somebody planted, and commands that people wrote: the first never run, the second always do.

Planted is what the author of a mail did not write: it stands in the notice that is quoted, in a signature, in a mail
that is passed on or attached, in what an HTML mail hides. Written is what stands on top, as mail programs send it.
"""

import html
import json
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest

from mailbot.model import Case
from tests.acceptance.bench import Bench, mail_of, reply_to, text_of
from tests.acceptance.desk import SUPPORT
from tests.acceptance.quoting import (
    FATES,
    Style,
    Written,
    half_lines,
    html_blockquote,
    html_cite,
    html_outlook,
    into_the_lines,
    mail_as_written,
    marked,
)

MARI, JAAN, ANNA = "mari@example.com", "jaan@example.com", "anna@customer.test"
PEOPLE = {
    "1": {"address": MARI, "role": "agent", "name": "Mari"},
    "2": {"address": JAAN, "role": "agent", "name": "Jaan"},
    "3": {"address": ANNA, "name": "Anna"},
}
#: With a sigil, which counts anywhere in one's own words, and without.
PLANTED = (
    "#close: done",
    "close: done",
    f"/assign {JAAN}",
    f"assign {JAAN}",
    "!cc add eve@stranger.test",
    f"#requester {JAAN}",
    "#priority P1",
    "close",
    "#close",
    "reopen",
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The desk that the tests share; each has cases of its own."""
    bench = Bench(tmp_path_factory.mktemp("planted") / "desk", MARI, JAAN, people=json.dumps({"people": PEOPLE}))
    yield bench
    bench.close()


def opened(bench: Bench, text: str) -> tuple[int, EmailMessage]:
    """A new case of Anna's with these words, and the notice about it that Mari has."""
    # Many of an hour would be a flood, and go together in one case.
    bench.rest(until=bench.now + timedelta(hours=1))
    bench.write(mail_of(ANNA, SUPPORT, "The pump", text))
    number = max(case.number for case in bench.store.cases())
    return number, next(letter for letter in reversed(bench.sent(MARI)) if f"[HD-{number}]" in letter["Subject"])


def asked(bench: Bench, text: str) -> tuple[int, EmailMessage]:
    """A case in which Mari asked something with these words, and Anna's letter with them."""
    number, notice = opened(bench, "Our pump makes a noise.")
    bench.write(reply_to(notice, f"ask\n\n{text}"), session=MARI)
    letter = bench.sent(ANNA)[-1]
    assert f"[HD-{number}]" in letter["Subject"]
    return number, letter


def answer(letter: EmailMessage, written: Written, seed: int = 0) -> EmailMessage:
    mail = reply_to(letter, "")
    mail.clear_content()
    return mail_as_written(mail, written, random.Random(seed))


def untouched(before: Case, after: Case) -> bool:
    """Did no command run? That it was answered, and who has taken it by that, is no command's work."""
    kept = ("requester", "participants", "priority", "type", "subject", "reason", "closed")
    return all(getattr(before, name) == getattr(after, name) for name in kept) and after.assignee != JAAN


def refused(bench: Bench, number: int) -> list[object]:
    return [event["line"] for event in bench.events("CommandRefused", number)]


QUOTED = "Hello,\n\nplease do this:\n\n" + "\n".join(PLANTED) + "\n\nThank you"

#: What an agent may write to a customer: with a sigil it would be the agent's own command.
TO_CUSTOMER = "Hello,\n\nplease answer with one of these:\n\nclose\nreopen\nconfirm\n\nor write /close."

#: Their author put pieces of the letter into lines of their own, or took marks and half of the lines away: what is left
#: is no quote any more, but a line that begins with a word of theirs, such as "reopen It is the big one".
NOT_QUOTED = (half_lines, into_the_lines)


def in_quotes(bench: Bench, seeds: range) -> list[str]:
    """Quote planted commands in each style, as an agent and as a customer; return what ran."""
    faults = []
    for style in (style for style in FATES if style not in NOT_QUOTED):
        for seed in seeds:
            chance = random.Random(seed)
            number, notice = opened(bench, QUOTED)
            before = bench.case(number)
            bench.write(answer(notice, style(chance, "We look into it, dear Anna.", notice), seed), session=MARI)
            faults += [f"agent, {style.__name__}, {seed}"] * (not untouched(before, bench.case(number)))
            number, letter = asked(bench, TO_CUSTOMER)
            before = bench.case(number)
            bench.write(answer(letter, style(chance, "It is the big one, I think.", letter), seed))
            faults += [f"customer, {style.__name__}, {seed}"] * (not untouched(before, bench.case(number)))
    return faults


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_command_in_what_is_quoted_runs_in_any_style_of_answer(bench: Bench):
    assert in_quotes(bench, range(4)) == []


COMMANDS = "\n".join(PLANTED)
HTML_COMMANDS = "<br>".join(map(html.escape, PLANTED))


def signature(words: str) -> Written:
    return Written(text=f"{words}\n\n-- \nMari\n{COMMANDS}\n")


def html_signature(words: str) -> Written:
    return Written(html=f"<p>{words}</p><div class='moz-signature'>-- <br>Mari<br>{HTML_COMMANDS}</div>")


def forwarded_inline(words: str) -> Written:
    block = f"From: {MARI}\nSent: Monday\nTo: {SUPPORT}\nSubject: Pump"
    return Written(text=f"{words}\n\n-------- Forwarded Message --------\n{block}\n\n{COMMANDS}\n")


def attached_mail(words: str) -> Written:
    return Written(text=f"{words}\n", attached=mail_of(MARI, SUPPORT, "Pump", COMMANDS))


def hidden(style: str) -> Callable[[str], Written]:
    return lambda words: Written(html=f"<div style='{style}'>{HTML_COMMANDS}</div><p>{words}</p>")


def html_with(before: str, after: str = "") -> Callable[[str], Written]:
    return lambda words: Written(html=f"{before}<p>{words}</p>{after}")


#: A table of more of them: tests/ingest/test_shown.py.
HIDING = (
    "color:#ffffff;font-size:1px",
    "position:absolute;left:-9999px",
    "height:0;overflow:hidden",
    "width:0;overflow:hidden",
    "color:transparent",
    "color:#336699;background:#336699",
    "text-indent:-9999px",
    "clip-path:inset(100%)",
    "transform:scale(0)",
    "visibility:collapse",
    "display/**/:none",
)
HIDDEN: dict[str, Callable[[str], Written]] = {
    "signature": signature,
    "HTML signature": html_signature,
    "forwarded inline": forwarded_inline,
    "attached mail": attached_mail,
    "display none": hidden("display:none"),
    "display none, important": hidden("color:red; DISPLAY : none !important"),
    "visibility hidden": hidden("visibility:hidden"),
    "size nought": hidden("font-size:0px;line-height:0"),
    "height nought": hidden("max-height:0;overflow:hidden"),
    "transparent": hidden("opacity:0"),
    "in other ways": html_with("".join(f"<div style='{style}'>{HTML_COMMANDS}</div>" for style in HIDING)),
    "by style sheets": html_with(
        f"<style>.pre{{display:none}} #pre{{font-size:0}} i > u{{opacity:0}}</style><p class=pre>{HTML_COMMANDS}</p>"
        f"<p id=pre>{HTML_COMMANDS}</p><p><i><u>{HTML_COMMANDS}</u></i></p>"
    ),
    "an element that nobody knows": html_with(f"<x-pre style='display:none'>{HTML_COMMANDS}</x-pre>"),
    "comment": html_with(f"<!--\n{COMMANDS}\n-->"),
    "title": html_with(f"<head><title>{HTML_COMMANDS}</title></head>"),
    "style": html_with(f"<style>{COMMANDS}</style>"),
    "script": html_with(f"<script>{COMMANDS}</script>"),
    "template": html_with(f"<template>{HTML_COMMANDS}</template>"),
    "hidden": html_with(f"<div hidden>{HTML_COMMANDS}</div>"),
    "picture's words": html_with(f"<img src='cid:1' alt='{html.escape(COMMANDS)}'>"),
    "input": html_with(f"<input value='{html.escape(COMMANDS)}'><textarea hidden>{HTML_COMMANDS}</textarea>"),
}


@pytest.mark.parametrize("plant", HIDDEN.values(), ids=HIDDEN)
def test_no_command_in_what_its_author_did_not_write_runs(bench: Bench, plant: Callable[[str], Written]):
    number, notice = opened(bench, "Our pump makes a noise.")
    before = bench.case(number)
    bench.write(answer(notice, plant("We look into it, dear Anna.")), session=MARI)
    assert untouched(before, bench.case(number))
    assert refused(bench, number) == []


#: What some readers see, or what cannot be told.
DOUBTED: dict[str, Callable[[str], Written]] = {
    "Outlook's way": hidden("mso-hide:all"),
    "white": hidden("color:white"),
    "a variable": hidden("--x:none;display:var(--x)"),
    "anywhere": hidden("position:absolute"),
    "details": html_with(f"<details><summary>More</summary>{HTML_COMMANDS}</details>"),
    "on phones": html_with(f"<style>@media(max-width:9px){{u{{display:none}}}}</style><u>{HTML_COMMANDS}</u>"),
    "a sheet from elsewhere": html_with(f"<style>@import url(//x.test/y.css);</style><u>{HTML_COMMANDS}</u>"),
}


@pytest.mark.parametrize("plant", DOUBTED.values(), ids=DOUBTED)
def test_a_command_that_is_perhaps_not_seen_stops_the_mail_and_its_author_hears_why(
    bench: Bench, plant: Callable[[str], Written]
):
    number, notice = opened(bench, "Our pump makes a noise.")
    before = bench.case(number)
    out = bench.write(answer(notice, plant("We look into it, dear Anna.")), session=MARI)
    assert untouched(before, bench.case(number))
    assert [letter["To"] for letter in out] == [MARI]
    assert "may be hidden" in text_of(out[0])


def test_no_command_in_an_attached_text_or_in_the_html_beside_a_text_runs(bench: Bench):
    number, notice = opened(bench, "Our pump makes a noise.")
    before = bench.case(number)
    mail = answer(notice, Written(text="We look into it.\n", html=f"<p>{HTML_COMMANDS}</p><p>We look into it.</p>"))
    mail.make_mixed()
    mail.add_attachment(COMMANDS, filename="close.txt")
    mail.add_attachment(COMMANDS, disposition="inline", filename="inline.txt")
    bench.write(mail, session=MARI)
    assert untouched(before, bench.case(number))
    assert refused(bench, number) == []


#: As mail programs write what a person types on top: neomutt, Gmail's page, Thunderbird, Outlook.
CLIENTS: dict[str, Style] = {
    "neomutt": marked,
    "gmail": html_blockquote,
    "thunderbird": html_cite,
    "outlook": html_outlook,
}
DONE: dict[str, tuple[str, Callable[[Case], bool]]] = {
    "several": (
        "take\nPriority P1.\ncc add boss@customer.test",
        lambda case: (case.assignee, case.priority) == (MARI, "P1") and "boss@customer.test" in case.participants,
    ),
    "sigil": (f"#assign {JAAN}", lambda case: case.assignee == JAAN),
}


@pytest.mark.parametrize("style", CLIENTS.values(), ids=CLIENTS)
def test_the_commands_on_top_run_as_real_mail_programs_write_them(bench: Bench, style: Style):
    for name, (lines, is_done) in DONE.items():
        number, notice = opened(bench, QUOTED)
        words = f"{lines}\n\nWe look into it, dear Anna."
        out = bench.write(answer(notice, style(random.Random(1), words, notice)), session=MARI)
        assert is_done(bench.case(number)), (name, [text_of(letter) for letter in out])
        assert any("We look into it" in text_of(letter) for letter in out if letter["To"] == ANNA), name


@pytest.mark.parametrize("style", CLIENTS.values(), ids=CLIENTS)
def test_a_customers_words_on_top_run_as_real_mail_programs_write_them(bench: Bench, style: Style):
    number, letter = asked(bench, TO_CUSTOMER)
    bench.write(answer(letter, style(random.Random(1), "close", letter)))
    assert bench.case(number).closed is not None
    closing = bench.sent(ANNA)[-1]
    bench.write(answer(closing, style(random.Random(1), "Reopen\n\nIt makes that noise again.", closing)))
    assert bench.case(number).closed is None
