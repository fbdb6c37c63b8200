"""`undo` of a mail that changed several cases: in all of them, or in none."""

from dataclasses import replace

import pytest

from mailbot.decision import MailArrived
from mailbot.event import PriorityChanged
from mailbot.facts import ThreadKeys
from mailbot.rules.case.draft import Ran
from mailbot.rules.case.evolve import evolve
from mailbot.rules.command.run_record import record
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    SESSION,
    Story,
    a_draft,
    a_mail,
    a_story,
    a_token,
    an_envelope,
    facts,
    names,
)
from tests.rules.command.test_undo import MAIL, bare, said


def two_cases() -> Story:
    """Anna's mail of that number raised two cases at once."""
    story = a_story("In progress")
    story.mail(CUSTOMER, "Another one", case=2)
    draft = a_draft(story.case, cases=story.cases, now=story.now)
    for number in (1, 2):
        draft.turn_to(number)
        draft.happen(PriorityChanged(at=story.now, old="P3", new="P1", actor=ANNA))
    draft.ran = [Ran(at=story.now, actor=ANNA, lines=("HD-2 priority P1",), case=1, since=0)]
    record(draft, MAIL)
    for happened in draft.happened:
        assert happened.case is not None
        story.cases[happened.case] = evolve(story.cases[happened.case], happened.event)
        story.events[happened.case].append(happened.event)
    return story


def values(story: Story) -> list[tuple[str, str]]:
    """What the commands of these tests change."""
    return [(case.priority, case.type) for case in story.cases.values()]


def test_a_mail_that_changed_two_cases_is_taken_back_in_both():
    story = two_cases()
    assert [case.priority for case in story.cases.values()] == ["P1", "P1"]
    assert [case.undo.others for case in story.cases.values() if case.undo] == [(2,), (1,)]
    story.mail(ANNA, "undo", receipt_of=MAIL)
    assert [case.priority for case in story.cases.values()] == ["P3", "P3"]
    assert story.folded() == story.cases


def test_where_the_other_case_cannot_be_looked_at_nothing_is_taken_back():
    story = two_cases()
    del story.cases[2]
    story.mail(ANNA, "undo", receipt_of=MAIL)
    assert story.case.priority == "P1"
    assert "nothing was taken back: on HD-2, which the mail changed too" in said(story)


def test_a_receipt_leads_to_its_case_where_later_mail_goes_to_another():
    story = two_cases()
    story.cases[1] = replace(story.case, undo=None)
    story.mail(ANNA, "undo", receipt_of=MAIL)
    assert "on HD-1, which the mail changed too" in said(story)


def test_a_receipt_for_several_cases_leads_to_them_though_it_is_about_none():
    story = two_cases()
    story.mail(ANNA, "undo", receipt_of=MAIL, case=3)
    assert [case.priority for case in story.cases.values()] == ["P3", "P3"]


def test_undo_to_the_desk_that_answers_nothing_is_held():
    story = two_cases()
    assert names(story.mail(ANNA, "undo", case=3)) == ["MailHeld"]


def test_lines_that_name_their_cases_are_taken_back_in_all_of_them():
    story = a_story("In progress")
    story.mail(CUSTOMER, "Another one", case=2)
    keys = ThreadKeys(tokens=(a_token(1, ANNA),), spoken=(2,))
    before = {number: bare(case) for number, case in story.cases.items()}
    both = facts(*story.cases.values(), sender=ANNA, proofs=SESSION, keys=keys)
    text = "priority P1\nHD-2 priority P2\nHD-2 note: the same cable"
    mail = MailArrived(mail=a_mail(text, sender=ANNA), envelope=an_envelope(), inbox_id=MAIL)
    story.happens(mail, both, story.now)
    assert [case.priority for case in story.cases.values()] == ["P1", "P2"]
    story.mail(ANNA, "undo", receipt_of=MAIL)
    assert bare(story.cases[1]) == before[1]
    assert bare(story.cases[2]) == replace(before[2], messages=before[2].messages + 1), "the note stays"
    assert story.folded() == story.cases


def test_a_merge_is_taken_back_in_both_cases():
    story = a_story("In progress")
    story.mail(CUSTOMER, "Another one", case=2)
    before = {number: bare(case) for number, case in story.cases.items()}
    story.mail(ANNA, "merge HD-2", inbox_id=MAIL)
    assert story.case.merged_into == 2
    story.mail(ANNA, "undo", receipt_of=MAIL)
    assert {number: bare(case) for number, case in story.cases.items()} == before
    assert story.folded() == story.cases


def test_it_is_taken_back_in_no_case_when_something_happened_in_one():
    story = two_cases()
    story.mail(CUSTOMER, "It burns again", case=2)
    story.mail(ANNA, "undo", receipt_of=MAIL)
    assert f"on HD-2, which the mail changed too: {CUSTOMER} wrote since" in said(story)
    assert [case.priority for case in story.cases.values()] == ["P1", "P1"]


@pytest.mark.parametrize(
    ("who", "line", "why"),
    [
        pytest.param(BEN, "type Fault", f"since then there were those of {BEN} (type Fault;", id="a colleague"),
        pytest.param(ANNA, "priority P2", f"since then there were those of {ANNA} (priority P2;", id="one's own"),
    ],
)
def test_it_is_taken_back_in_no_case_when_other_commands_ran_in_one(who: str, line: str, why: str):
    story = two_cases()
    story.mail(who, line, case=2, inbox_id=MAIL + 1)
    before = values(story)
    story.mail(ANNA, "undo", receipt_of=MAIL)
    assert f"nothing was taken back: on HD-2, which the mail changed too: {why}" in said(story)
    assert values(story) == before


def test_it_is_taken_back_in_no_case_when_later_commands_were_taken_back_in_one():
    story = two_cases()
    story.mail(BEN, "type Fault", case=2, inbox_id=MAIL + 1)
    story.mail(BEN, "undo", case=2, receipt_of=MAIL + 1)
    story.mail(ANNA, "undo", receipt_of=MAIL)
    assert f"since then there were those of {BEN}" in said(story)
    assert [case.priority for case in story.cases.values()] == ["P1", "P1"]
