"""Why something was refused or held is said in its reader's language, also where the reason was kept for a while."""

import pytest

from mailbot.decision import Notice
from mailbot.event import CommandsRun
from mailbot.notices.language import Language
from mailbot.rules.case.undoing import begun
from mailbot.sentence import Sentence, kept_sentence
from mailbot.store.codec import case_from_json, case_to_json, event_from_json, event_to_json
from tests.builders import ANNA, BEN, CUSTOMER, LEA, NOON, Story, a_case, a_story

GERMAN = Language("de")


def refusal(notice: Notice) -> str:
    """The first line of a receipt, as a German reads it."""
    lines = notice.data["lines"]
    assert isinstance(lines, list)
    assert isinstance(lines[0]["said"], Sentence)
    return GERMAN.sentence(lines[0]["said"])


def last(story: Story, template: str) -> Notice:
    return next(notice for notice in reversed(story.notices) if notice.template == template)


def stored(story: Story) -> None:
    """The store keeps the cases, and knows them again."""
    story.cases = {number: case_from_json(case_to_json(case)) for number, case in story.cases.items()}


@pytest.mark.parametrize(
    ("since", "said"),
    [
        pytest.param(lambda s: s.mail(CUSTOMER, "It smokes."), f"seither hat {CUSTOMER} geschrieben", id="a-mail"),
        pytest.param(lambda s: s.mail(LEA, "take"), "die letzten Befehle sind die von lea@", id="somebody-else's"),
        pytest.param(lambda s: s.word(BEN, "undo"), "darf sie die Leitung, oder wer sie gegeben hat", id="not-theirs"),
    ],
)
def test_why_nothing_is_taken_back(since, said: str):
    story = a_story("In progress")
    story.mail(ANNA, "priority P1", inbox_id=7)
    since(story)
    stored(story)
    story.mail(BEN if "Leitung" in said else ANNA, "undo", inbox_id=8)
    assert said in refusal(last(story, "command_result"))


def test_what_stays_for_good_is_kept_through_the_store():
    event = CommandsRun(
        at=NOON,
        actor=ANNA,
        lines=("split",),
        inbox_id=7,
        effects=1,
        final="HD-2 was opened by it, and stays",
        final_message="%(names)s was opened by it, and stays",
        final_values={"names": "HD-2"},
    )
    read = event_from_json(event_to_json(event))
    assert read == event
    assert isinstance(read, CommandsRun)
    record = begun(a_case(), read).undo
    assert record is not None
    why = kept_sentence(record.why_not, record.why_message, record.why_values)
    assert isinstance(why, Sentence)
    assert GERMAN.sentence(why) == "HD-2 wurde dadurch eröffnet und bleibt"


def test_what_an_older_store_kept_is_said_as_it_stands():
    why = kept_sentence("mari wrote since, 100 %", "", {})
    assert isinstance(why, Sentence)
    assert (str(why), GERMAN.sentence(why)) == ("mari wrote since, 100 %", "mari wrote since, 100 %")


def test_why_a_mail_is_held():
    decision = Story().mail(ANNA, "Hello there, my friend.", case=9)
    (held,) = decision.notices
    why = held.data["explanation"]
    assert isinstance(why, Sentence)
    assert "die auf keinen Vorgang antwortet" in GERMAN.sentence(why)
    assert decision.reason == f"unclear: {why}"


def test_why_an_answer_is_held_that_a_colleague_was_faster_than():
    story = a_story("In progress")
    story.mail(BEN, "It is the bulb.", "2026-03-02 10:30")
    story.mail(ANNA, "It is the cable.", "2026-03-02 10:31", names_notice=True)
    why = last(story, "held").data["explanation"]
    assert isinstance(why, Sentence)
    assert GERMAN.sentence(why) == (
        f"{BEN} hat dem Kunden geantwortet, bevor Ihre Antwort kam: Montag, 2. März 2026, 10:30 (UTC)"
    )


def test_in_a_dry_run_too():
    story = a_story("In progress")
    story.mail(BEN, "It is the bulb.", "2026-03-02 10:30")
    story.mail(ANNA, "dry-run\nIt is the cable.", "2026-03-02 10:31", names_notice=True)
    why = last(story, "command_result").data["held"]
    assert isinstance(why, Sentence)
    assert GERMAN.sentence(why).startswith(f"{BEN} hat dem Kunden geantwortet")
