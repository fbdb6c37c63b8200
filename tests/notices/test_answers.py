"""Canned answers as the operator keeps them: files in a folder per language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.notices.render_answers import AnswersFolder

VALUES = {"customer": "Anna", "case": "HD-12", "subject": "Pump", "agent": "Kim"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for language, name, text in (
        ("de", "reset", "\nHallo{{ ' ' ~ customer if customer }}, siehe {{ case }}.\n\n{{ agent }}\n"),
        ("en", "reset", "Hello{{ ' ' ~ customer if customer }}, see {{ case }} & <b>.\n"),
        ("et", "only-here", "Tere\n"),
    ):
        (tmp_path / language).mkdir(exist_ok=True)
        (tmp_path / language / f"{name}.txt.j2").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def alarms() -> list[str]:
    return []


@pytest.fixture
def answers(folder: Path, alarms: list[str]) -> Iterator[AnswersFolder]:
    made = AnswersFolder(folder, alarms.append)
    yield made
    made.close()


def test_text_is_in_the_first_language_that_has_it(answers: AnswersFolder):
    german, english = "Hallo Anna, siehe HD-12.\n\nKim", "Hello Anna, see HD-12 & <b>."
    assert answers.text("reset", ["de-AT"], VALUES) == german
    assert answers.text("reset", ["fr", "de"], VALUES) == german
    assert answers.text("reset", ["en-GB", "de"], VALUES) == english
    assert answers.text("reset", ["fr"], VALUES) == english
    assert answers.text("only-here", ["fr"], VALUES) == "Tere"


def test_names_are_listed_with_how_each_begins(answers: AnswersFolder):
    assert answers.titles() == {
        "reset": "Hallo{{ ' ' ~ customer if customer }}, siehe {{ case }}.",
        "only-here": "Tere",
    }
    assert AnswersFolder(Path("/nosuch")).titles() == {}


def test_answer_with_a_fault_gives_nothing_and_an_alarm(folder: Path, answers: AnswersFolder, alarms: list[str]):
    (folder / "en" / "bad.txt.j2").write_text("{{ custommer }}")
    assert answers.text("bad", ["en"], VALUES) == ""
    assert answers.text("gone", ["en"], VALUES) == ""
    assert [alarm.partition(": ")[0] for alarm in alarms] == ["answer bad", "answer gone"]
    assert "custommer" in alarms[0]


def test_check_names_every_file_that_is_wrong_and_why(folder: Path, answers: AnswersFolder):
    assert answers.check() == []
    for name, text in (
        ("en/misspelt.txt.j2", "{{ custommer }}"),
        ("en/only-for-known.txt.j2", "{{ customer }}"),
        ("en/cut.txt.j2", "{{ case"),
        ("en/mark.txt.j2", "##- Write above -##"),
        ("en/Upper.txt.j2", "x"),
        ("en/plain.txt", "x"),
        ("loose.txt.j2", "x"),
        ("en/object.txt.j2", "{{ case.__class__.__mro__ }}"),
    ):
        (folder / name).write_text(text)
    faults = dict(fault.removeprefix(f"{folder}/").split(": ", 1) for fault in answers.check())
    assert set(faults) == {
        "en/misspelt.txt.j2", "en/only-for-known.txt.j2", "en/cut.txt.j2", "en/mark.txt.j2", "en/Upper.txt.j2",
        "en/plain.txt", "loose.txt.j2", "en/object.txt.j2",
    }  # fmt: skip
    assert faults["en/only-for-known.txt.j2"] == "gives no text"
    assert "marker" in faults["en/mark.txt.j2"]
    assert "NAME.txt.j2" in faults["en/plain.txt"]
