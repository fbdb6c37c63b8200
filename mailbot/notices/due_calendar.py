"""Due times as a calendar that mail programs take in (RFC 5545, published by RFC 5546 section 3.2.1).

Each clock of a case is one event whose UID never changes; a higher SEQUENCE moves it, or takes it out. Decides nothing.
"""

from icalendar import Calendar, Event, vCalAddress

from mailbot.decision import DueTime, Notice
from mailbot.model import Case
from mailbot.notices.language import Language
from mailbot.people import Desk

#: How a clock is called, as the notices call it.
_NAMES = {"pickup": "Pick-up", "resolution": "Solution"}


def calendar(notice: Notice, case: Case | None, desk: Desk, language: Language) -> str:
    """Return what the notice says of due times, "" where it says nothing."""
    if not notice.due_times:
        return ""
    made = Calendar()
    made.add("prodid", "-//mailbot//mailbot//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    for due in notice.due_times:
        if about := due.of or case:
            made.add_component(_event(due, notice, about, desk, language))
    written: bytes = made.to_ical()
    return written.decode()


def _event(due: DueTime, notice: Notice, case: Case, desk: Desk, language: Language) -> Event:
    """One instant: it takes no time of the day away."""
    reference = desk.reference(case.number)
    event = Event()
    event.add("uid", f"{reference}-{due.clock}@{desk.domain}")
    event.add("dtstamp", notice.at)
    event.add("dtstart", due.due)
    # Every event of a case makes its version higher (RFC 5545 section 3.8.7.4).
    event.add("sequence", case.version)
    event.add("status", "CANCELLED" if due.is_over else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("organizer", vCalAddress(f"mailto:{desk.address}"))
    event.add("summary", f"{reference} {_name(due.clock, language)}: {case.subject}".rstrip(": "))
    return event


def _name(clock: str, language: Language) -> str:
    if clock == "response":
        return language.sentences.pgettext("clock", "Answer")
    return language.sentences.gettext(_NAMES[clock])
