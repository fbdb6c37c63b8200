"""A parent case and its children: `parent`, and `all` above an answer that goes to every one of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.decision import Decision, Ending
from mailbot.event import CommandRefused, CommandsParked, CommandsUndone, MessageAdded, StatusChanged, Visibility
from mailbot.facts import Answers
from mailbot.mail import Mailbox
from mailbot.model import Case
from mailbot.people import Person, Proof
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    SESSION,
    STRANGER,
    VERIFIED,
    WATCHER,
    Story,
    a_directory,
    an_attachment,
    changed,
    told,
)

OTHER = "liis@other.test"
BOUND = frozenset({Proof.CLAIMED, Proof.VERIFIED, Proof.TOKEN})


@pytest.fixture
def story() -> Story:
    """Three cases of three customers; the second and the third are children of the first."""
    story = Story(directory=a_directory(Person(address=OTHER, language="de")))
    for number, who in ((1, CUSTOMER), (2, OTHER), (3, STRANGER)):
        story.mail(who, "The line is down.", case=number, subject=f"Line {number}")
    for number in (2, 3):
        story.mail(ANNA, "parent HD-1", case=number)
    story.notices.clear()
    return story


def receipt(decision: Decision) -> list[tuple[str, bool, str]]:
    """The lines of the only receipt: which, was it done, and what is said of it."""
    (notice,) = [notice for notice in decision.notices if notice.template == "command_result"]
    lines = notice.data["lines"]
    assert isinstance(lines, list)
    return [(one["line"], one["ok"], str(one["said"])) for one in lines]


def words(decision: Decision) -> dict[int, str]:
    """What each case's customers read."""
    return {n.case: n.words for n in decision.notices if n.case and n.words and n.visibility is Visibility.PUBLIC}


def bare(case: Case) -> Case:
    """The case but for its history and what was refused."""
    return replace(case, version=0, latest=case.opened, undo=None, refused_text="", refused_by="")


@pytest.mark.parametrize("said", ["parent none", "unparent", "Unparent HD-1."])
def test_both_cases_say_it_and_no_customer_hears_of_it(story: Story, said: str):
    assert (story.cases[1].children, story.cases[2].parent, story.cases[3].parent) == ((2, 3), 1, 1)
    decision = story.mail(ANNA, said, case=2)
    assert (story.cases[1].children, story.cases[2].parent) == ((3,), 0)
    assert told(decision) == {(ANNA, "command_result")}
    assert story.folded() == story.cases


def test_a_child_of_one_case_may_become_that_of_another(story: Story):
    story.mail(CUSTOMER, "The line is down here too.", case=4)
    decision = story.mail(ANNA, "parent 4", case=2)
    assert (story.cases[1].children, story.cases[4].children, story.cases[2].parent) == ((3,), (2,), 4)
    (line,) = [notice.data["lines"][0] for notice in decision.notices]  # type: ignore[index]
    assert line["undo"] == "parent HD-1"


@pytest.mark.parametrize(
    ("line", "case", "reason"),
    [
        pytest.param("parent", 2, "needs to say which case", id="none"),
        pytest.param("parent HD-2", 2, "this case itself", id="itself"),
        pytest.param("parent HD-9", 2, "there is no case HD-9", id="a case that there is not"),
        pytest.param("parent HD-1", 2, "is its parent already", id="the parent that it has"),
        pytest.param("parent none", 1, "has no parent", id="none, where there is none"),
        pytest.param("unparent", 1, "has no parent", id="no child any more, where it is none"),
        pytest.param("unparent HD-3", 2, "HD-3 is not its parent", id="not its parent"),
        pytest.param("unparent HD-9", 2, "there is no case HD-9", id="no child of a case that there is not"),
        pytest.param("parent HD-2", 1, "has children itself (HD-2, HD-3)", id="a circle"),
        pytest.param("parent HD-4", 1, "has children itself (HD-2, HD-3)", id="a grandparent above"),
        pytest.param("parent HD-2", 4, "HD-2 is a child of HD-1 itself", id="a grandparent below"),
    ],
)
def test_what_cannot_be_a_parent_is_refused_with_its_reason(story: Story, line: str, case: int, reason: str):
    story.mail(CUSTOMER, "The lamp.", case=4)
    before = [(one.parent, one.children) for one in story.cases.values()]
    story.mail(ANNA, line, case=case)
    (refused,) = [h.event for h in story.last.happened if isinstance(h.event, CommandRefused)]
    assert reason in refused.reason
    assert [(one.parent, one.children) for one in story.cases.values()] == before


