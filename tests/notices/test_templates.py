"""The renderer: values stay values, an operator's templates are used, and what is wrong with them costs no notice."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from mailbot.notices import render_confined
from mailbot.notices.render import TemplateRenderer
from mailbot.notices.render_day import CASE
from mailbot.notices.render_sample import sample
from mailbot.notices.render_sandbox import TEMPLATES, languages

SHIPPED = TemplateRenderer()
INSIDE = "{{ cycler.__init__.__globals__.os.popen('id').read() }}"
#: Ways out of a sandbox that were published, and shapes that look like them.
ESCAPES = [
    "{{ 7 * 7 }}",
    "{{ config }}",
    "{{ self.__init__.__globals__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ case.__class__.__base__ }}",
    "{{ case['__class__'] }}",
    "{{ case|attr('__class__') }}",
    "{{ words.format.__globals__ }}",
    "{{ '{0.__class__}'.format(words) }}",
    "{{ ('{0.__cl' ~ 'ass__}')|format(words) }}",
    "{{ '{0.__class__.__init__.__globals__}'|attr('format')(words) }}",
    "{{ [words]|map('attr', '__class__')|list }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ dict.mro() }}",
    "{{ range.__class__ }}",
    "{{ (1).__class__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{% include '/etc/passwd' %}",
    "{% include '../../../../../../etc/passwd' %}",
    "{% import 'os' as os %}{{ os }}",
    "{% for c in [].__class__.__base__.__subclasses__() %}{{ c }}{% endfor %}",
    "{{ case.update({'status': 'Closed'}) }}",
    "{{ case.clocks.append(1) }}",
    "{% set _ = case.clear() %}",
    INSIDE,
]
#: Templates that would use up the machine.
BOMBS = [
    pytest.param("{{ 9 ** 9 ** 9 }}", "not allowed", id="power"),
    pytest.param("{% for n in range(10000000) %}{{ n }}{% endfor %}", "more than 1000 items", id="long-range"),
    pytest.param("{% for n in range(1000) %}{{ 'x' * 1000 }}{% endfor %}", "more than 256 KB", id="much-output"),
    pytest.param(
        "{% set r = range(1000) %}{% for a in r %}{% for b in r %}{% for c in r %}{% for d in r %}"
        "{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "longer than",
        id="nested-loops",
    ),
    pytest.param("{{ ('x' * 999999999)|length }}{{ 'y' * 999999999 }}", "", id="long-string"),
    pytest.param("{{ '%999999999d' % 1 }}{{ 'z'.ljust(999999999) }}", "", id="wide-format"),
    pytest.param(
        "{% set ns = namespace(x='x' * 1000) %}{% for n in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "",
        id="doubling",
    ),
    pytest.param("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "Recursion", id="recursion"),
]


@pytest.fixture
def operators(tmp_path):
    """Make a renderer over an operator's folder that holds the given files; with what it alarmed."""
    made = []

    def make(**files):
        for name, content in files.items():
            language, _, rest = name.partition("__")
            path = tmp_path / language / (rest.replace("_txt", ".txt.j2").replace("_html", ".html.j2"))
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        alarms: list[str] = []
        made.append(TemplateRenderer(tmp_path, alarms.append))
        return made[-1], alarms

    yield make
    for renderer in made:
        renderer.close()


@pytest.mark.parametrize("text", ESCAPES)
def test_a_template_in_a_value_is_printed_as_it_is(text):
    case = {**CASE, "subject": text, "requester_name": text}
    rendered = SHIPPED.render("case_new", "en", sample("case_new", words=text, case=case))
    assert text in rendered.text
    assert rendered.subject == f"[HD-12] {' '.join(text.split())}"


@given(st.text())
def test_whatever_the_subject_it_is_one_line(text):
    rendered = SHIPPED.render("taken", "en", sample("taken", case={**CASE, "subject": text}))
    assert rendered.subject.splitlines() == [rendered.subject]
    assert rendered.text.startswith("##- Please")
    rendered.html.encode("utf-8")


@pytest.mark.parametrize("text", ESCAPES)
def test_a_template_that_reaches_for_more_gets_nothing(operators, text):
    renderer, alarms = operators(en__taken_txt=f"subject\nbody {text}")
    rendered = renderer.render("taken", "en", sample("taken"))
    assert "uid=" not in rendered.text
    assert "root:" not in rendered.text
    assert "<class" not in rendered.text.lower()
    assert "<function" not in rendered.text
    assert alarms or rendered.text in ("body 49\n", "body {0.__class__}\n", "body \n", "body [Undefined]\n")


