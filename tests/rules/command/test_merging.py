"""Two cases that are one matter: `merge` and `unmerge` (`semantics.md` 14)."""

from dataclasses import replace

import pytest

from mailbot.decision import Ending
from mailbot.event import CasesMerged, CommandRefused, Kind, MessageAdded, StatusChanged, Visibility
from mailbot.facts import Found, Reported, ThreadKeys
from mailbot.model import ClockState, Withheld
from mailbot.rules.counting import ledger
from mailbot.rules.identity.successors import NO_ACTION, after_merges, successor
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    LEA,
    STRANGER,
    VERIFIED,
    Story,
    a_case,
    a_token,
    facts,
    names,
    told,
)

OTHER = "olev@other.test"
FRIEND = "friend@customer.test"


def two_cases(second: str = CUSTOMER) -> Story:
    """HD-1 and HD-2, both in work with Anna."""
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.", case=1)
    story.mail(second, "Smoke comes out of the printer.", case=2, subject="Smoke")
    for number in (1, 2):
        story.mail(ANNA, "take", case=number)
    return story


def merged(second: str = CUSTOMER) -> Story:
    """HD-2 goes on in HD-1."""
    story = two_cases(second)
    story.mail(ANNA, "merge HD-1", case=2)
    return story


def refusal(story: Story) -> str:
    (refused,) = [h.event for h in story.last.happened if isinstance(h.event, CommandRefused)]
    return refused.reason


def added_to(story: Story) -> list[int | None]:
    return [h.case for h in story.last.happened if isinstance(h.event, MessageAdded)]


def test_the_case_closes_as_merged_and_says_into_which():
    story = merged()
    assert (story.cases[2].kind, story.cases[2].reason, story.cases[2].merged_into) == (Kind.CLOSED, "merged", 1)
    assert story.cases[1].absorbed == (2,)
    assert [h.event.into for h in story.last.happened if isinstance(h.event, CasesMerged)] == [1]
    assert story.folded() == story.cases


def test_its_clocks_end_and_those_of_the_other_are_as_they_were():
    story = two_cases()
    before = story.cases[1].clocks
    story.mail(ANNA, "merge HD-1", "2026-03-02 15:00", case=2)
    states = {str(clock.name): ledger.state(clock, None) for clock in story.cases[2].clocks}
    assert states["resolution"] is ClockState.ENDED
    assert story.cases[1].clocks == before


@pytest.mark.parametrize("line", ["merge HD-1", "merge 1", "#merge hd-1", "Merge into HD-1.", "merge: [HD-1]"])
def test_a_number_may_be_written_as_people_write_it(line: str):
    story = two_cases()
    story.mail(ANNA, line, case=2)
    assert story.cases[2].merged_into == 1


def test_its_customer_hears_once_with_the_reply_address_of_the_other():
    story = merged()
    assert told(story.last) == {(CUSTOMER, "merged"), (ANNA, "command_result")}
    assert [n.case for n in story.last.notices if n.to == CUSTOMER] == [1]


def test_another_customer_hears_of_the_other_from_now_on_and_the_receipt_says_so():
    story = merged(OTHER)
    assert story.cases[1].watchers == (OTHER,)
    assert told(story.last) == {(OTHER, "merged"), (ANNA, "command_result")}
    assert f"that is {CUSTOMER}'s, and {OTHER} will hear of it too" in str(story.last.notices)
    assert "on fire" not in str([n for n in story.last.notices if n.to == OTHER])
    assert told(story.mail(ANNA, "It is the cable.")) == {(CUSTOMER, "answer"), (OTHER, "answer")}


def test_watchers_go_along():
    story = two_cases()
    story.mail(ANNA, f"cc add {FRIEND}", case=2)
    story.mail(ANNA, "merge HD-1", case=2)
    assert story.cases[1].watchers == (FRIEND,)
    assert (FRIEND, "merged") in told(story.last)


def test_colleagues_who_have_either_case_hear_of_it():
    story = two_cases()
    story.mail(ANNA, f"assign {BEN}", case=1)
    story.mail(LEA, "merge HD-1", case=2)
    assert told(story.last) == {(CUSTOMER, "merged"), (ANNA, "merged"), (BEN, "merged"), (LEA, "command_result")}


def test_words_go_out_with_the_notice_once():
    story = two_cases()
    decision = story.mail(ANNA, "merge HD-1\n\nIt is the same fire.", case=2)
    assert [(n.template, n.words) for n in decision.notices if n.to == CUSTOMER] == [("merged", "It is the same fire.")]


def test_words_of_a_note_stay_inside():
    story = two_cases()
    story.mail(ANNA, f"assign {BEN}", case=1)
    decision = story.mail(ANNA, "note\nmerge HD-1\n\nThey never read.", case=2)
    heard = {n.to: (n.words, n.reply) for n in decision.notices if n.template == "merged"}
    assert heard == {CUSTOMER: ("", Visibility.PUBLIC), BEN: ("They never read.", Visibility.INTERNAL)}


