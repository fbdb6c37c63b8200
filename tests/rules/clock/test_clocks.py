"""When clocks start, rest, go on, are met, and are late: events in order, instants to the second."""

import pytest

from mailbot.event import ClockBreached, ClockChanged, ClockEvent, ClockName, Event, Kind
from tests.builders import ANNA, BEN, CUSTOMER, Story, a_story, at, changed, modera, told, with_targets

PICKUP, RESPONSE, RESOLUTION = ClockName.PICKUP, ClockName.RESPONSE, ClockName.RESOLUTION


def clocks(story: Story) -> list[tuple[str, str]]:
    """The clock events of the last decision: which clock, what."""
    events = [h.event for h in story.last.happened if isinstance(h.event, ClockEvent)]
    return [(str(event.clock), type(event).__name__.removeprefix("Clock")) for event in events]


def latest(story: Story, kind: type[Event]) -> Event:
    return next(event for event in reversed(story.events[1]) if isinstance(event, kind))


def due(story: Story, name: ClockName) -> object:
    clock = story.case.clock(name)
    assert clock is not None
    return clock.due


def test_pick_up_runs_from_opening_and_resolution_from_pick_up():
    story = a_story()
    assert clocks(story) == [("pickup", "Started")]
    assert due(story, PICKUP) == at("2026-03-04 10:00")
    story.mail(ANNA, "take", "2026-03-02 12:00")
    assert clocks(story) == [("pickup", "Met"), ("resolution", "Started")]
    # P3: 80 hours are ten service days from Monday noon.
    assert due(story, RESOLUTION) == at("2026-03-16 12:00")


@pytest.mark.parametrize(
    ("status", "text", "events"),
    [
        pytest.param(
            "Open", f"assign {BEN}", [("pickup", "Met"), ("resolution", "Started")], id="assigned to a person"
        ),
        pytest.param("Open", "assign second line", [], id="assigned to a team"),
        pytest.param("Open", "It is the cable.", [("pickup", "Met"), ("resolution", "Started")], id="answered"),
        pytest.param("Open", "note: hm", [], id="noted"),
        pytest.param("In progress", "ask: Which?", [("resolution", "Paused")], id="asked back"),
        pytest.param("In progress", "estimate: A day", [("resolution", "Paused")], id="estimated"),
        pytest.param("Waiting for customer", "status In progress", [("resolution", "Resumed")], id="taken back"),
        pytest.param("Waiting for customer", "estimate: A day", [], id="from one pause into the next"),
        pytest.param("In progress", "fix", [("resolution", "Met")], id="fixed"),
        pytest.param("Waiting for customer", "fix", [("resolution", "Met")], id="fixed out of a pause"),
        pytest.param("Fixed", "reopen", [("resolution", "Resumed")], id="reopened"),
        pytest.param(
            "Fixed",
            "ask: Sure?",
            [("resolution", "Resumed"), ("resolution", "Paused")],
            id="from resolved into a pause",
        ),
        pytest.param("Fixed", "close", [], id="closed after a fix"),
        pytest.param("In progress", "close: Solved", [("resolution", "Met")], id="closed as solved"),
        pytest.param("In progress", "close: Duplicate", [], id="closed for another reason"),
        pytest.param(
            "Open",
            "take\nclose: Solved",
            [("pickup", "Met"), ("resolution", "Started"), ("resolution", "Met")],
            id="taken and solved in one mail",
        ),
        pytest.param("Open", "take\nclose: Duplicate", [("pickup", "Met")], id="taken and closed in one mail"),
        pytest.param(
            "Open",
            "fix: Done",
            [("pickup", "Met"), ("resolution", "Started"), ("resolution", "Met")],
            id="fixed at once",
        ),
        pytest.param("In progress", "priority P1", [("resolution", "Changed")], id="a priority with another target"),
        pytest.param("In progress", "priority P4", [("resolution", "Changed")], id="a priority without a limit"),
        pytest.param("In progress", "type Fault", [], id="a type that sets no priority"),
        pytest.param("Waiting for customer", "priority P1", [], id="a priority while the clock rests"),
    ],
)
def test_what_members_do_moves_the_clocks(status: str, text: str, events: list[tuple[str, str]]):
    story = a_story(status)
    story.mail(ANNA, text)
    assert clocks(story) == events
    assert story.folded() == story.cases


def test_closing_for_another_reason_ends_what_is_not_met():
    story = a_story("In progress")
    story.mail(ANNA, "close: Duplicate", "2026-03-03 10:00")
    pickup, resolution = story.case.clocks
    assert pickup.met_at is not None
    assert pickup.ended_at is None
    assert resolution.ended_at == at("2026-03-03 10:00")


def test_ended_clock_goes_on_with_what_was_used_when_the_case_comes_back():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(CUSTOMER, "close", "2026-03-02 12:00")
    assert story.case.clocks[0].ended_at is not None
    story.mail(CUSTOMER, "reopen", "2026-03-09 09:00")
    assert clocks(story) == [("pickup", "Resumed")]
    # Two of sixteen hours were used on the first day.
    assert due(story, PICKUP) == at("2026-03-10 15:00")


