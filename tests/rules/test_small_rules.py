"""The small rules: limits of automatic answers, proposals, what may leave, help and the reasons of clocks."""

from datetime import datetime, timedelta

import pytest

from mailbot.amount import Amount, Unit
from mailbot.decision import AutoSubmitted, Notice
from mailbot.event import Visibility
from mailbot.facts import Counters
from mailbot.mail import Authentication, Automatic, Mail
from mailbot.rules.command.help import everyday, help_data
from mailbot.rules.counting import why
from mailbot.rules.counting.hours import after, length, service_hours
from mailbot.rules.notice.limits import refusal, too_many
from mailbot.rules.reading import outgoing
from mailbot.rules.reading.proposal import proposals
from tests.builders import (
    ANNA,
    CUSTOMER,
    Story,
    a_case,
    a_desk,
    a_directory,
    a_draft,
    a_mail,
    a_story,
    at,
    changed,
    modera,
)

# --- limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mail", "counters", "proven", "reason"),
    [
        pytest.param(a_mail(), Counters(), False, "", id="a stranger's first mail"),
        pytest.param(a_mail(answerable=False), Counters(), True, "it asks for no answer", id="asks for no answer"),
        pytest.param(
            a_mail(answerable=False, automatic=Automatic.LIST), Counters(), True, "not answered (list)", id="a list"
        ),
        pytest.param(
            a_mail(authentication=Authentication(dmarc="fail")), Counters(), True, "dmarc=fail", id="a forged sender"
        ),
        pytest.param(a_mail(), Counters(to_sender_hour=2), False, "", id="the third in an hour"),
        pytest.param(a_mail(), Counters(to_sender_hour=3), False, "limit of 3 automatic", id="the fourth in an hour"),
        pytest.param(a_mail(), Counters(to_sender_hour=3), True, "", id="the fourth to a proven sender"),
        pytest.param(a_mail(), Counters(to_sender_day=10), False, "10 automatic mails in a day", id="eleven a day"),
        pytest.param(a_mail(), Counters(all_hour=300), False, "limit of 300", id="all strangers together"),
        pytest.param(a_mail(), Counters(all_hour=300), True, "", id="proven senders apart"),
        pytest.param(a_mail(), Counters(all_hour=399, usual_hour=40), False, "", id="a desk to which much is usual"),
        pytest.param(a_mail(), Counters(all_hour=400, usual_hour=40), False, "limit of 400", id="ten times the usual"),
        pytest.param(a_mail(), Counters(is_flooded=True), True, "2000 new cases", id="too many new cases of anybody"),
        pytest.param(a_mail(), Counters(case_ten_minutes=9), True, "", id="ten about a case in ten minutes"),
        pytest.param(a_mail(), Counters(case_ten_minutes=10), True, "limit of 10", id="eleven in ten minutes"),
        pytest.param(a_mail(), Counters(case_hour=25), True, "limit of 25", id="twenty-six about a case in an hour"),
        pytest.param(a_mail(), Counters(case_ten_hours=100), True, "limit of 100", id="a hundred and one in ten hours"),
    ],
)
def test_automatic_answers_have_limits(mail: Mail, counters: Counters, proven: bool, reason: str):
    said = refusal(mail, counters, proven=proven) or too_many(counters, proven=proven)
    assert reason in said if reason else not said


# --- proposal -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Type: Fault\nPriority: P1\nIt burns", {"type": "Fault", "priority": "P1"}, id="both at the top"),
        pytest.param("\n  priority :  high \n\ntype: bug", {"priority": "high", "type": "bug"}, id="spaces and blanks"),
        pytest.param("It burns\nPriority: P1", {}, id="below prose"),
        pytest.param("Priority: P1\nPriority: P2", {"priority": "P1"}, id="the first of two"),
        pytest.param("Priority:", {}, id="nothing behind the colon"),
        pytest.param(f"Priority: {'x' * 90}", {}, id="a paragraph behind the colon"),
        pytest.param("", {}, id="nothing"),
    ],
)
def test_proposals_stand_at_the_top(text: str, found: dict[str, str]):
    assert proposals(text) == {f"proposed_{key}": value for key, value in found.items()}


# --- outgoing -------------------------------------------------------------------------------------------------------

MARKER = "##- Please write your answer above this line. -##"


@pytest.mark.parametrize(
    ("text", "above"),
    [
        pytest.param("Mine.\n\n" + MARKER + "\nOurs", "Mine.", id="top posting"),
        pytest.param(f"Mine.\n> {MARKER}\n> Ours", "Mine.", id="a quoted marker"),
        pytest.param(f"Mine.\n> Quoted\n> {MARKER}\n> Ours", "Mine.", id="quoted lines above the marker"),
        pytest.param("Mine.\n> Quoted\nMine too.\n| bar", "Mine.\nMine too.", id="quoted lines between"),
        pytest.param(f"{MARKER}\nOurs", "", id="nothing above"),
        pytest.param("Mine.", "Mine.", id="no marker at all"),
        pytest.param("", "", id="nothing at all"),
    ],
)
def test_only_what_stands_above_the_marker_is_the_authors(text: str, above: str):
    assert outgoing.above_marker(text) == above