def test_a_case_has_so_many_children(story: Story):
    story.cases[1] = replace(story.cases[1], children=tuple(range(100, 150)))
    story.mail(CUSTOMER, "The lamp.", case=4)
    story.mail(ANNA, "parent HD-1", case=4)
    assert "50 children at most" in str(story.last.happened)


def test_a_merged_case_is_no_parent_but_where_it_goes_on_is(story: Story):
    for number in (4, 5):
        story.mail(CUSTOMER, "The lamp.", case=number)
    story.mail(ANNA, "merge HD-5", case=4)
    story.mail(ANNA, "parent none", case=3)
    assert "goes on in HD-5 itself" in receipt(story.mail(ANNA, "parent HD-4", case=3))[0][2]


@pytest.mark.parametrize(
    ("proofs", "changes"),
    [
        pytest.param(SESSION, True, id="logged in"),
        pytest.param(VERIFIED, False, id="known by the reply address of this case alone"),
    ],
)
@pytest.mark.parametrize("line", ["parent none", "parent HD-4"])
def test_another_case_is_changed_only_by_who_is_sure_enough_for_it(
    story: Story, line: str, proofs: frozenset[Proof], *, changes: bool
):
    story.mail(CUSTOMER, "The lamp.", case=4)
    decision = story.mail(ANNA, line, case=2, proofs=proofs)
    assert (story.cases[2].parent != 1) is changes
    assert ("sent logged in or signed" in str(decision.notices)) is not changes


@pytest.mark.parametrize(
    "said", ["Parent: https://example.com/lines\nIt tells more.", "Parent company is theirs.\nThey know."]
)
def test_the_word_in_prose_is_prose(story: Story, said: str):
    assert words(story.mail(ANNA, said)) == {1: said}


def test_the_words_go_to_each_customer_in_their_own_case(story: Story):
    decision = story.mail(ANNA, "all\nWe know of it; two hours more.", attachments=(an_attachment(),))
    assert words(decision) == dict.fromkeys((1, 2, 3), "We know of it; two hours more.")
    assert {(n.to, n.case) for n in decision.notices if n.words} == {(CUSTOMER, 1), (OTHER, 2), (STRANGER, 3)}
    assert all(len(notice.carried) == 1 for notice in decision.notices if notice.words)
    said = "the words go to the customers of HD-1, HD-2, HD-3, each in their own case"
    assert receipt(decision) == [("all", True, said)]
    assert decision.ending is Ending.THREADED
    assert story.folded() == story.cases


def test_the_commands_run_in_each_and_the_receipt_says_what_ran_where(story: Story):
    decision = story.mail(ANNA, "ALL.\ntake\nfix: The line is up again.")
    assert [story.cases[number].status for number in (1, 2, 3)] == ["Fixed"] * 3
    assert words(decision) == dict.fromkeys((1, 2, 3), "The line is up again.")
    lines = ["ALL.", "take", "fix: The line is up again.", "HD-2 take", "HD-2 fix: The line is up again."]
    assert [line for line, _, _ in receipt(decision)][:5] == lines
    assert "HD-1, HD-2, HD-3" in receipt(decision)[0][2]


def test_without_it_nothing_reaches_the_children(story: Story):
    decision = story.mail(ANNA, "take\nWe look into it.")
    assert words(decision) == {1: "We look into it."}
    assert {happened.case for happened in decision.happened} == {1}


def test_closed_children_are_left_alone_and_named(story: Story):
    story.mail(ANNA, "close: phoned", case=3)
    before = story.cases[3]
    decision = story.mail(ANNA, "all\nIt takes longer.")
    assert set(words(decision)) == {1, 2}
    assert receipt(decision)[0][2].endswith("HD-1, HD-2, each in their own case; closed, and left alone: HD-3")
    assert story.cases[3] == before


