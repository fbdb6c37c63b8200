"""Canned answers: `use NAME` sends a text of the operator's with the agent's own words."""

import pytest

from mailbot.decision import Decision
from mailbot.event import CommandRefused, MessageAdded, Visibility
from mailbot.facts import Answers
from mailbot.people import Person
from mailbot.rules.command import canned
from mailbot.rules.command.words import vocabulary
from tests.builders import ANNA, BEN, CUSTOMER, Story, a_case, a_directory, a_story, facts, modera, told

TITLES = {"reset-password": "You can set a new password", "restart": "Please restart it", "broken": "Oh"}
TEXTS = {(1, "reset-password"): "Set a new password at the door.", (1, "restart"): "Please restart it."}


def a_desk_with_answers(status: str = "In progress") -> Story:
    story = a_story(status)
    story.answers = Answers(titles=TITLES, texts=TEXTS)
    return story


def sent(decision: Decision) -> list[str]:
    return [notice.words for notice in decision.notices if notice.to == CUSTOMER]


def refusals(decision: Decision) -> list[str]:
    return [h.event.reason for h in decision.happened if isinstance(h.event, CommandRefused)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param("use reset-password", "Set a new password at the door.", id="alone"),
        pytest.param(
            "use restart\nTell me if it helps.",
            "Please restart it.\n\nTell me if it helps.",
            id="with-own-words-behind-it",
        ),
        pytest.param("Use: Restart.", "Please restart it.", id="letter-case-and-punctuation-aside"),
        pytest.param(
            "use restart\nuse reset-password",
            "Please restart it.\n\nSet a new password at the door.",
            id="two-in-order",
        ),
        pytest.param("Hello,\n#use restart", "Please restart it.\n\nHello,", id="with-a-sigil"),
    ],
)
def test_canned_answer_goes_out_as_the_agents_words(said: str, words: str):
    story = a_desk_with_answers()
    decision = story.mail(ANNA, said)
    assert sent(decision) == [words]
    added = next(h.event for h in decision.happened if isinstance(h.event, MessageAdded))
    assert (added.text, added.answers, added.visibility) == (words, True, Visibility.PUBLIC)


@pytest.mark.parametrize(
    "text", ["Dear Mari,\n\nthank you for your feedback.\n\nBest regards", "Hello Mari,\n\nBest regards"]
)
def test_text_of_the_operators_goes_out_whatever_it_reads_like(text: str):
    story = a_story("In progress")
    story.answers = Answers(titles=TITLES, texts={(1, "restart"): text})
    assert sent(story.mail(ANNA, "use restart")) == [text]


def test_company_word_sends_the_answer_with_its_own_notice():
    story = a_desk_with_answers()
    decision = story.mail(ANNA, "use restart\nask: Did it help?")
    assert story.case.status == "Waiting for customer"
    assert sent(decision) == ["Please restart it.\n\nDid it help?"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param("use resart", "there is no answer 'resart'; did you mean restart? 'help use'", id="a-slip"),
        pytest.param("use password", "did you mean reset-password? 'help use' lists them all", id="a-part"),
        pytest.param("use coffee", "there is no answer 'coffee'; 'help use' lists them all", id="nothing-like-it"),
        pytest.param("use broken", "the answer 'broken' cannot be made", id="with-a-fault"),
        pytest.param("use", "'use' needs to say which; it takes NAME", id="no-name"),
        pytest.param("note\nuse restart", "'use' answers the customer, but the words", id="in-a-note"),
    ],
)  # fmt: skip
def test_answer_that_cannot_go_out_is_refused_and_nothing_does(said: str, reason: str):
    story = a_desk_with_answers()
    decision = story.mail(ANNA, said)
    (refused,) = refusals(decision)
    assert reason in refused
    assert sent(decision) == []
    assert story.case.messages == 1


def test_answer_to_an_internal_notice_sends_none():
    story = a_desk_with_answers()
    decision = story.mail(ANNA, "use restart", reply=Visibility.INTERNAL)
    assert "stay inside the team" in refusals(decision)[0]


@pytest.mark.parametrize("first", ["for kai@x.test", "fwd"])
def test_case_that_is_only_being_opened_has_no_canned_answer(first: str):
    story = Story()
    story.answers = Answers(titles=TITLES)
    decision = story.mail(ANNA, f"{first}\nuse restart\nHe phoned.")
    assert story.cases == {}
    assert told(decision) == {(ANNA, "command_result")}


def test_prose_that_begins_with_the_word_is_prose():
    story = a_desk_with_answers()
    assert sent(story.mail(ANNA, "Use the other door, please.")) == ["Use the other door, please."]


def test_desk_without_answers_does_not_have_the_word():
    words = {entry.word.word for entry in vocabulary(modera(), a_directory(), member=True)}
    assert "use" not in words
    assert "use" not in {e.word.word for e in vocabulary(modera(), a_directory(), member=False, answers=True)}


def test_help_use_lists_them_for_members_alone():
    story = a_desk_with_answers()
    (shown,) = [n for n in story.mail(ANNA, "help use").notices if n.template == "help"]
    assert shown.data["definitions"] == [{"name": name, "meaning": TITLES[name]} for name in sorted(TITLES)]
    listed = shown.data["commands"]
    assert isinstance(listed, list)
    assert "use NAME" in [entry["usage"] for entry in listed]
    asked = story.mail(CUSTOMER, "help use")
    assert all(notice.data.get("definitions") in (None, []) for notice in asked.notices)


def test_shell_has_the_word_too():
    story = a_desk_with_answers()
    assert sent(story.word(ANNA, "use restart")) == ["Please restart it."]


def test_names_are_found_wherever_a_command_may_stand():
    assert canned.named("use one\n#use Two\n*use three*\nuse 'four'\nI use five\nuse: one") == (
        "one",
        "two",
        "three",
        "four",
    )
    assert canned.named("\n".join(f"use a{n}" for n in range(20))) == tuple(f"a{n}" for n in range(10))


def test_values_name_the_customer_the_case_and_the_agent():
    known = facts()
    assert canned.values(known, a_case(), ANNA) == {
        "customer": "Mari Maasikas",
        "case": "HD-1",
        "subject": "Printer",
        "agent": "Anna Agent",
    }
    domain = facts(directory=a_directory(Person(address="@x.test", name="Company X")))
    assert canned.values(domain, a_case(requester="kai@x.test"), BEN)["customer"] == ""
    assert canned.values(known, a_case(requester="kai@x.test"), "nobody@x.test") == {
        "customer": "", "case": "HD-1", "subject": "Printer", "agent": "",
    }  # fmt: skip


@pytest.mark.parametrize("said", ["verwenden one", "#Kasuta one", "utiliser: one", "HD-3 usar one"])
def test_answers_are_made_for_the_word_in_every_language(said: str):
    assert canned.named(said) == ("one",)
