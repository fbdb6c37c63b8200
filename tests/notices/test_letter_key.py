"""A letter is told from any other, so that none is made twice and none is lost."""

from datetime import UTC, datetime

from mailbot.decision import AutoSubmitted, Notice
from mailbot.event import Visibility
from mailbot.notices.letter import Stationery, write
from mailbot.notices.render import TemplateRenderer
from mailbot.ports.records import Letter
from mailbot.rules.identity.token import KeyRing
from tests.builders import a_case, a_desk, a_directory, modera

PAPER = Stationery(
    desk=a_desk(),
    directory=a_directory(),
    process=modera(),
    ring=KeyRing(a_desk().domain, (b"k" * 32,)),
    renderer=TemplateRenderer(),
    loop_mark="mark",
)


def letter(reference: str) -> Letter:
    """The letter that tells a customer of a case that goes on in HD-3."""
    notice = Notice(
        at=datetime(2026, 3, 2, tzinfo=UTC),
        template="merged",
        to="mari@customer.test",
        case=3,
        visibility=Visibility.PUBLIC,
        auto_submitted=AutoSubmitted.GENERATED,
        data={"reference": reference},
    )
    return write(notice, a_case(number=3), (), "mail 9", PAPER)


def test_of_two_cases_that_are_merged_into_one_by_one_mail_both_are_told():
    first, second = letter("HD-1"), letter("HD-2")
    assert (first.key, first.message_id) != (second.key, second.message_id)
    assert len({first.key, second.key, letter("HD-1").key}) == 2