def test_a_child_that_goes_on_elsewhere_is_reached_there_once(story: Story):
    story.mail(CUSTOMER, "The line.", case=4)
    story.mail(ANNA, "merge HD-4", case=3)
    assert set(words(story.mail(ANNA, "all\nIt takes longer."))) == {1, 2, 4}
    story.mail(ANNA, "merge HD-1", case=2)
    assert set(words(story.mail(ANNA, "all\nAn hour more."))) == {1, 4}, "one that goes on in the parent is the parent"


def test_what_goes_on_elsewhere_keeps_its_children_there(story: Story):
    story.mail(CUSTOMER, "The line.", case=4)
    story.mail(ANNA, "merge HD-4", case=1)
    assert set(words(story.mail(ANNA, "all\nIt takes longer.", case=4))) == {4, 2, 3}
    assert "this case has children itself (HD-2, HD-3)" in str(story.mail(ANNA, "parent HD-3", case=4).notices)
    assert "it is a child of HD-4;" in str(story.mail(ANNA, "all\nHello there.", case=2).notices)


@pytest.mark.parametrize(
    ("said", "case", "why"),
    [
        pytest.param("all\nWe look into it.", 2, "it is a child of HD-1; write 'all' in answer to it", id="in a child"),
        pytest.param("all\nWe look into it.", 4, "'parent HD-4' in answer to another case", id="in a case alone"),
        pytest.param("all", 1, "there are none", id="nothing below it"),
        pytest.param("all\nBest regards\nAnna", 1, "there are none", id="a sign-off below it"),
        pytest.param("take\nall\nWe look into it.", 1, "must be the first line", id="below a command"),
        pytest.param("It is done.\n\n#all", 1, "must be the first line", id="below the words"),
        pytest.param("HD-3 all\nWe look into it.", 1, "must be the first line", id="for another case"),
        pytest.param("all\nundo", 1, "'undo' stands alone", id="undo"),
        pytest.param("all\nreopen", 1, "reopen", id="a command that this case refuses"),
        pytest.param("all\nnto\nWe look into it.", 1, "there is no command 'nto'", id="a slip"),
        pytest.param("all\nHD-9 take\nWe look into it.", 1, "there is no case HD-9", id="another line"),
        pytest.param("#all of them", 1, "'all' stands alone on its line", id="words behind it"),
    ],
)
def test_one_thing_that_cannot_be_stops_all(story: Story, said: str, case: int, why: str):
    story.mail(CUSTOMER, "The lamp.", case=4)
    before = {number: bare(one) for number, one in story.cases.items()}
    decision = story.mail(ANNA, said, case=case)
    assert why in str([line[2] for line in receipt(decision)])
    assert {number: bare(one) for number, one in story.cases.items()} == before
    assert told(decision) == {(ANNA, "command_result")}
    assert story.folded() == story.cases


def test_where_all_children_are_closed_it_says_so(story: Story):
    for number in (2, 3):
        story.mail(ANNA, "close: phoned", case=number)
    assert "its children are closed (HD-2, HD-3)" in receipt(story.mail(ANNA, "all\nWe look into it."))[0][2]


def test_what_one_child_refuses_stops_all_and_is_named(story: Story):
    for number in (1, 3):
        story.mail(ANNA, "take\nfix: up", case=number)
    before = {number: bare(one) for number, one in story.cases.items()}
    decision = story.mail(ANNA, "all\nclose")
    assert [line for line, _, _ in receipt(decision)] == ["HD-2 close"]
    assert "closing needs a reason" in receipt(decision)[0][2]
    assert {number: bare(one) for number, one in story.cases.items()} == before
    assert told(decision) == {(ANNA, "command_result")}


