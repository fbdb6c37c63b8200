"""What each notice says, by meaning: who reads it learns where an answer goes, what happened and what to do."""

import json
import re
from html.parser import HTMLParser

import pytest

from mailbot.notices.render import TemplateRenderer, notices
from mailbot.notices.render_day import CASE, CUSTOMER, MEMBER, WORDS
from mailbot.notices.render_sample import PLANS, sample

RENDERER = TemplateRenderer()
STRANGER = "kqzv wjxh pgft bdmn"
TAGS = {"table", "tr", "td", "div", "p", "span", "strong", "code", "br", "a"}
TABLE_ATTRIBUTES = {"role", "width", "height", "border", "cellpadding", "cellspacing", "align", "valign", "colspan"}
#: Words that are for the team's eyes: how the code and the team speak of things, and who works on what.
INTERNAL = ("ticket", "Kim", "kim@example.com", "assignee", "breach", "##- Write above")


class Outline(HTMLParser):
    """The tags, the attributes and the text of a page; a tag that is not closed in order is a fault."""

    VOID = ("meta", "br", "img")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]
        self.text += "\n" if tag == "br" else ""
        self.attributes.update(name for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.text += "\n" if tag in ("div", "p", "tr", "table") else ""

    def handle_data(self, data):
        self.text += data


def render(name, **changes):
    return RENDERER.render(name, "en", sample(name, **changes))


def outline(html):
    page = Outline()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


def test_there_is_a_sample_for_each_notice_and_a_notice_for_each_sample():
    assert notices() == sorted(PLANS)


@pytest.mark.parametrize("name", PLANS)
def test_the_first_line_says_where_an_answer_goes(name):
    rendered, (_, reply, _) = render(name), PLANS[name]
    said = {
        "customer": "Your answer goes to Anna Berg <anna@customer.example>.",
        "internal": "Your answer stays inside the team.",
        "desk": "Please write your answer above this line.",
        "none": "There is no need to answer this mail.",
    }[reply]
    first = rendered.text.splitlines()[0]
    assert first.startswith("##- ")
    assert first.endswith("-##")
    assert said in first
    assert said in outline(rendered.html).text


@pytest.mark.parametrize("name", PLANS)
def test_a_marker_that_was_given_is_the_first_line(name):
    rendered = render(name, marker="##- Write here and no further. -##")
    assert rendered.text.splitlines()[0] == "##- Write here and no further. -##"
    assert outline(rendered.html).text.split("\n\n")[0].count("##-") <= 1
    assert "##- Write here and no further. -##" in outline(rendered.html).text


@pytest.mark.parametrize("name", [name for name in PLANS if PLANS[name][2].get("case", CASE)])
def test_all_notices_of_a_case_have_one_subject_so_that_they_are_one_thread(name):
    assert render(name).subject == "[HD-12] The printer in room 4 is on fire"


@pytest.mark.parametrize("name", PLANS)
def test_the_text_is_tidy(name):
    text = render(name).text
    assert text == text.strip() + "\n"
    assert "\n\n\n" not in text.replace(WORDS, "their words")
    assert "None" not in text
    assert all(len(line) <= 100 for line in text.splitlines())


@pytest.mark.parametrize("name", PLANS)
def test_the_html_is_small_and_brings_nothing_along(name):
    html = render(name).html
    page = outline(html)
    assert len(html.encode()) < 100_000
    assert page.tags <= {*TAGS, "html", "head", "meta", "title", "body"}
    assert page.attributes <= {"lang", "charset", "name", "content", "style", "href", *TABLE_ATTRIBUTES}
    assert all(link.startswith("mailto:support+") for link in page.links)
    assert re.search(r"url\(|https?:|@import|expression", html) is None
    assert "max-width:640px" in html


@pytest.mark.parametrize("name", PLANS)
def test_text_and_html_say_the_same(name):
    rendered = render(name)

    def words(text):
        return set(re.findall(r"\w{4,}", text))

    assert words(rendered.text) - words(outline(rendered.html).text) == set()


@pytest.mark.parametrize("name", [name for name in PLANS if "words" in PLANS[name][2]])
def test_words_that_are_passed_on_are_whole(name):
    words = PLANS[name][2]["words"]
    rendered = render(name)
    assert words in rendered.text
    shown = outline(rendered.html).text.replace("\xa0", " ")
    assert all(line in shown for line in str(words).splitlines())


@pytest.mark.parametrize("name", [name for name in PLANS if PLANS[name][0] is CUSTOMER])
def test_a_customer_reads_nothing_of_the_inside(name):
    rendered = render(name)
    everything = f"{rendered.subject}\n{rendered.text}\n{outline(rendered.html).text}"
    assert [word for word in INTERNAL if word in everything] == []


@pytest.mark.parametrize("name", PLANS)
def test_no_notice_speaks_of_tickets_or_shouts(name):
    text = render(name).text
    assert "ticket" not in text.lower()
    assert "!" not in text
    assert re.search(r"\b[A-Z]{4,}\b", text) is None


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        pytest.param("case_received", {}, ["HD-12", "solved by Mon 16 March 2026, 11:00", '"status"'], id="received"),
        pytest.param(
            "case_received",
            {
                "case": {
                    **CASE,
                    "clocks": [
                        {"name": "response", "state": "running", "due": "today, 10:30", "used": ""},
                        {"name": "resolution", "state": "running", "due": "tomorrow, 09:30", "used": ""},
                    ],
                },
                "data": {"advice": "Please phone us at once: +44 20 7946 0000."},
            },
            ["You hear from us by today, 10:30", "solved by tomorrow, 09:30", "Please phone us at once"],
            id="received-both-times-and-advice",
        ),
        pytest.param(
            "case_new",
            {},
            ["new case", "anna@customer.example", "smoke.png (12.3 kB)", "type Fault", "priority P1", "take"],
            id="new",
        ),
        pytest.param("case_new", {"data": {"related": 3}}, ["belong to HD-3"], id="new-perhaps-related"),
        pytest.param("case_new", {"words": ""}, ["no words of their own"], id="new-without-words"),
        pytest.param("answer", {}, ["is now: In progress"], id="answer-with-status"),
        pytest.param(
            "answer",
            {"person": MEMBER, "author": {"address": "lou@example.com", "name": "Lou Lead"}},
            ["Lou Lead <lou@example.com> wrote to Anna Berg <anna@customer.example>:", "With:"],
            id="answer-as-a-copy",
        ),
        pytest.param("taken", {}, ["taken up", "P3 Major", "IT Help"], id="taken"),
        pytest.param("question", {"words": ""}, ["Please tell us more"], id="question-without-words"),
        pytest.param("estimate", {}, ["approve", "decline"], id="estimate"),
        pytest.param("fixed", {}, ["confirm", "reopen", "closed on Wed 15 April 2026"], id="fixed"),
        pytest.param("reopened", {}, ["Anna Berg <anna@customer.example> wrote"], id="reopened-member"),
        pytest.param(
            "reopened", {"person": CUSTOMER, "reply": "desk"}, ["Your case HD-12 is open again"], id="reopened-customer"
        ),
        pytest.param("status_changed", {}, ["from Open to In progress"], id="status-changed"),
        pytest.param("status_changed", {"data": {}}, ["it is now In progress"], id="status-now"),
        pytest.param(
            "status_changed", {"person": MEMBER, "words": WORDS}, ["Anna Berg", "wrote:", "With:"], id="status-member"
        ),
        pytest.param(
            "closed", {"person": MEMBER, "words": WORDS}, ["is closed. Anna Berg", "With:"], id="closed-member"
        ),
        pytest.param(
            "closed", {"case": {**CASE, "reason": "Inactive"}}, ["reason: Inactive", '"reopen"'], id="closed-why"
        ),
        pytest.param("closed", {}, ["by Mon 30 March 2026"], id="closed-until-when"),
        pytest.param("reminder", {}, ["closed on Wed 15 April 2026", '"close"'], id="reminder"),
        pytest.param(
            "reminder", {"data": {"number": 2, "waiting": "confirmation"}}, ['"confirm"', "after a while"], id="confirm"
        ),
        pytest.param("reminder", {"data": {"number": 1, "waiting": "approval"}}, ['"approve"'], id="approval"),
        pytest.param(
            "command_result", {}, ["Nothing of your mail was done", "> priority hihg", "send as is"], id="refused"
        ),
        pytest.param(
            "command_result",
            {"data": {"lines": [{"line": "take", "ok": True, "said": "It is yours.", "undo": "assign Open"}]}},
            ["This was done", "> take", "It is yours.", "take it back: assign Open"],
            id="done",
        ),
        pytest.param("status_report", {"person": MEMBER}, ["Opened:", " ago)"], id="report-age"),
        pytest.param("status_report", {"person": MEMBER}, ["With:", "Kim Agent", "met"], id="report-member"),
        pytest.param("help", {}, ["take", "P1 Blocker: nothing works"], id="help"),
        pytest.param("note", {}, ["Lou Lead", "inside the team"], id="note"),
        pytest.param("assigned", {}, ["with you now", "by the hand of Lou Lead"], id="assigned"),
        pytest.param(
            "held", {}, ["max@other.example", "no valid support contract", "mailbot quarantine admit"], id="held"
        ),
        pytest.param(
            "held", {"case": None, "data": {"explanation": "it has no number."}}, ["it has no number."], id="held-other"
        ),
        pytest.param(
            "held", {"words": "", "data": {"text": "what it says"}}, ["It says: what it says"], id="held-text"
        ),
        pytest.param("held", {"data": {"inbox_id": 12}}, ["mailbot quarantine admit 12"], id="held-number"),
        pytest.param("status_report", {"data": {"meaning": "we are on it"}}, ["means: we are on it"], id="meaning"),
        pytest.param(
            "clock_breached", {"data": {"clock": "resolution"}}, ["was due Mon 16 March 2026"], id="due-of-the-clock"
        ),
        pytest.param("clock_breached", {"data": {"clock": "response"}}, ["was due by now"], id="due-unknown"),
        pytest.param("unproven", {}, ["in your name", "If it was not you"], id="unproven"),
        pytest.param(
            "command_result",
            {"data": {"lines": [], "left_out": ["logo.png", "image/png"]}},
            ["Left out, for the lines name several cases: logo.png, image/png."],
            id="left-out",
        ),
        pytest.param(
            "status_report",
            {"data": {"asked_by": "max@other.example"}},
            ["This answers a mail from max@other.example", "please tell us"],
            id="asked-from-another-address",
        ),
        pytest.param("other_sender", {}, ["max@other.example", "put it aside"], id="other-sender"),
        pytest.param("clock_warned", {}, ["pick-up is used up", "due Mon 16 March"], id="warned"),
        pytest.param("clock_breached", {}, ["is late", "solution was due Mon 16 March"], id="breached"),
        pytest.param("delivery_failed", {}, ["did not reach", "5.1.1", "no such user"], id="failed"),
    ],
)
def test_it_says(name, changes, said):
    text = " ".join(render(name, **changes).text.split())
    assert [words for words in said if words not in text] == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        pytest.param("running", "due today, 1 h used", id="running"),
        pytest.param("paused", "paused, 1 h used", id="paused"),
        pytest.param("breached", "late, was due today", id="breached"),
        pytest.param("unlimited", "no fixed time", id="unlimited"),
        pytest.param("met", "met", id="met"),
        pytest.param("ended", "ended", id="ended"),
    ],
)
def test_a_member_sees_how_each_clock_stands(state, said):
    clock = {"name": "response", "state": state, "due": "today", "used": "1 h"}
    assert f"Answer:   {said}\n" in render("note", case={**CASE, "clocks": [clock]}).text