@pytest.mark.parametrize(("text", "why"), BOMBS)
def test_a_template_that_would_use_up_the_machine_is_stopped(operators, text, why):
    renderer, alarms = operators(en__taken_txt=f"subject\nbody {text}")
    renderer.render("answer", "en", sample("answer"))
    rendered = renderer.render("taken", "en", sample("taken"))
    assert "One of us has taken up your case" in rendered.text
    assert len(alarms) == 1
    assert alarms[0].startswith("template taken: ")
    assert why in alarms[0]
    # The next notice has its process again.
    assert renderer.render("answer", "en", sample("answer")).text.startswith("##-")
    assert len(alarms) == 1


def test_a_template_that_takes_too_long_is_waited_for_once_until_it_is_changed(operators, tmp_path, monkeypatch):
    monkeypatch.setattr(render_confined, "PATIENCE", 0.2)
    loops = "{% for a in r %}" * 4 + "{% endfor %}" * 4
    renderer, _ = operators(en__taken_txt="{% set r = range(1000) %}" + loops, en__answer_txt="s\nmine")
    renderer.render("answer", "en", sample("answer"))
    asked = []
    draw = render_confined.Confined.draw

    def counted(*given):
        asked.append(given[1])
        return draw(*given)

    monkeypatch.setattr(render_confined.Confined, "draw", counted)
    for _ in range(3):
        assert "One of us has taken up your case" in renderer.render("taken", "en", sample("taken")).text
    assert renderer.render("answer", "en", sample("answer")).text == "mine\n"
    assert asked == ["taken", "answer"]
    (tmp_path / "en" / "taken.txt.j2").write_text("s\nquick")
    assert renderer.render("taken", "en", sample("taken")).text == "quick\n"


def test_the_patience_with_a_template_is_short():
    assert render_confined.PATIENCE <= 5


def test_an_operators_template_is_used_and_the_other_part_stays(operators):
    renderer, alarms = operators(en__taken_txt="Yours: {{ case.reference }}\n##- above -##\nWe are on it.")
    rendered = renderer.render("taken", "en", sample("taken"))
    assert (rendered.subject, rendered.text) == ("Yours: HD-12", "##- above -##\nWe are on it.\n")
    assert rendered.html == SHIPPED.render("taken", "en", sample("taken")).html
    assert alarms == []


def test_an_operators_template_may_change_one_block_of_the_shipped_one(operators):
    renderer, alarms = operators(
        en__taken_txt='{% extends "shipped/en/taken.txt.j2" %}{% block closing %}Your friends{% endblock %}'
    )
    before = SHIPPED.render("taken", "en", sample("taken"))
    after = renderer.render("taken", "en", sample("taken"))
    assert after.text == before.text.replace("Kind regards\nExample Support", "Your friends")
    assert (after.subject, alarms) == (before.subject, [])


def test_an_operators_layout_is_that_of_all_notices(operators):
    renderer, _ = operators(en__layout_txt="{{ case.reference }}\n##- x -##\n{% block lead %}{% endblock %}")
    assert renderer.render("taken", "en", sample("taken")).text.startswith("##- x -##\nOne of us")


def test_a_changed_template_is_seen_by_the_next_notice(operators, tmp_path):
    renderer, _ = operators(en__taken_txt="s\nbefore")
    assert renderer.render("taken", "en", sample("taken")).text == "before\n"
    (tmp_path / "en" / "taken.txt.j2").write_text("s\nafterwards")
    assert renderer.render("taken", "en", sample("taken")).text == "afterwards\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("s\n{% if %}", "line 2", id="does-not-compile"),
        pytest.param("s\n{{ case.nosuch }}", "nosuch", id="no-such-value"),
        pytest.param('{% extends "en/nosuch.txt.j2" %}', "nosuch", id="no-such-parent"),
        pytest.param("s\n{{ 1 / 0 }}", "ZeroDivisionError", id="fails"),
    ],
)
def test_a_broken_template_costs_one_alarm_and_no_notice(operators, text, why):
    renderer, alarms = operators(en__taken_txt=text)
    rendered = [renderer.render("taken", "en", sample("taken")) for _ in range(3)]
    assert rendered == [SHIPPED.render("taken", "en", sample("taken"))] * 3
    assert len(alarms) == 1
    assert why in alarms[0]
    assert alarms[0].endswith("the shipped one is used")


def test_without_templates_of_the_operator_there_is_no_process_for_them(operators):
    renderer, alarms = operators()
    assert renderer.render("taken", "en", sample("taken")).text
    assert renderer._confined._process is None
    assert alarms == []


def test_a_killed_process_for_templates_is_started_anew(operators):
    renderer, alarms = operators(en__taken_txt="s\nmine")
    renderer.render("taken", "en", sample("taken"))
    renderer._confined._process.kill()
    renderer._confined._process.wait()
    assert renderer.render("taken", "en", sample("taken")).text != "mine\n"
    assert renderer.render("taken", "en", sample("taken")).text == "mine\n"
    assert "has ended" in alarms[0]