def test_an_answer_that_a_colleague_overtook_in_a_child_is_held_whole(story: Story):
    story.mail(BEN, "It is a cable.", case=2)
    written = story.now - timedelta(minutes=5)
    story.now += timedelta(minutes=10)
    decision = story.mail(ANNA, "all\nWe look into it.", date=written, names_notice=True)
    assert decision.ending is Ending.HELD
    assert told(decision) == {(ANNA, "held")}
    assert (decision.notices[0].case, decision.notices[0].author) == (2, BEN)
    let_go = story.mail(ANNA, "all\nWe look into it.", date=written, names_notice=True, admitted=True)
    assert set(words(let_go)) == {1, 2, 3}


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        pytest.param("all\nnote\nThey never pay.", Visibility.PUBLIC, id="a note"),
        pytest.param("all\nnote: They never pay.", Visibility.PUBLIC, id="a note on its line"),
        pytest.param("all\nThey never pay.", Visibility.INTERNAL, id="in answer to an internal notice"),
    ],
)
def test_what_stays_inside_stays_inside_in_each(story: Story, said: str, reply: Visibility):
    decision = story.mail(ANNA, said, reply=reply)
    added = {h.case: h.event.visibility for h in decision.happened if isinstance(h.event, MessageAdded)}
    assert added == dict.fromkeys((1, 2, 3), Visibility.INTERNAL)
    assert not {CUSTOMER, OTHER, STRANGER} & {to for to, _ in told(decision)}
    assert receipt(decision)[0][2] == "this mail is for HD-1, HD-2, HD-3; its words stay inside the team"


def test_a_canned_answer_is_each_customers_own(story: Story):
    texts = {(1, "up"): "It is up.", (2, "up"): "Es geht.", (3, "up"): "It is up, sir."}
    story.answers = Answers(titles={"up": "It is up"}, texts=texts)
    assert words(story.mail(ANNA, "all\nuse up")) == {1: "It is up.", 2: "Es geht.", 3: "It is up, sir."}


def test_whom_the_mail_is_copied_to_belongs_to_the_parent_alone(story: Story):
    story.process = changed(story.process, cc_joins=True)
    story.mail(ANNA, "all\nIt takes longer.", cc=(Mailbox(address=WATCHER),))
    assert [story.cases[number].watchers for number in (1, 2, 3)] == [(WATCHER,), (), ()]


@pytest.mark.parametrize(("proofs", "works"), [(SESSION, True), (BOUND, True), (VERIFIED, False)])
def test_the_reply_address_of_the_parent_is_no_proof_for_its_children(
    story: Story, proofs: frozenset[Proof], *, works: bool
):
    decision = story.mail(ANNA, "all\nWe look into it.", proofs=proofs)
    assert bool(words(decision)) is works
    assert ("logged in or signed" in receipt(decision)[0][2]) is not works


def test_what_changes_who_sees_a_case_waits_for_a_yes_for_all_of_it(story: Story):
    decision = story.mail(ANNA, f"all\ncc add {WATCHER}\nHe hears of it too.", proofs=BOUND)
    (parked,) = [h.event for h in decision.happened if isinstance(h.event, CommandsParked)]
    assert parked.lines == ("all", f"cc add {WATCHER}")
    assert told(decision) == {(ANNA, "confirm_command")}


def test_tried_out_it_says_whom_it_would_reach_and_does_nothing(story: Story):
    decision = story.mail(ANNA, "dry-run\nall\nfix: The line is up again.")
    (notice,) = decision.notices
    mails = notice.data["mails"]
    assert isinstance(mails, list)
    assert {mail["to"] for mail in mails} >= {CUSTOMER, OTHER, STRANGER}
    assert receipt(decision)[0][2].startswith("the words go to the customers of HD-1, HD-2, HD-3")
    assert not any(isinstance(h.event, StatusChanged) for h in decision.happened)


def test_one_undo_takes_back_what_ran_in_all_of_them(story: Story):
    before = {number: bare(one) for number, one in story.cases.items()}
    story.mail(ANNA, "all\ntake\npriority P1", inbox_id=70)
    decision = story.mail(ANNA, "undo", receipt_of=70)
    assert {number: bare(one) for number, one in story.cases.items()} == before
    assert {h.case for h in decision.happened if isinstance(h.event, CommandsUndone)} == {1, 2, 3}
    assert story.folded() == story.cases