@pytest.mark.parametrize(
    ("internal", "public", "lines"),
    [
        pytest.param(["They owe us money"], [], {"they owe us money"}, id="a line"),
        pytest.param(["Short one"], [], set(), id="too short to tell"),
        pytest.param(["It was the cable"], ["It was the cable."], set(), id="what the customer knows"),
        pytest.param(["> fix: It was the cable"], ["It was the cable."], set(), id="a line that repeats it"),
        pytest.param(
            ["Ben says: it was the cable, and they owe us money"],
            ["It was the cable"],
            {"ben says and they owe us money"},
            id="more than what the customer knows",
        ),
        pytest.param(
            ["word " * 41 + "it was the cable"],
            ["It was the cable"],
            {("word " * 41 + "it was the cable")},
            id="an endless line as a whole",
        ),
    ],
)
def test_telling_lines_are_what_the_customer_does_not_know(internal: list[str], public: list[str], lines: set[str]):
    assert outgoing.telling_lines(internal, public) == lines


SECRET = frozenset({"the customer owes us nine invoices"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("The customer owes us nine invoices!", True, id="the line"),
        pytest.param("Well, the customer owes us nine invoices, so", True, id="within another line"),
        pytest.param("the customer owes\nus nine invoices", True, id="over two lines"),
        pytest.param("owes us nine invoices", True, id="the end of the line"),
        pytest.param("the&nbsp;customer&nbsp;owes us nine invoices", True, id="with entities left in it"),
        pytest.param("us nine", False, id="too little to tell"),
        pytest.param("The customer owes us eight invoices", False, id="another line"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_surviving_line_is_found(text: str, found: bool):
    assert bool(outgoing.surviving(text, SECRET)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("> The customer owes us\nnine invoices", True, id="the mark on the first part only"),
        pytest.param("> The customer owes us\n\nnine invoices", True, id="with a blank line between"),
        pytest.param("> The customer owes us nine invoices\nMine.", False, id="a whole quoted line"),
        pytest.param("> The customer owes us\n> nine invoices", False, id="marks on both"),
        pytest.param("> Something else\nnine invoices", False, id="a quote of something else"),
        pytest.param(f"Mine.\n{MARKER}\n> The customer owes us\nnine invoices", False, id="below the marker"),
    ],
)
def test_half_quoted_line_is_found(text: str, found: bool):
    assert bool(outgoing.half_quoted(text, SECRET)) is found


# --- help and reports -----------------------------------------------------------------------------------------------


def test_help_on_priorities_has_definitions_and_targets():
    data = help_data(a_draft(), "priority", member=False)
    definitions = data["definitions"]
    assert isinstance(definitions, list)
    assert definitions[0] == {
        "name": "P1 (Blocker)",
        "meaning": "The system cannot be used, and there is no way around it. (pickup: 4 hours, resolution: 8 hours)",
    }
    bare = changed(modera(), clocks={}, priority=[{"name": "P3"}], type=[{"name": "IT Help"}])
    assert help_data(a_draft(process=bare), "priority", member=True)["definitions"] == [{"name": "P3", "meaning": ""}]


def test_help_on_types_has_definitions():
    definitions = help_data(a_draft(), "type", member=True)["definitions"]
    assert isinstance(definitions, list)
    assert [d["name"] for d in definitions] == ["IT Help", "Fault", "Improvement", "Customer Specific Development"]


def usages(*, member: bool) -> set[str]:
    """How the words are written that `help` lists for somebody."""
    groups = help_data(a_draft(), "", member=member)["groups"]
    assert isinstance(groups, list)
    return {row["usage"] for group in groups for row in group["commands"]}


def test_help_begins_with_lines_that_may_stand_at_the_top_of_an_answer():
    asked = "ask: Which version is it? You see it under Help."
    assert help_data(a_draft(), "", member=True)["sample"] == ["take", "priority P1", asked]


def test_a_notice_reminds_of_the_words_of_every_day_only():
    daily = {str(row["usage"]) for row in everyday(modera(), a_directory())}
    assert {"take", "note, note: TEXT", "fix, fix: TEXT"} <= daily
    assert "why" not in daily
    assert len(daily) < len(usages(member=True)) / 2


def test_every_heading_of_help_has_its_words_and_no_word_is_lost():
    groups = help_data(a_draft(), "", member=True)["groups"]
    assert isinstance(groups, list)
    assert all(group["commands"] for group in groups)
    assert sum(len(group["commands"]) for group in groups) == len(usages(member=True))


def test_help_lists_what_this_person_can_do():
    member, customer = usages(member=True), usages(member=False)
    assert {"take", "priority NAME", "ask: TEXT", "fix, fix: TEXT", "send, send as is", "undo", "dry-run"} <= member
    assert customer == {
        "help, help priority, help type",
        "status",
        "reopen",
        "close",
        "confirm",
        "approve",
        "decline",
        "escalate REASON",
        "list",
        "unwatch",
    }


# --- why ------------------------------------------------------------------------------------------------------------


def explained(story: Story, now: datetime) -> list[dict[str, object]]:
    return why.clocks(story.case, story.process, story.desk, now)


@pytest.mark.parametrize(
    ("lines", "which", "state", "because"),
    [
        pytest.param([], 0, "running", "its target of 16 hours is used up then, if nothing pauses it", id="running"),
        pytest.param(["take"], 0, "met", "what it waited for happened", id="met"),
        pytest.param(
            ["ask: Which?"],
            1,
            "paused",
            "it is paused: Waiting for customer; it goes on with what is left",
            id="paused",
        ),
        pytest.param(
            ["close: Duplicate"], 0, "ended", "the case closed before what it waited for happened", id="ended"
        ),
        pytest.param(["priority P5"], 0, "unlimited", "its target is best effort: it never runs out", id="unlimited"),
    ],
)
def test_clock_says_why(lines: list[str], which: int, state: str, because: str):
    story = a_story()
    for line in lines:
        story.mail(ANNA, line)
    told = explained(story, story.now)[which]
    assert (told["state"], told["because"]) == (state, because)


def test_clock_that_was_late_before_it_rested_says_so():
    story = a_story("Waiting for customer")
    story.mail(ANNA, "priority P1")
    story.mail(CUSTOMER, "Upstairs")
    story.until("2026-03-09 12:00")
    story.mail(ANNA, "ask: Sure?")
    told = explained(story, at("2026-03-09 13:00"))[1]
    assert told["because"] == "its target of 8 hours was used up then"
    assert told["state"] == "breached"
    assert told["due"] == at("2026-03-03 10:00")


def test_pauses_have_their_causes_and_being_met_is_none():
    story = a_story("In progress")
    story.mail(ANNA, "ask: Which?", "2026-03-02 12:00")
    story.mail(CUSTOMER, "Upstairs", "2026-03-02 14:00")
    story.mail(ANNA, "fix", "2026-03-02 16:00")
    told = explained(story, at("2026-03-03 12:00"))[1]
    assert told["pauses"] == [
        {"from": at("2026-03-02 12:00"), "to": at("2026-03-02 14:00"), "cause": "Waiting for customer"}
    ]
    assert (told["used_seconds"], told["limit_seconds"]) == (4 * 3600, 80 * 3600)


def test_service_time_is_said_in_words():
    story = a_story("Open", desk=a_desk(timezone="Europe/Tallinn", holidays="EE"))
    assert explained(story, story.now)[0]["counts"] == (
        "Monday to Friday 09:00-17:00 (Europe/Tallinn), without the public holidays of EE"
    )
    hours = {"friday": "09:00-13:00", "saturday": "10:00-12:00"}
    odd = a_story("Open", process=changed(modera(), hours=hours))
    assert explained(odd, odd.now)[0]["counts"] == (
        "Monday to Thursday 09:00-17:00, Friday 09:00-13:00, Saturday 10:00-12:00 (UTC)"
    )
    rules = {name: rule.model_dump() | {"around_the_clock": True} for name, rule in modera().clocks.items()}
    always = a_story("Open", process=changed(modera(), clocks=rules))
    assert explained(always, always.now)[0]["counts"] == "every hour"


# --- amounts of time on a calendar ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Amount(90, Unit.MINUTES), timedelta(minutes=90)),
        (Amount(4, Unit.HOURS), timedelta(hours=4)),
        (Amount(2, Unit.BUSINESS_DAYS), timedelta(hours=16)),
        (Amount(3, Unit.DAYS), timedelta(days=3)),
    ],
)
def test_amount_is_so_much_time_of_the_calendar(amount: Amount, expected: timedelta):
    assert length(amount, service_hours(modera(), a_desk())) == expected


def test_business_day_may_be_given_in_minutes():
    process = changed(modera(), hours={"business_day": "450 minutes"})
    calendar = service_hours(process, a_desk())
    assert after(at("2026-03-02 09:00"), Amount(1, Unit.BUSINESS_DAYS), calendar) == at("2026-03-02 16:30")


# --- notices --------------------------------------------------------------------------------------------------------


def test_one_person_gets_a_notice_of_one_kind_once():
    draft = a_draft()
    notice = Notice(at=draft.now, template="answer", to=ANNA, case=1, visibility=Visibility.INTERNAL)
    draft.tell(notice)
    draft.tell(notice)
    assert draft.notices == [notice]
    assert notice.auto_submitted is AutoSubmitted.GENERATED


def test_draft_without_a_case_says_so():
    with pytest.raises(ValueError, match="there is no case yet"):
        _ = a_draft().open_case


def test_move_to_the_status_that_a_case_has_is_none():
    draft = a_draft(a_case("Fixed"))
    draft.move("Fixed", reason="again", actor=ANNA)
    assert draft.happened == []