def test_time_that_the_customer_takes_does_not_count():
    story = a_story("In progress")
    story.mail(ANNA, "ask: Which?", "2026-03-02 16:00")
    story.mail(CUSTOMER, "Upstairs", "2026-03-20 16:00")
    assert clocks(story) == [("resolution", "Resumed")]
    # Six hours were used; 74 are left from Friday four o'clock on.
    assert due(story, RESOLUTION) == at("2026-04-03 10:00")


def test_reopening_resumes_with_what_was_used():
    story = a_story("In progress")
    story.mail(ANNA, "fix", "2026-03-02 16:00")
    story.mail(CUSTOMER, "No, still the same", "2026-03-20 16:00")
    assert due(story, RESOLUTION) == at("2026-04-03 10:00")
    assert story.case.clocks[1].met_at is None


def test_change_of_priority_recomputes_from_the_record():
    story = a_story("In progress")
    story.mail(ANNA, "ask: Which?", "2026-03-02 12:00")
    story.mail(CUSTOMER, "Upstairs", "2026-03-03 12:00")
    story.mail(ANNA, "priority P1", "2026-03-03 13:00")
    event = latest(story, ClockChanged)
    assert isinstance(event, ClockChanged)
    # Two hours before the question and one after the answer; eight are the target.
    assert (event.used_seconds, event.due) == (3 * 3600, at("2026-03-04 10:00"))


def test_target_that_a_change_makes_a_past_one_is_breached_at_the_change():
    story = a_story("In progress")
    decision = story.mail(BEN, "priority P1", "2026-03-04 10:00")
    event = latest(story, ClockBreached)
    assert isinstance(event, ClockBreached)
    assert (event.at, event.due) == (at("2026-03-04 10:00"), at("2026-03-03 10:00"))
    assert clocks(story) == [("resolution", "Changed"), ("resolution", "Breached")]
    assert (ANNA, "clock_breached") in told(decision)


def test_clock_breaches_once_and_stays_breached():
    story = a_story("In progress")
    story.mail(ANNA, "priority P1", "2026-03-04 10:00")
    story.mail(ANNA, "priority P3", "2026-03-04 11:00")
    story.mail(ANNA, "priority P1", "2026-03-04 12:00")
    assert [name for _, name in clocks(story)] == ["Changed"]
    story.mail(ANNA, "fix", "2026-03-04 13:00")
    assert clocks(story) == [("resolution", "Met")]
    assert story.case.clocks[1].breached_at == at("2026-03-04 10:00")


def test_what_is_met_too_late_by_a_change_in_the_same_mail_is_breached_first():
    story = a_story()
    story.mail(ANNA, "take\npriority P1", "2026-03-03 10:00")
    assert clocks(story)[:3] == [("pickup", "Changed"), ("pickup", "Breached"), ("pickup", "Met")]


def test_target_that_is_met_at_its_due_instant_is_met():
    story = a_story()
    story.mail(ANNA, "take", "2026-03-04 10:00")
    assert clocks(story)[0] == ("pickup", "Met")
    assert story.case.clocks[0].breached_at is None


def test_best_effort_is_started_without_a_limit():
    story = Story()
    story.mail(ANNA, "for kai@x.test\npriority P5\nCosmetic.")
    assert due(story, PICKUP) is None
    assert story.until("2027-03-02 10:00") == []


def test_closing_second_of_the_day_is_inside():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.", "2026-03-02 09:00")
    story.mail(ANNA, "priority P2", "2026-03-02 09:00")
    assert due(story, PICKUP) == at("2026-03-02 17:00")


def test_case_opened_at_night_counts_from_the_next_opening():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.", "2026-03-06 23:00")
    assert due(story, PICKUP) == at("2026-03-10 17:00")


def with_response() -> Story:
    targets = with_targets(response="2 hours")
    rules = {str(name): rule.model_dump() for name, rule in modera().clocks.items()}
    return Story(process=changed(modera(), priority=targets, clocks={**rules, "response": {}}))


@pytest.mark.parametrize(
    ("text", "met"),
    [
        pytest.param("It is the cable.", True, id="words to the customer"),
        pytest.param("fix: It was the cable", True, id="words behind a company's own word"),
        pytest.param("fix", False, id="a command alone"),
        pytest.param("note: hm", False, id="a note"),
        pytest.param("Best regards", False, id="a sign-off alone"),
    ],
)
def test_response_is_met_by_a_members_first_words_to_the_customer(text: str, met: bool):
    story = with_response()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(ANNA, text)
    clock = story.case.clock(RESPONSE)
    assert clock is not None
    assert (clock.met_at is not None) is met


def test_response_that_never_came_ends_with_the_case():
    story = with_response()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(ANNA, "close: Duplicate")
    clock = story.case.clock(RESPONSE)
    assert clock is not None
    assert clock.ended_at is not None
    assert story.case.kind is Kind.CLOSED


def test_clock_around_the_clock_counts_the_night():
    rules = {name: rule.model_dump() | {"around_the_clock": True} for name, rule in modera().clocks.items()}
    story = Story(process=changed(modera(), clocks=rules))
    story.mail(CUSTOMER, "The printer is on fire.", "2026-03-06 23:00")
    assert due(story, PICKUP) == at("2026-03-07 15:00")
