"""Due times as a calendar part of the mail, read again as a mail program does."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from icalendar import Calendar

from mailbot.sending.mime import build
from tests.companies.rehearsal import ANNA, MARI, Rehearsal, answer, mail


@pytest.fixture
def desk() -> Iterator[Rehearsal]:
    desk = Rehearsal(process="modera")
    desk.play(
        mail("2026-03-02 09:00", ANNA, "It fails.", subject='Pump; leaks, "badly"'),
        answer("2026-03-02 10:00", MARI, "take", subject="Pump"),
    )
    yield desk
    desk.store.close()


def calendars(desk: Rehearsal) -> list[Calendar]:
    """Every calendar that went to the agent, in order, out of the bytes of the mail."""
    found = []
    for letter in desk.store.queue_list():
        read = message_from_bytes(build(letter, [], letter.created), policy=default)
        assert isinstance(read, EmailMessage)
        for part in read.iter_attachments():
            assert letter.to == MARI
            assert (part.get_content_type(), part.get_filename()) == ("text/calendar", "due.ics")
            assert part["Content-Type"].params["method"] == "PUBLISH"
            found.append(Calendar.from_ical(part.get_content()))
    return sorted(found, key=lambda one: int(str(one.walk("VEVENT")[0]["SEQUENCE"])))


def test_entry_keeps_its_uid_while_the_clock_moves_rests_and_ends(desk: Rehearsal):
    desk.play(
        answer("2026-03-02 11:00", MARI, "priority P1"),
        answer("2026-03-02 12:00", MARI, "ask: Which one?"),
        answer("2026-03-02 13:00", ANNA, "That in room 4."),
        answer("2026-03-02 13:30", MARI, "fix: The cable."),
    )
    events = [one.walk("VEVENT")[0] for one in calendars(desk)]
    assert {str(event["UID"]) for event in events} == {"HD-1-resolution@example.com"}
    assert [str(event["STATUS"]) for event in events] == [
        "CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED", "CANCELLED",
    ]  # fmt: skip
    sequence = [int(str(event["SEQUENCE"])) for event in events]
    assert sequence == sorted(set(sequence))
    assert events[0].decoded("DTSTART") != events[1].decoded("DTSTART")


def test_entry_says_what_is_due_for_whom_and_takes_no_time_away(desk: Rehearsal):
    (made,) = calendars(desk)
    (event,) = made.walk("VEVENT")
    assert (made["METHOD"], made["VERSION"]) == ("PUBLISH", "2.0")
    assert str(event["SUMMARY"]) == 'HD-1 Solution: Pump; leaks, "badly"'
    assert (str(event["TRANSP"]), str(event["ORGANIZER"])) == ("TRANSPARENT", "mailto:support@example.com")
    assert event.decoded("DTSTAMP") == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert event.decoded("DTSTART") == datetime.fromisoformat(str(desk.told.due("resolution")))