@pytest.mark.parametrize("sender", [CUSTOMER, OTHER])
def test_later_mail_follows(sender: str):
    story = merged(sender)
    decision = story.mail(sender, "It smokes again.", case=2)
    assert added_to(story) == [1]
    assert (ANNA, "customer_answered") in told(decision)


def test_a_colleague_s_answer_to_an_internal_notice_stays_inside_the_other_too():
    story = merged()
    decision = story.mail(BEN, "They never read.", case=2, reply=Visibility.INTERNAL)
    assert [h.event.visibility for h in decision.happened if isinstance(h.event, MessageAdded)] == [Visibility.INTERNAL]
    assert CUSTOMER not in {to for to, _ in told(decision)}


def test_who_hears_nothing_of_the_other_any_more_is_led_nowhere():
    story = merged(OTHER)
    story.mail(ANNA, f"cc remove {OTHER}")
    decision = story.mail(OTHER, "status", case=2)
    assert decision.ending is Ending.NEW
    assert [n.case for n in decision.notices if n.to == OTHER] == [3]


def test_somebody_else_s_use_of_the_old_reply_address_is_the_matter_of_its_own_customer():
    story = merged(OTHER)
    stolen = (a_token(2, OTHER),)
    given = facts(story.cases[2], story.cases[1], sender=STRANGER, keys=ThreadKeys(tokens=stolen))
    assert after_merges(given, STRANGER, admitted=False).keys.tokens == stolen
    assert [one.case for one in after_merges(given, STRANGER, admitted=True).keys.tokens] == [1]


def test_everything_else_that_names_the_old_case_names_the_other():
    one, two = a_case(number=1), a_case(number=2, merged_into=1)
    keys = ThreadKeys(tagged=(a_token(2),), number=2, bare_number=2, spoken=(2,))
    reported = Reported(2, CUSTOMER, "taken")
    found = Found(cases={1: one, 2: two}, by_message_id={"<x>": 2}, awaited=(2, 1), reported=reported)
    led = after_merges(facts(keys=keys, found=found), CUSTOMER, admitted=False)
    assert ([t.case for t in led.keys.tagged], led.keys.number, led.keys.bare_number) == ([1], 1, 1)
    assert led.keys.spoken == (2,)
    assert (led.found.by_message_id, led.found.awaited) == ({"<x>": 1}, (1,))
    assert led.found.reported == Reported(1, CUSTOMER, "taken")


def test_a_link_of_the_old_case_does_nothing_in_the_other():
    cases = {1: a_case(number=1), 2: a_case(number=2, merged_into=1)}
    keys = ThreadKeys(tokens=(a_token(2, mark=b"12345678"), a_token(1, mark=b"12345678")))
    led = after_merges(facts(keys=keys, found=Found(cases=cases)), CUSTOMER, admitted=False)
    assert [(one.case, one.mark) for one in led.keys.tokens] == [(1, NO_ACTION), (1, b"12345678")]


@pytest.mark.parametrize(
    ("into", "number", "end"),
    [
        pytest.param({1: 0}, 1, 1, id="a case of its own"),
        pytest.param({1: 2, 2: 0}, 1, 2, id="merged"),
        pytest.param({1: 2, 2: 3, 3: 0}, 1, 3, id="merged into one that was merged later"),
        pytest.param({1: 2}, 1, 2, id="into one that is not known here"),
        pytest.param({}, 7, 7, id="not known"),
        pytest.param({1: 2, 2: 1}, 1, 1, id="a circle in a damaged store ends"),
    ],
)
def test_a_case_goes_on_where_the_last_merge_led(into: dict[int, int], number: int, end: int):
    assert successor({one: a_case(number=one, merged_into=other) for one, other in into.items()}, number) == end


def test_a_chain_of_merges_leads_to_its_end():
    story = merged()
    story.mail(LEA, "The lamp flickers.", case=3, proofs=VERIFIED)
    story.mail(CUSTOMER, "The lamp flickers.", case=3)
    story.mail(ANNA, "merge HD-3", case=1)
    story.mail(CUSTOMER, "And now?", case=2)
    assert added_to(story) == [3]