def test_undo_takes_back_who_is_whose_child(story: Story):
    story.mail(ANNA, "parent none", case=2, inbox_id=70)
    story.mail(ANNA, "undo", case=2, receipt_of=70)
    assert (story.cases[1].children, story.cases[2].parent) == ((2, 3), 1)


def test_undo_tells_two_words_of_one_instant_apart(story: Story):
    for number in (4, 5):
        story.mail(CUSTOMER, "The line.", case=number)
        story.word(ANNA, "parent HD-1", case=number)
    decision = story.word(ANNA, "undo", case=4)
    assert "since then there were those of anna@example.com (parent HD-1" in decision.reason
    assert (story.cases[1].children, story.cases[4].parent) == ((2, 3, 4, 5), 1)


def test_questions_are_answered_for_each(story: Story):
    decision = story.mail(ANNA, "all\nwhy")
    assert {(n.template, n.case) for n in decision.notices} >= {("why", 1), ("why", 2), ("why", 3)}


def test_help_is_given_once(story: Story):
    decision = story.mail(ANNA, "all\nhelp")
    assert [notice.case for notice in decision.notices if notice.template == "help"] == [1]


def test_who_joins_several_cases_is_greeted_in_each(story: Story):
    decision = story.mail(ANNA, f"all\ncc add {WATCHER}")
    assert {n.case for n in decision.notices if (n.to, n.template) == (WATCHER, "joined")} == {1, 2, 3}


def test_lines_for_other_cases_may_stand_below(story: Story):
    story.mail(CUSTOMER, "The lamp.", case=4)
    story.mail(ANNA, "all\nHD-4 priority P1\nIt takes longer.")
    assert story.cases[4].priority == "P1"
    assert set(words(story.last)) == {1, 2, 3}


def test_from_the_shell_it_works_too(story: Story):
    decision = story.word(ANNA, "all\npriority P1")
    assert {story.cases[number].priority for number in (1, 2, 3)} == {"P1"}
    assert "this mail is for HD-1, HD-2, HD-3" in decision.reason
    story.word(ANNA, "all\nIt takes longer.")
    assert set(words(story.last)) == {1, 2, 3}


@pytest.mark.parametrize("said", ["All,\n\nWe did it.", '"All,"\nWe did it.', "All done!", "All: done.", "All good."])
def test_a_members_greeting_or_sentence_goes_to_the_customer_alone(story: Story, said: str):
    assert words(story.mail(ANNA, said)) == {1: said}


@pytest.mark.parametrize("said", ["all", "All.", "all\nis broken", "parent HD-2", "All,\nit is broken", "parent none"])
def test_a_customers_word_is_no_command(story: Story, said: str):
    decision = story.mail(CUSTOMER, said)
    assert [h.event.text for h in decision.happened if isinstance(h.event, MessageAdded)] == [said]
    assert {happened.case for happened in decision.happened} == {1}
    assert "command_result" not in {template for _, template in told(decision)}


def test_send_as_is_lets_the_words_go_without_the_line(story: Story):
    story.mail(ANNA, "all\nnto\nIt is the cable.")
    assert words(story.mail(ANNA, "send as is")) == {1: "nto\nIt is the cable."}


@pytest.mark.parametrize("said", ["all\nIt takes longer.", "all\ntake\nfix: The line is up again."])
def test_an_answer_that_waits_is_recalled_in_all_of_them(story: Story, said: str):
    story.desk = replace(story.desk, send_delay=timedelta(minutes=2))
    before = {number: bare(one) for number, one in story.cases.items()}
    decision = story.mail(ANNA, said, inbox_id=70)
    waits = {(notice.to, notice.case) for notice in decision.notices if notice.leaves}
    assert waits == {(CUSTOMER, 1), (OTHER, 2), (STRANGER, 3)}
    story.mail(ANNA, "undo", inbox_id=71, receipt_of=70)
    assert {number: bare(replace(one, recall=None)) for number, one in story.cases.items()} == before
    assert not story.waiting
    assert story.folded() == story.cases
