"""Random histories: the events make exactly the case, and nobody hears what is not theirs."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.decision import Ending
from mailbot.event import ClockBreached, ClockMet, MessageAdded, StatusChanged, Visibility
from mailbot.mail import Automatic
from mailbot.people import MEMBERS
from mailbot.rules.clock.clocks import due_instant
from mailbot.rules.counting import ledger
from mailbot.rules.deadlines import deadlines
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    LEA,
    STRANGER,
    VERIFIED,
    Story,
    a_draft,
    a_story,
    at,
)

MEMBER_LINES = (
    "take",
    f"assign {BEN}",
    "assign second line",
    "priority P1",
    "priority P4",
    "priority P5",
    "type Improvement",
    "type Fault",
    "ask: Which printer is it?",
    "estimate: Two days.",
    "fix",
    "close",
    "close: Duplicate",
    "close: Solved",
    "reopen",
    "confirm",
    "approve",
    "decline",
    "status",
    "status Fixed",
    "status In progress",
    "help",
    "#note: secret",
    "send as is",
    "nto",
    "#urgent",
    "It is the cable.",
    "Best regards",
)
CUSTOMER_LINES = (
    "All good, thanks!",
    "Thanks!",
    "Will test and let you know",
    "No, still the same",
    "reopen",
    "close: it went away",
    "confirm",
    "approve",
    "decline: too dear",
    "status",
    "help",
    "confrim",
    "",
)
MEMBERS_MAIL = st.tuples(
    st.sampled_from((ANNA, BEN, LEA)), st.lists(st.sampled_from(MEMBER_LINES), min_size=1, max_size=3).map("\n".join)
)
CUSTOMERS_MAIL = st.tuples(
    st.sampled_from((CUSTOMER, STRANGER)),
    st.lists(st.sampled_from(CUSTOMER_LINES), min_size=1, max_size=2).map("\n".join),
)
#: Who writes what, how many hours after the mail before, by what kind of mail.
STEP = st.tuples(
    st.one_of(MEMBERS_MAIL, CUSTOMERS_MAIL),
    st.one_of(st.integers(0, 30), st.integers(0, 1500)),
    st.sampled_from(("mail", "mail", "mail", "internal answer", "shell", "automatic", "unproven")),
)


def play(story: Story, steps: list[tuple[tuple[str, str], int, str]]) -> None:
    now = at("2026-03-02 10:00")
    for (sender, text), hours, way in steps:
        now += timedelta(hours=hours)
        when = f"{now:%Y-%m-%d %H:%M}"
        story.until(when)
        if way == "shell" and 1 in story.cases:
            story.word(sender, text)
        elif way == "automatic":
            story.mail(sender, text, automatic=Automatic.VACATION, answerable=False)
        elif way == "unproven":
            story.mail(sender, text, proofs=CLAIMED, keep_tokens=False)
        else:
            reply = Visibility.INTERNAL if way == "internal answer" else Visibility.PUBLIC
            # A stranger has no token of the customer's.
            story.mail(sender, text, reply=reply, proofs=VERIFIED | {"session"}, keep_tokens=sender != STRANGER)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=14))
def test_histories_fold_to_their_cases_and_notices_go_to_whom_they_are_for(
    steps: list[tuple[tuple[str, str], int, str]],
):
    story = a_story()
    play(story, steps)
    assert story.folded() == story.cases
    members = {person.address for person in story.directory.people if person.role in MEMBERS}
    for number, case in story.cases.items():
        events = story.events[number]
        assert case.version == len(events)
        assert case.latest == max(event.at for event in events)
        assert case.status in {status.name for status in story.process.statuses}
        assert case.messages == sum(isinstance(event, MessageAdded) for event in events)
        _clocks_are_true(story, number)
    for notice in story.notices:
        customers = set(story.cases[notice.case].participants) if notice.case else {CUSTOMER, STRANGER}
        assert notice.to in customers | members
        assert (notice.to in members) is (notice.visibility is Visibility.INTERNAL)
        if notice.to not in members:
            assert "secret" not in notice.words
    for decision in story.decisions:
        to_customers = [n for n in decision.notices if n.visibility is Visibility.PUBLIC and n.words]
        assert len({n.to for n in to_customers}) == len(to_customers), "words go out once"


def _clocks_are_true(story: Story, number: int) -> None:
    case, draft = story.cases[number], a_draft(story.cases[number])
    for clock in case.clocks:
        starts = [span.start for span in clock.spans]
        assert starts == sorted(starts)
        if clock.open:
            assert clock.due == due_instant(draft, clock), "the due instant that was told is the true one"
            rests = case.status in story.process.clocks[clock.name].paused_in
            assert clock.running is not rests
        breaches = [e for e in story.events[number] if isinstance(e, ClockBreached) and e.clock is clock.name]
        assert len(breaches) == (clock.breached_at is not None)
        last_met = [e for e in story.events[number] if isinstance(e, ClockMet) and e.clock is clock.name][-1:]
        if clock.met_at is not None and last_met[0].due is not None and last_met[0].due < clock.met_at:
            assert clock.breached_at is not None, "what is met too late was breached"
        assert str(ledger.state(clock, None))
    for deadline in deadlines(case, story.process, story.desk):
        assert deadline.due > case.latest or deadline.rule.startswith("warning") or deadline.due == case.latest
    closed = [e for e in story.events[number] if isinstance(e, StatusChanged)][-1:]
    if closed and closed[0].new == "Closed":
        assert all(not clock.open for clock in case.clocks)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=8))
def test_every_mail_ends_and_the_numbers_add_up(steps: list[tuple[tuple[str, str], int, str]]):
    story = Story()
    play(story, steps)
    mails = [decision for decision in story.decisions if decision.ending is not None]
    assert all(decision.reason for decision in mails)
    assert len(story.cases) == sum(decision.ending is Ending.NEW for decision in mails)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=8))
def test_same_history_gives_the_same_decisions(steps: list[tuple[tuple[str, str], int, str]]):
    one, other = a_story(), a_story()
    play(one, steps)
    play(other, steps)
    assert one.decisions == other.decisions