def other_state(story: Story, number: int, **keys: object) -> None:
    story.cases[number] = replace(story.cases[number], **keys)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("merge HD-2", "HD-2 is this case itself", id="itself"),
        pytest.param("merge HD-9", "there is no case HD-9", id="unknown"),
        pytest.param("merge XY-1", "names no case of this desk", id="another desk's"),
        pytest.param("merge HD-1 and HD-3", "names no case of this desk", id="two at once"),
        pytest.param("merge", "needs to say which", id="none"),
        pytest.param("unmerge HD-1", "HD-1 was not merged into HD-2", id="what was never merged"),
        pytest.param("unmerge HD-9", "there is no case HD-9", id="an unknown one taken out"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(line: str, reason: str):
    story = two_cases()
    before = dict(story.cases)
    story.mail(ANNA, line, case=2)
    assert reason in refusal(story)
    assert story.cases[1] == before[1]
    assert story.cases[2].merged_into == 0


@pytest.mark.parametrize(
    ("number", "keys", "reason"),
    [
        pytest.param(1, {"kind": Kind.CLOSED, "status": "Closed"}, "'reopen' there", id="into a closed one"),
        pytest.param(1, {"kind": Kind.CLOSED, "merged_into": 5}, "goes on in HD-5 itself", id="into a merged one"),
        pytest.param(2, {"kind": Kind.CLOSED, "status": "Closed"}, "'reopen' takes it back", id="a closed one"),
        pytest.param(
            2, {"withheld": (Withheld(inbox_id=3, sender=CUSTOMER, digest="d"),)}, "held back", id="with held content"
        ),
        pytest.param(1, {"watchers": tuple(f"w{n}@x.test" for n in range(20))}, "20 people", id="too many people"),
    ],
)
def test_a_state_in_which_it_cannot_be_is_said(number: int, keys: dict[str, object], reason: str):
    story = two_cases(OTHER)
    other_state(story, number, **keys)
    story.word(ANNA, "merge HD-1", case=2)
    assert reason in story.last.reason
    assert story.cases[2].merged_into == 0


def test_a_customer_has_no_such_word():
    story = two_cases()
    story.mail(CUSTOMER, "#merge HD-1", case=2)
    assert story.cases[2].merged_into == 0


def test_a_merge_waits_for_a_confirmation_where_no_log_in_proves_it():
    story = two_cases()
    story.mail(ANNA, "merge HD-1", case=2, proofs=VERIFIED | {"token"})
    assert story.cases[2].merged_into == 0
    assert "CommandsParked" in names(story.last)
    assert (CUSTOMER, "merged") not in told(story.last)


def test_unmerge_makes_it_a_case_of_its_own_where_it_stood():
    story = merged(OTHER)
    decision = story.mail(ANNA, "unmerge HD-2", "2026-03-03 12:00")
    assert (story.cases[2].status, story.cases[2].merged_into, story.cases[2].merged_people) == ("In progress", 0, ())
    assert (story.cases[1].absorbed, story.cases[1].watchers) == ((), ())
    assert told(decision) == {(OTHER, "unmerged"), (ANNA, "command_result")}
    assert [clock.open for clock in story.cases[2].clocks if str(clock.name) == "resolution"] == [True]
    assert story.folded() == story.cases
    story.mail(OTHER, "And now?", case=2)
    assert added_to(story) == [2]


def test_unmerge_may_be_said_in_the_merged_case_itself_from_the_shell():
    story = merged(OTHER)
    story.word(ANNA, "unmerge HD-2", case=2)
    assert (story.cases[2].merged_into, story.cases[1].absorbed) == (0, ())
    assert (OTHER, "reopened") in told(story.last)


def test_unmerge_tells_the_one_who_has_it():
    story = merged()
    assert told(story.mail(LEA, "unmerge 2")) == {(CUSTOMER, "unmerged"), (ANNA, "unmerged"), (LEA, "command_result")}


def test_unmerge_brings_back_the_cause_of_a_status():
    story = merged()
    other_state(story, 2, previous_status="In progress", previous_cause="")
    story.mail(ANNA, "unmerge HD-2")
    back = [h.event for h in story.last.happened if isinstance(h.event, StatusChanged)]
    assert [(one.new, one.reason) for one in back] == [("In progress", "taken out of HD-1")]


def test_who_heard_of_the_other_before_goes_on_hearing_of_it():
    story = two_cases(OTHER)
    story.mail(ANNA, f"cc add {OTHER}", case=1)
    story.mail(ANNA, "merge HD-1", case=2)
    story.mail(ANNA, "unmerge HD-2")
    assert story.cases[1].watchers == (OTHER,)


def test_a_refused_line_below_takes_the_merge_back_in_both_cases():
    story = two_cases()
    one = story.cases[1]
    story.mail(ANNA, "merge HD-1\ntake", case=2)
    assert "'reopen' takes it back" in refusal(story)
    assert story.cases[1] == one
    assert story.cases[2].merged_into == 0
    assert told(story.last) == {(ANNA, "command_result")}


def test_from_the_shell_a_merged_case_is_not_reopened_but_taken_out():
    story = merged()
    story.word(ANNA, "reopen", case=2)
    assert "'unmerge HD-2' there" in story.last.reason
    assert story.cases[2].kind is Kind.CLOSED


def test_who_gets_the_closed_case_by_a_line_below_hears_nothing_of_the_other():
    story = two_cases()
    decision = story.mail(ANNA, f"merge HD-1\nrequester {OTHER}", case=2)
    assert OTHER not in {to for to, _ in told(decision)}
    assert OTHER not in story.cases[1].participants


def test_a_confidant_of_the_old_case_stays_one():
    story = two_cases()
    other_state(story, 2, confidants=(LEA,))
    story.mail(ANNA, "merge HD-1", case=2)
    assert story.cases[1].confidants == (LEA,)
