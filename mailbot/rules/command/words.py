"""The table of commands: which words there are, and who may say them.

`help` and the docs are made from this table. Each family of words brings its own rows (`entries`) and what they do;
which lines of a mail are commands is decided by `grammar`.
"""

from collections.abc import Iterator
from functools import lru_cache

from mailbot.people import Directory, Staff
from mailbot.process import Process
from mailbot.rules.command import (
    absence,
    canned,
    consult,
    digest_wish,
    dividing,
    escalation,
    family,
    hold,
    linking,
    merging,
    muting,
    snooze,
    withhold,
    words_asking,
    words_customer,
    words_desk,
    words_label,
    words_member,
    words_own,
    words_people,
    words_quarantine,
    words_undo,
)
from mailbot.rules.command.entry import Entry


def vocabulary(process: Process, directory: Directory, *, member: bool, answers: bool = False) -> tuple[Entry, ...]:
    """Return the commands that a member, or a customer, has in this process; `answers`: are there canned ones?"""
    return _table(process, directory.staff, member=member, answers=answers)


@lru_cache(maxsize=64)
def _table(process: Process, staff: Staff, *, member: bool, answers: bool) -> tuple[Entry, ...]:
    """Put the table together once: it is asked for several times a mail, and depends on no more than this."""
    built_in = _of_members(process, staff) if member else _of_customers()
    canned_ = canned.entries() if member and answers else ()
    own = (entry for entry in words_own.entries(process) if (entry.members if member else entry.customers))
    return (*words_customer.shared(process, answers=member and answers), *built_in, *canned_, *own)


def _of_customers() -> Iterator[Entry]:
    """The words that mean something else to a customer than to a member."""
    yield from words_customer.entries()
    yield from escalation.entries(member=False)
    yield from words_people.of_watchers()
    yield from words_asking.of_customers()


def _of_members(process: Process, staff: Staff) -> Iterator[Entry]:
    """The words that only members have, or that take more from them."""
    yield from words_member.entries(process, staff)
    yield from words_label.entries()
    yield from words_people.entries(staff)
    yield from hold.entries(process)
    yield from merging.entries()
    yield from linking.entries()
    yield from dividing.entries()
    yield from family.entries()
    yield from muting.entries()
    yield from snooze.entries()
    yield from consult.entries(process)
    yield from escalation.entries(member=True)
    yield from withhold.entries(process)
    yield from words_undo.entries()
    yield from words_desk.entries()
    yield from words_quarantine.entries()
    yield from words_asking.entries()
    yield from absence.entries()
    yield from digest_wish.entries()