def without_case(name):
    return name in ("unproven", "held", "help", "command_result")


@pytest.mark.parametrize("name", [name for name in PLANS if without_case(name)])
def test_a_notice_about_no_case_has_a_subject_of_its_own(name):
    rendered = render(name, case=None, reply="none")
    assert rendered.subject
    assert "HD-" not in rendered.subject


@pytest.mark.parametrize("name", PLANS)
def test_to_an_unproven_stranger_nothing_of_theirs_is_said(name):
    words = STRANGER
    case = {**CASE, "subject": words, "requester": f"{words}@x.test", "requester_name": words}
    data = {
        "text": words,
        "subject": words,
        "sender": words,
        "proposed_type": words,
        "proposed_priority": words,
        "lines": [{"line": words, "ok": False, "said": words, "undo": words}],
        "refused": True,
    }
    values = {
        "case": case,
        "words": words,
        "author": {"address": words, "name": words},
        "person": {**CUSTOMER, "name": words},
        "attachments": [{"name": words, "size": 1}],
        "marker": f"##- {words} -##",
        "data": data,
        "commands": [],
    }
    assert words in json.dumps(values)
    for reply in ("desk", "none", "customer", "internal"):
        rendered = render(name, **values, may_echo=False, reply=reply)
        everything = f"{rendered.subject}\n{rendered.text}\n{rendered.html}"
        runs = {words[n : n + 8] for n in range(len(words) - 7)}
        assert [run for run in runs if run in everything] == []
    assert words in str(render("case_new", words=words))


def test_the_acknowledgement_to_an_unproven_stranger_has_a_fixed_subject():
    assert render("case_received", may_echo=False).subject == "[HD-12] Your request"


@pytest.mark.parametrize("name", PLANS)
def test_markup_in_any_value_is_never_a_tag(name):
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><style>"

    def poisoned(value):
        if isinstance(value, dict):
            return {key: poisoned(item) for key, item in value.items()}
        if isinstance(value, list):
            return [poisoned(item) for item in value]
        return attack if isinstance(value, str) else value

    values = poisoned(sample(name))
    values["reply"] = sample(name)["reply"]
    page = outline(RENDERER.render(name, "en", values).html)
    assert page.tags.isdisjoint({"script", "img", "style"})
    assert page.attributes <= {"lang", "charset", "name", "content", "style", "href", *TABLE_ATTRIBUTES}
    assert all(re.fullmatch(r"mailto:[\w.%+@-]*\?subject=[\w.%~-]+&body=[\w.%~-]*", link) for link in page.links)
    assert "<script>alert(1)</script>" in page.text or name in ("unproven", "help")