def test_a_process_for_templates_is_renewed_before_it_is_worn_out(operators, monkeypatch):
    monkeypatch.setattr(render_confined, "NOTICES", 2)
    renderer, alarms = operators(en__taken_txt="s\nmine")
    processes = []
    for _ in range(5):
        assert renderer.render("taken", "en", sample("taken")).text == "mine\n"
        processes.append(renderer._confined._process.pid)
    assert len(set(processes)) == 3
    assert alarms == []


def test_check_names_every_fault_of_the_operators_templates(operators):
    renderer, _ = operators(
        en__taken_txt="s\n{% if %}",
        en__takn_html="never used",
        de__answer_html="{{ nosuch }}",
        de__fixed_txt="Betreff\n##- x -##\nErledigt: {{ case.reference }}",
    )
    faults = renderer.check_templates(["taken", "nosuch_notice"])
    assert len(faults) == 4
    assert "there is no notice 'nosuch_notice'" in faults[0]
    assert "takn.html.j2: there is no notice of this name" in faults[1]
    assert "de/answer: UndefinedError" in faults[2]
    assert "en/taken: " in faults[3]


def test_check_tries_every_notice_where_a_frame_is_the_operators(operators):
    renderer, _ = operators(en__parts_txt="{# nothing is left of it #}")
    assert len([fault for fault in renderer.check_templates() if "has no attribute" in fault]) > 10


def test_check_finds_nothing_wrong_where_nothing_is(operators):
    renderer, _ = operators(en__taken_txt="s\nfine")
    assert renderer.check_templates(["taken"]) == []
    assert TemplateRenderer().check_templates(["taken", "answer"]) == []


def test_check_says_when_the_folder_is_none(tmp_path):
    assert TemplateRenderer(tmp_path / "nosuch").check_templates() == [f"{tmp_path / 'nosuch'} is no folder"]


@pytest.mark.parametrize(
    ("tag", "order"),
    [
        pytest.param("en", ("en",), id="english"),
        pytest.param("de-AT", ("de-at", "de", "en"), id="region"),
        pytest.param("pt_BR", ("pt-br", "pt", "en"), id="underscore"),
        pytest.param("en-GB", ("en-gb", "en"), id="english-region"),
        pytest.param("", ("en",), id="none"),
        pytest.param("../../etc", ("en",), id="path"),
    ],
)
def test_languages_are_tried_nearest_first(tag, order):
    assert languages(tag) == order


def test_a_language_of_the_operators_is_used_where_it_has_the_notice(operators):
    renderer, _ = operators(de__taken_txt="Betreff\n##- Bitte darüber antworten. -##\nIn Arbeit.")
    assert "In Arbeit." in renderer.render("taken", "de-AT", sample("taken")).text
    assert "Mit freundlichen" in renderer.render("fixed", "de-AT", sample("fixed")).text


@pytest.mark.parametrize("name", ["nosuch", "../en/taken", "layout", "parts", "", "taken.txt"])
def test_a_notice_that_does_not_exist_is_a_key_error(name):
    with pytest.raises(KeyError):
        SHIPPED.render(name, "en", sample("taken"))


class Word(StrEnum):
    """A value that is a string and more."""

    FOUND = "found"


@pytest.mark.parametrize(
    "value",
    [object(), 1.5, b"bytes", {1, 2}, lambda: 1, [object()], {"a": {"b": object()}}],
    ids=["object", "float", "bytes", "set", "function", "in-a-list", "deep"],
)
def test_a_value_that_is_not_plain_never_reaches_a_template(value):
    with pytest.raises(TypeError, match="a template gets dicts, lists, strings and integers"):
        SHIPPED.render("taken", "en", sample("taken", data={"x": value}))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param(Word.FOUND, "found", id="enum"),
        pytest.param(Markup("<b>bold</b>"), "&lt;b&gt;bold&lt;/b&gt;", id="markup-that-says-it-is-safe"),
        pytest.param("a\x00b\x1b[31mc\u202ed", "ab[31mcd", id="controls"),
        pytest.param("half \ud83d pair", "half &nbsp;pair", id="surrogate"),
        pytest.param("one\r\ntwo\rthree", "one<br>\ntwo<br>\nthree", id="line-ends"),
        pytest.param("\ttab", "&nbsp;&nbsp;&nbsp;&nbsp;tab", id="tab"),
        pytest.param("a   <b>", "a &nbsp; &lt;b&gt;", id="columns"),
        pytest.param("    indented", "&nbsp;&nbsp;&nbsp;&nbsp;indented", id="indent"),
    ],
)
def test_a_value_is_shown_as_plain_text(words, shown):
    assert shown in SHIPPED.render("answer", "en", sample("answer", words=words)).html


def test_the_shipped_templates_lie_in_the_package():
    assert (TEMPLATES / "en" / "layout.html.j2").is_file()
