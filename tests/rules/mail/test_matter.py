"""A case out of a forwarded mail: `fwd`, and `for ADDRESS` above one."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from mailbot.decision import Decision, Ending
from mailbot.event import Event, MessageAdded, Visibility
from mailbot.mail import Attachment, Forwarded, Mailbox
from mailbot.people import Person
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    DESK,
    LEA,
    NOON,
    Story,
    a_desk,
    a_directory,
    a_story,
    an_attachment,
    at,
    names,
    told,
)

KAI = "kai@x.test"
#: The inside of a mail that was attached as the second leaf.
PHOTO = Attachment(name="pump.png", type="image/png", size=9, sha256="11", index=20_001)
MAIL = Attachment(name="Pump.eml", type="message/rfc822", size=99, sha256="22", index=1)


def original(**keys: Any) -> Forwarded:
    values: dict[str, Any] = {
        "from_": Mailbox(address=KAI, name="Kai"),
        "date": at("2026-03-01 08:00"),
        "subject": "The pump leaks",
        "text": "Water on the floor.",
    }
    return Forwarded(**(values | keys))


def forwards(said: str, *originals: Forwarded, **keys: Any) -> tuple[Story, Decision]:
    story = Story(desk=keys.pop("desk", None) or a_desk())
    return story, story.mail(ANNA, said, subject="Fwd: The pump leaks", forwarded=originals, **keys)


def messages(story: Story) -> list[tuple[str, str, Visibility]]:
    events: list[Event] = story.events[1]
    return [(e.sender, e.text, e.visibility) for e in events if isinstance(e, MessageAdded)]


def reason(decision: Decision) -> str:
    (receipt,) = [n for n in decision.notices if n.template == "command_result"]
    lines = receipt.data["lines"]
    assert isinstance(lines, list)
    return str(lines[0]["said"])


def test_fwd_opens_the_case_of_the_author_with_the_originals_words_date_and_subject():
    story, decision = forwards("fwd", original(message_id="<pump@x.test>"))
    case = story.case
    assert (case.requester, case.subject, case.opened) == (KAI, "The pump leaks", at("2026-03-01 08:00"))
    assert messages(story) == [(KAI, "Water on the floor.", Visibility.PUBLIC)]
    added = next(e for e in story.events[1] if isinstance(e, MessageAdded))
    assert (added.forwarded_by, added.by_customer) == (ANNA, False)
    assert told(decision) == {(KAI, "case_received"), (BEN, "case_new"), (LEA, "case_new"), (ANNA, "command_result")}
    received = next(n for n in decision.notices if n.template == "case_received")
    assert (received.in_reply_to, received.data["on_behalf"]) == ("<pump@x.test>", True)
    assert decision.ending is Ending.NEW


@pytest.mark.parametrize(
    ("date", "zone", "opened"),
    [
        pytest.param(at("2026-03-01 08:00"), "UTC", "2026-03-01 08:00", id="utc"),
        pytest.param(
            datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=2))), "UTC", "2026-03-01 06:00", id="its-own-zone"
        ),
        pytest.param(datetime(2026, 3, 1, 8), "Europe/Tallinn", "2026-03-01 06:00", id="no-zone-is-the-desks"),  # noqa: DTZ001
        pytest.param(None, "UTC", "2026-03-02 10:00", id="no-date-is-now"),
        pytest.param(at("2026-03-02 10:05"), "UTC", "2026-03-02 10:00", id="a-clock-that-is-fast"),
        pytest.param(datetime(1, 1, 1), "Europe/Tallinn", "2026-03-02 10:00", id="a-clock-without-a-battery"),  # noqa: DTZ001
        pytest.param(datetime.max.replace(tzinfo=UTC), "America/New_York", "2026-03-02 10:00", id="a-clock-too-far"),
    ],
)
def test_case_was_opened_when_the_original_was_written_and_never_later_than_now(
    date: datetime | None, zone: str, opened: str
):
    story, _ = forwards("fwd", original(date=date), desk=a_desk(timezone=zone))
    assert story.case.opened == at(opened)


def test_words_above_the_forwarded_mail_stay_inside_and_reach_the_team_alone():
    story, decision = forwards("fwd\npriority P2\n\nThis one always complains.", original())
    assert messages(story) == [
        (KAI, "Water on the floor.", Visibility.PUBLIC),
        (ANNA, "This one always complains.", Visibility.INTERNAL),
    ]
    assert story.case.priority == "P2"
    shown = next(n for n in decision.notices if n.template == "case_new")
    assert (shown.words, shown.author) == ("Water on the floor.", KAI)
    assert shown.data == {"forwarded_by": ANNA, "note": "This one always complains."}
    outside = [n for n in decision.notices if n.to == KAI]
    assert all("complains" not in f"{n.words} {n.data}" for n in outside)


def test_own_word_above_the_forwarded_mail_answers_the_customer():
    story, decision = forwards("fwd\nask: Which hall is it?", original())
    assert (story.case.status, story.case.assignee) == ("Waiting for customer", ANNA)
    assert messages(story)[1] == (ANNA, "Which hall is it?", Visibility.PUBLIC)
    assert story.case.answered_at == NOON
    asked = next(n for n in decision.notices if n.template == "question")
    assert (asked.to, asked.words) == (KAI, "Which hall is it?")


def test_word_that_needs_words_for_the_customer_does_not_take_the_customers_own():
    story, decision = forwards("fwd\nask", original())
    assert (story.cases, names(decision)) == ({}, ["CommandRefused", "MailIgnored"])


def test_note_keeps_the_members_words_inside_whatever_else_is_said():
    story, _ = forwards("fwd\nnote: Careful.\ntake", original())
    assert messages(story)[1] == (ANNA, "Careful.", Visibility.INTERNAL)
    assert story.case.assignee == ANNA


def test_for_address_above_a_forwarded_mail_takes_its_words_and_the_given_requester_from_now_on():
    story, _ = forwards(f"for {CUSTOMER}\n\nHe wrote to me.", original())
    assert (story.case.requester, story.case.opened, story.case.subject) == (CUSTOMER, NOON, "The pump leaks")
    assert messages(story) == [
        (CUSTOMER, "Water on the floor.", Visibility.PUBLIC),
        (ANNA, "He wrote to me.", Visibility.INTERNAL),
    ]


@pytest.mark.parametrize(
    ("one", "around", "leaves"),
    [
        pytest.param(original(index=1, attachments=(PHOTO,)), (an_attachment(), MAIL), [0, 20_001], id="attached"),
        pytest.param(original(), (an_attachment(index=3),), [3], id="in-the-text"),
    ],
)
def test_attachments_of_the_original_are_the_cases(one: Forwarded, around: tuple[Attachment, ...], leaves: list[int]):
    _, decision = forwards("fwd", one, attachments=around)
    carried = next(n for n in decision.notices if n.template == "case_new").carried
    assert [one.attachment for one in carried] == leaves
    assert {one.inbox_id for one in carried} == {7}


def test_author_who_is_known_by_another_address_is_the_registered_person():
    story = Story(directory=a_directory(Person(address="kai@home.test", also=(KAI,))))
    story.mail(ANNA, "fwd", forwarded=(original(),))
    assert story.case.requester == "kai@home.test"


@pytest.mark.parametrize(
    ("originals", "why"),
    [
        pytest.param((), "no forwarded mail is found here; write 'for ADDRESS'", id="nothing-forwarded"),
        pytest.param((original(), original()), "several mails are forwarded here; write 'for", id="two"),
        pytest.param((original(from_=None),), "does not name its author by exactly one address; write", id="nobody"),
        pytest.param((original(from_=Mailbox(address=BEN)),), f"{BEN} is a member of the team", id="a-colleague"),
        pytest.param((original(from_=Mailbox(address=DESK)),), f"{DESK} is the desk itself", id="the-desk"),
        pytest.param((original(text="##- Write above -##\nx"),), "a notice of ours stands in", id="our-notice"),
    ],
)
def test_in_doubt_about_whose_mail_it_is_nothing_opens_and_the_receipt_says_what_to_write(
    originals: tuple[Forwarded, ...], why: str
):
    story, decision = forwards("fwd", *originals)
    assert (story.cases, decision.ending) == ({}, Ending.IGNORED)
    assert why in reason(decision)
    assert told(decision) == {(ANNA, "command_result")}


def test_attached_notice_of_ours_is_no_customers_matter():
    ours = Attachment(name="x.eml", type="message/rfc822", size=9, sha256="3", index=1, ours=True)
    story, decision = forwards(f"for {CUSTOMER}", original(index=1), attachments=(ours,))
    assert story.cases == {}
    assert "a notice of ours" in reason(decision)


@pytest.mark.parametrize(
    ("said", "quoted", "opens"),
    [
        pytest.param("", "##- Write above -##\nHe never pays.", False, id="our-notice-alone"),
        pytest.param("", "Kai wrote:\nWater on the floor.", True, id="the-customers-words"),
        pytest.param("He phoned.", "##- Write above -##\nHe never pays.", True, id="below-the-members-words"),
    ],
)
def test_quoted_notice_of_ours_is_no_customers_matter(said: str, quoted: str, *, opens: bool):
    story, decision = forwards(f"for {CUSTOMER}\n{said}", quoted=quoted, text=f"for {CUSTOMER}\n{said}\n\n> {quoted}")
    assert bool(story.cases) is opens
    assert opens or "a notice of ours" in reason(decision)
    assert all("never pays" not in str(happened) for happened in decision.happened)


def test_for_address_above_several_forwarded_mails_takes_the_members_words():
    story, _ = forwards(f"for {CUSTOMER}\nTwo mails of his.", original(), original())
    assert messages(story) == [(ANNA, "Two mails of his.", Visibility.PUBLIC)]


def test_fwd_in_answer_to_a_case_is_refused():
    story = a_story()
    decision = story.mail(ANNA, "fwd", forwarded=(original(),))
    assert "'fwd' opens a new case" in reason(decision)


def test_everything_wrong_is_said_at_once():
    story, decision = forwards("fwd\npriority hihg", original(from_=None))
    (receipt,) = decision.notices
    lines = receipt.data["lines"]
    assert isinstance(lines, list)
    assert [line["line"] for line in lines] == ["fwd", "priority hihg"]
    assert story.cases == {}
