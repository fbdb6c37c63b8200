"""A letter is told from any other, so that none is made twice and none is lost."""

from dataclasses import replace
from datetime import UTC, datetime

from mailbot.decision import AutoSubmitted, Notice
from mailbot.event import Visibility
from mailbot.notices.letter import Stationery, write
from mailbot.notices.render import TemplateRenderer
from mailbot.people import Desk, ReplyTokens
from mailbot.ports.records import Letter
from mailbot.rules.identity.token import KeyRing, mark, verify
from mailbot.sending.field import field
from tests.builders import WATCHER, a_case, a_desk, a_directory, modera

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


def to_a_watcher(desk: Desk = PAPER.desk, to: str = WATCHER) -> Letter:
    """A notice about a case that somebody else was added to."""
    notice = Notice(
        at=datetime(2026, 3, 2, tzinfo=UTC),
        template="answer",
        to=to,
        case=3,
        visibility=Visibility.PUBLIC,
        auto_submitted=AutoSubmitted.NO,
        words="It is the cable.",
    )
    return write(notice, a_case(number=3, watchers=(WATCHER,)), (), "mail 9", replace(PAPER, desk=desk))


def test_letter_to_a_watcher_says_how_their_mail_program_takes_them_out():
    value = dict(to_a_watcher().fields)["List-Unsubscribe"]
    address, _, said = value.removeprefix("<mailto:").removesuffix(">").partition("?")
    token = verify(PAPER.ring, address.partition("+")[2].partition("@")[0], WATCHER)
    assert token is not None
    assert (token.case, token.mark, said) == (3, mark("unwatch"), "subject=unwatch")
    assert field("List-Unsubscribe", value).written == value


def test_no_other_letter_is_one_of_a_list():
    untagged = replace(PAPER.desk, reply_tokens=ReplyTokens.NONE)
    for other in (to_a_watcher(to="mari@customer.test"), to_a_watcher(untagged), letter("HD-1")):
        assert "List-Unsubscribe" not in dict(other.fields)


def test_of_two_cases_that_are_merged_into_one_by_one_mail_both_are_told():
    first, second = letter("HD-1"), letter("HD-2")
    assert (first.key, first.message_id) != (second.key, second.message_id)
    assert len({first.key, second.key, letter("HD-1").key}) == 2
