"""Several cases in one mail: each line names its case, and all of them run, or none."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.decision import Decision, Ending, MailArrived
from mailbot.event import CommandRefused, MessageAdded
from mailbot.facts import Facts, Found, ThreadKeys
from mailbot.people import Proof
from mailbot.rules.mail.several import MOST_LINES
from mailbot.rules.reading.naming import spoken_numbers
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    NOON,
    SESSION,
    STRANGER,
    Story,
    a_mail,
    a_story,
    a_token,
    an_attachment,
    an_envelope,
    facts,
    told,
    who,
)

BOUND = frozenset({Proof.CLAIMED, Proof.VERIFIED, Proof.TOKEN})
VERIFIED = frozenset({Proof.CLAIMED, Proof.VERIFIED})


@pytest.fixture
def story() -> Story:
    """Three cases: the first is in work, two are new."""
    story = a_story("In progress")
    story.mail(CUSTOMER, "The lamp is dark.", case=2, subject="Lamp")
    story.mail(STRANGER, "The lift is stuck.", case=3, subject="Lift")
    story.notices.clear()
    return story


def writes(story: Story, said: str, *, answers: int = 0, proofs: Any = SESSION, **keys: Any) -> Decision:
    """Anna writes to the desk, or in answer to a case; what her text names is known."""
    token = (a_token(answers, ANNA),) if answers else ()
    given = Facts(
        desk=story.desk,
        directory=story.directory,
        proofs=proofs,
        principal=who(ANNA),
        found=Found(cases=dict(story.cases)),
        keys=ThreadKeys(tokens=token, spoken=spoken_numbers(said, "HD")),
        next_number=4,
    )
    mail = a_mail(said, sender=ANNA, subject="today", **keys)
    return story.happens(MailArrived(mail=mail, envelope=an_envelope(), inbox_id=9), given, NOON)


def receipt(decision: Decision) -> list[dict[str, Any]]:
    """The lines of the only receipt."""
    (notice,) = [notice for notice in decision.notices if notice.template == "command_result"]
    lines = notice.data["lines"]
    assert isinstance(lines, list)
    return lines


def test_each_line_works_on_the_case_that_it_names_and_there_is_one_receipt(story: Story):
    decision = writes(story, "HD-1 close: duplicate\nhd-2 take\n[HD-3]: priority P1\n\nBest regards\nAnna")
    assert story.cases[1].reason == "duplicate"
    assert (story.cases[2].assignee, story.cases[3].priority) == (ANNA, "P1")
    assert [line["line"] for line in receipt(decision)] == [
        "HD-1 close: duplicate",
        "hd-2 take",
        "[HD-3]: priority P1",
    ]
    assert receipt(decision)[0]["undo"] == "HD-1 reopen"
    assert told(decision) == {(CUSTOMER, "closed"), (CUSTOMER, "taken"), (ANNA, "command_result")}
    assert (decision.ending, decision.case) == (Ending.THREADED, 1)


def test_several_lines_for_one_case_make_one_notice_of_it(story: Story):
    decision = writes(story, "HD-2 take\nHD-3 take\nHD-2 priority P1\nHD-2 ask: Which lamp?")
    assert (story.cases[2].priority, story.cases[2].status) == ("P1", "Waiting for customer")
    assert [n.template for n in decision.notices if n.to == CUSTOMER] == ["question"]
    (words,) = [notice.words for notice in decision.notices if notice.template == "question"]
    assert words == "Which lamp?"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param("HD-1 close: duplicate\nHD-9 take", "there is no case HD-9", id="a number that there is not"),
        pytest.param("HD-2 take\nHD-3 close", "closing needs a reason", id="a refused command"),
        pytest.param("HD-2 take\nHD-3 priority P9", "'priority' does not take 'P9'", id="a slip"),
        pytest.param("HD-2 take\nHD-3 close: done\ntake", "this line names no case", id="a line without a number"),
        pytest.param("HD-2 take\nHD-3 take\nclosee", "this line names no case", id="a slip without a number"),
        pytest.param("HD-9 take", "there is no case HD-9", id="the only case is none"),
        pytest.param("HD-2 take\nHD-3 take\n\nPlease look at it.", "for which case are these words", id="words"),
    ],
)
def test_one_line_that_cannot_be_done_stops_all(story: Story, said: str, why: str):
    before = dict(story.cases)
    decision = writes(story, said)
    assert why in str(receipt(decision)[0]["said"])
    assert told(decision) == {(ANNA, "command_result")}
    assert story.cases == before
    assert decision.ending is Ending.IGNORED
    assert {type(one.event).__name__ for one in decision.happened} == {"CommandRefused", "MailIgnored"}


def test_words_belong_to_the_case_where_all_lines_name_the_same(story: Story):
    decision = writes(story, "HD-3 take\nHD-3 priority P1\n\nWe send somebody.")
    assert (story.cases[3].assignee, story.cases[3].priority) == (ANNA, "P1")
    (answer,) = [notice for notice in decision.notices if notice.to == STRANGER]
    assert (answer.words, answer.case) == ("We send somebody.", 3)
    assert (decision.ending, decision.case) == (Ending.THREADED, 3)


def test_a_file_has_to_say_for_which_case_it_is_but_the_picture_of_a_signature_is_none(story: Story):
    file = replace(an_attachment("plan.pdf"), type="application/pdf")
    decision = writes(story, "HD-2 take\nHD-3 take", attachments=(file,))
    assert "for which case is this file" in receipt(decision)[0]["said"]
    decision = writes(story, "HD-2 note: see the plan\nHD-3 take", attachments=(an_attachment("logo.png"),))
    assert [h.event.attachments for h in decision.happened if isinstance(h.event, MessageAdded)] == [0]
    assert story.cases[3].assignee == ANNA


def test_in_answer_to_a_case_a_line_works_on_the_other_one_and_the_words_stay_here(story: Story):
    decision = writes(story, "HD-3 close: Duplicate\nHD-1 priority P1\nfix\n\nIt was the cable.", answers=1)
    assert (story.cases[1].status, story.cases[1].priority, story.cases[3].reason) == ("Fixed", "P1", "Duplicate")
    (fixed,) = [notice for notice in decision.notices if notice.template == "fixed"]
    assert (fixed.words, fixed.case) == ("It was the cable.", 1)
    assert [line["line"] for line in receipt(decision)] == ["priority P1", "fix", "HD-3 close: Duplicate"]
    assert [n.case for n in decision.notices if n.template == "command_result"] == [1]


def test_in_answer_to_a_case_a_refused_line_for_another_stops_all(story: Story):
    before = dict(story.cases)
    decision = writes(story, "fix\nHD-3 close\n\nIt was the cable.", answers=1)
    assert told(decision) == {(ANNA, "command_result")}
    assert [type(h.event) for h in decision.happened] == [CommandRefused]
    assert story.cases[1].refused_text == "fix\n\nIt was the cable.", "kept for `send as is`, and nothing else happened"
    same: dict[str, Any] = {"version": 0, "latest": NOON, "refused_text": "", "refused_by": "", "undo": None}
    assert replace(story.cases[1], **same) == replace(before[1], **same)
    assert story.cases[3] == before[3]


def test_a_refused_command_here_stops_the_line_for_another_too(story: Story):
    before = story.cases[3]
    writes(story, "reopen\nHD-3 take", answers=1)
    assert story.cases[3] == before


def test_only_lines_for_others_are_work_enough(story: Story):
    decision = writes(story, "HD-3 take", answers=1)
    assert story.cases[3].assignee == ANNA
    assert told(decision) == {(STRANGER, "taken"), (ANNA, "command_result")}


@pytest.mark.parametrize(("proofs", "works"), [(SESSION, True), (BOUND, True), (VERIFIED, False)])
def test_the_reply_address_of_one_case_is_no_proof_for_another(story: Story, proofs: Any, works: bool):
    decision = writes(story, "HD-3 take", answers=1, proofs=proofs)
    assert (story.cases[3].assignee == ANNA) is works
    assert ("logged in or signed" in receipt(decision)[0]["said"]) is not works


def test_who_sees_a_case_is_not_changed_without_a_log_in(story: Story):
    decision = writes(story, f"HD-2 take\nHD-3 cc add {BEN}x", proofs=BOUND)
    assert told(decision) == {(ANNA, "confirm_command")}
    assert (story.cases[2].assignee, story.cases[3].watchers) == ("", ())


@pytest.mark.parametrize("above", ["", "dry-run\n"], ids=["done", "tried"])
def test_a_picture_that_nobody_gets_is_told_of_in_the_receipt(story: Story, above: str):
    pictures = (an_attachment("logo.png"), an_attachment("", index=1))
    decision = writes(story, f"{above}HD-1 ask: Is it this one?\nHD-2 take", attachments=pictures)
    (told_of,) = [notice for notice in decision.notices if notice.template == "command_result"]
    assert told_of.data["left_out"] == ["logo.png", "image/png"]
    assert [notice.carried for notice in decision.notices if notice.carried] == []


def test_without_a_picture_nothing_is_left_out(story: Story):
    decision = writes(story, "HD-1 take\nHD-2 take")
    assert [notice.data.get("left_out") for notice in decision.notices if notice.to == ANNA] == [None]


def test_questions_are_answered_each_in_a_mail_about_its_case(story: Story):
    decision = writes(story, "HD-1 status\nHD-2 why")
    assert {(notice.template, notice.case) for notice in decision.notices} == {("status_report", 1), ("why", 2)}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("HD-3 is the same as this one.", id="prose with a number"),
        pytest.param("It is the same.\nHD-3 take", id="below prose"),
    ],
)
def test_prose_that_names_a_case_goes_to_the_customer_as_it_is(story: Story, said: str):
    decision = writes(story, said, answers=1)
    (answer,) = [notice for notice in decision.notices if notice.to == CUSTOMER]
    assert answer.words == said
    assert story.cases[3].assignee == ""


def test_more_lines_than_a_mail_may_have_stop_it(story: Story):
    said = "\n".join(f"HD-{1 + n % 3} priority P{1 + n % 2}" for n in range(MOST_LINES + 1))
    assert f"more than {MOST_LINES} lines" in receipt(writes(story, said))[0]["said"]


def test_a_line_of_an_internal_notice_does_not_leave_by_this_way(story: Story):
    line = "her boss owes us a great deal of money"
    given = facts(*story.cases.values(), sender=ANNA, proofs=SESSION, directory=story.directory)
    said = f"HD-2 take\nHD-1 ask: {line}"
    keys = ThreadKeys(spoken=(1, 2))
    given = replace(given, keys=keys, internal_lines=frozenset({line}))
    cause = MailArrived(mail=a_mail(said, sender=ANNA, subject="x"), envelope=an_envelope())
    decision = story.happens(cause, given, NOON)
    assert told(decision) == {(ANNA, "command_result")}
    assert "internal notice" in receipt(decision)[0]["said"]


def test_from_the_shell_a_line_may_name_another_case(story: Story):
    story.word(ANNA, "HD-3 take")
    assert story.cases[3].assignee == ANNA


@pytest.mark.parametrize(
    ("older", "newer", "sent"),
    [
        pytest.param("", "HD-99 take\nIt is the cable.", "It is the cable.", id="a line for another case was refused"),
        pytest.param("nto\nOld words.", "HD-99 take\nIt is the cable.", "It is the cable.", id="and before it another"),
        pytest.param("", "HD-99 take\nDear Mari, hello.", "Dear Mari, hello.", id="what is left reads like a greeting"),
        pytest.param("nto\nOld words.", "HD-99 take", "", id="the latest has no words"),
        pytest.param("nto\nOld words.", "note\n#urgent\nFor the team.", "", id="the latest is a note"),
        pytest.param("nto\nOld words.", "note: x\nHD-99 take", "", id="the latest stays inside"),
        pytest.param("nto\nOld words.", "send as is\n#urgent", "nto\nOld words.", id="the latest was to let it go"),
        pytest.param("", "HD-2 note: he is a liar\nnto\nIt is done.", "nto\nIt is done.", id="a note for another case"),
    ],
)
def test_send_as_is_lets_the_latest_refused_words_go_and_no_older_ones(story: Story, older: str, newer: str, sent: str):
    for said in filter(None, (older, newer)):
        assert not receipt(writes(story, said, answers=1))[-1]["ok"]
    decision = writes(story, "send as is", answers=1)
    assert [event.event.text for event in decision.happened if isinstance(event.event, MessageAdded)] == (
        [sent] if sent else []
    )
    assert receipt(decision)[0]["ok"] is bool(sent)
    assert story.folded()[1] == story.case


def test_a_colleagues_refused_note_leaves_ones_own_refused_words(story: Story):
    writes(story, "nto\nIt is the cable.", answers=1)
    story.mail(BEN, "note\n#urgent\nFor the team.")
    assert receipt(writes(story, "send as is", answers=1))[0]["ok"]


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        pytest.param("HD-2 ask: Which lamp is it?", 0, id="one case, to the desk"),
        pytest.param("HD-2 ask: Which lamp is it?\nHD-1 note: x", 0, id="several cases, to the desk"),
        pytest.param("HD-2 ask: Which lamp is it?", 1, id="another case than the one that is answered"),
    ],
)
def test_an_answer_written_before_a_colleagues_is_kept_back_wherever_its_case_is_named(
    story: Story, text: str, answers: int
):
    story.mail(BEN, "It is the bulb.", "2026-03-02 10:30", case=2)
    decision = writes(story, text, answers=answers, date=NOON + timedelta(minutes=20))
    explained = [notice.data.get("explanation") or notice.data["lines"] for notice in decision.notices]
    assert f"{BEN} answered the customer before yours came" in str(explained)
    assert [event for event in decision.happened if isinstance(event.event, MessageAdded)] == []
    assert story.cases[2].status == "In progress"


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        pytest.param("HD-1 undo\nHD-2 priority P1", 0, id="to the desk"),
        pytest.param("HD-2 priority P1\nHD-1 undo", 0, id="below the other"),
        pytest.param("HD-1 undo\nHD-2 undo", 0, id="two of them"),
        pytest.param("HD-1 undo\npriority P1", 2, id="beside a line for the case that is answered"),
        pytest.param("undo\nHD-2 priority P1", 1, id="in answer to its case"),
    ],
)
def test_undo_stands_alone_beside_other_cases_too(story: Story, text: str, answers: int):
    story.mail(ANNA, "tag: a", case=1)
    story.mail(ANNA, "tag: b", case=2)
    decision = writes(story, text, answers=answers)
    assert "'undo' stands alone" in receipt(decision)[0]["said"]
    assert (story.cases[1].tags, story.cases[2].tags, story.cases[2].priority) == (("a",), ("b",), "P3")


def test_undo_alone_may_name_another_case_than_the_one_that_is_answered(story: Story):
    story.mail(ANNA, "tag: a", case=1)
    assert receipt(writes(story, "HD-1 undo", answers=2))[0]["ok"]
    assert story.cases[1].tags == ()
