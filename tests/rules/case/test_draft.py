"""A decision about several cases: one is at hand at a time, and what is taken back is taken back in all."""

import pytest

from mailbot.event import CaseAssigned, CommandRefused
from mailbot.rules.case.draft import Draft
from mailbot.rules.reading.naming import MOST_SPOKEN, spoken_numbers
from tests.builders import ANNA, BEN, NOON, a_case, a_draft


def a_draft_of_two() -> Draft:
    return a_draft(a_case(number=1), cases={2: a_case(number=2)})


def assign(draft: Draft, whom: str) -> None:
    draft.happen(CaseAssigned(at=NOON, assignee=whom, actor=ANNA))


def test_an_event_happens_to_the_case_at_hand_only():
    draft = a_draft_of_two()
    assign(draft, ANNA)
    draft.turn_to(2)
    assign(draft, BEN)
    assert draft.open_case.assignee == BEN
    assert [event.assignee for event in draft.events(CaseAssigned)] == [BEN]
    draft.turn_to(1)
    assert draft.open_case.assignee == ANNA
    assert [event.assignee for event in draft.events(CaseAssigned)] == [ANNA]
    assert [(h.case, type(h.event)) for h in draft.decision().happened] == [(1, CaseAssigned), (2, CaseAssigned)]


def test_a_case_that_was_put_aside_is_known_as_its_events_left_it():
    draft = a_draft_of_two()
    assign(draft, ANNA)
    draft.turn_to(2)
    one, two = draft.known(1), draft.known(2)
    assert one is not None
    assert two is not None
    assert (one.assignee, two.assignee) == (ANNA, "")
    assert draft.known(3) is None
    assert draft.before is not None
    assert draft.before.number == 2


def test_a_case_that_is_not_known_cannot_be_turned_to():
    with pytest.raises(KeyError):
        a_draft_of_two().turn_to(3)


def test_what_happened_since_a_mark_is_taken_back_in_all_cases():
    draft = a_draft_of_two()
    assign(draft, BEN)
    mark = draft.mark()
    assign(draft, ANNA)
    draft.turn_to(2)
    assign(draft, ANNA)
    draft.return_to(mark)
    one, two = draft.known(1), draft.known(2)
    assert one is not None
    assert two is not None
    assert (one.assignee, two.assignee) == (BEN, "")
    assert len(draft.happened) == 1


def test_a_refused_mail_leaves_its_refusal_in_the_case_at_hand_and_nothing_elsewhere():
    draft = a_draft_of_two()
    mark = draft.mark()
    draft.turn_to(2)
    assign(draft, ANNA)
    draft.turn_to(1)
    draft.happen(CommandRefused(at=NOON, line="tkae", reason="there is no such command", actor=ANNA))
    draft.refuse_since(mark)
    assert [(h.case, type(h.event)) for h in draft.happened] == [(1, CommandRefused)]
    two = draft.known(2)
    assert two is not None
    assert two.assignee == ""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("merge hd-7", (7,)),
        ("merge 7\nunparent 8", (7, 8)),
        ("zusammenführen 7\n#verknuepfen 8\nühenda 9\nfusionner 10\nenlazar 11", (7, 8, 9, 10, 11)),
        ("HD-3 close: a duplicate of HD-12, see HD-3", (3, 12)),
        ("nothing of ours: AHD-3, HD-x, HD-1234567890", ()),
        (" ".join(f"HD-{n}" for n in range(1, 99)), tuple(range(1, MOST_SPOKEN + 1))),
    ],
)
def test_a_text_names_cases_by_their_numbers(text: str, numbers: tuple[int, ...]):
    assert spoken_numbers(text, "HD") == numbers
