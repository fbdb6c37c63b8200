"""Several notices in one mail: which may wait for others, what fits together, and that nothing of them is lost."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.bundle import BundleCame, Part
from mailbot.decision import Decision, Notice
from mailbot.event import Visibility
from mailbot.people import ReplyTokens
from mailbot.rules.decide import decide
from mailbot.rules.notice.bundling import LONGEST, MOST_PARTS, may_wait, together
from tests.builders import ANNA, NOON, a_case, a_desk, facts, modera


def a_notice(template: str = "customer_answered", **keys: Any) -> Notice:
    values: dict[str, Any] = {"at": NOON, "template": template, "to": ANNA, "case": 1}
    return Notice(**{**values, "visibility": Visibility.INTERNAL, **keys})


def part(number: int = 1, case: int = 1, *, text: str = "It burns.", internal: bool = False) -> Part:
    reply = Visibility.INTERNAL if internal else Visibility.PUBLIC
    return Part(
        id=number,
        case=case,
        reply=reply,
        address=f"support+{case}{reply}@example.com",
        subject=f"[HD-{case}] Printer",
        text=f"##- Write above this line. -##\n\n{text}\n",
    )


@pytest.mark.parametrize(
    ("notice", "priority", "waits"),
    [
        pytest.param(a_notice(), "P3", True, id="the customer wrote"),
        pytest.param(a_notice("case_new"), "P3", True, id="a new case"),
        pytest.param(a_notice("clock_warned"), "P3", True, id="a warning"),
        pytest.param(a_notice(), "P1", False, id="of the highest priority"),
        pytest.param(a_notice("clock_breached"), "P3", False, id="a breach"),
        pytest.param(a_notice("escalated"), "P3", False, id="an escalation"),
        pytest.param(a_notice("command_result"), "P3", False, id="a receipt"),
        pytest.param(a_notice("held"), "P3", False, id="what waits for a word"),
        pytest.param(a_notice("bundle"), "P3", False, id="several already"),
        pytest.param(a_notice(visibility=Visibility.PUBLIC), "P3", False, id="a customer's"),
        pytest.param(a_notice(in_reply_to="<m@x>"), "P3", False, id="an answer to its reader"),
        pytest.param(a_notice(leaves=NOON), "P3", False, id="what may be recalled"),
        pytest.param(a_notice(mark=b"yes"), "P3", False, id="a question to its reader"),
    ],
)
def test_only_what_tells_a_member_of_a_cases_course_waits(notice: Notice, priority: str, waits: bool):
    assert may_wait(notice, a_case("In progress", priority=priority), modera()) is waits


def test_what_is_about_no_case_does_not_wait():
    assert not may_wait(a_notice(case=None), None, modera())


def test_one_mail_has_no_more_than_fits():
    many = [part(number) for number in range(1, MOST_PARTS + 5)]
    assert len(together(many, a_desk())) == MOST_PARTS
    long = [part(number, text="x" * (LONGEST // 2)) for number in (1, 2, 3)]
    assert [one.id for one in together(long, a_desk())] == [1]
    assert together([], a_desk()) == ()


def test_without_tokens_in_addresses_only_one_case_is_one_mail():
    mixed = [part(1), part(2, 2), part(3), part(4, internal=True)]
    assert [one.id for one in together(mixed, a_desk())] == [1, 2, 3, 4]
    assert [one.id for one in together(mixed, a_desk(reply_tokens=ReplyTokens.NONE))] == [1, 3]


def bundle(*parts: Part) -> Decision:
    cases = {one.case: a_case(number=one.case) for one in parts}
    return decide(cases, BundleCame(to=ANNA, parts=parts), facts(), modera(), NOON)


@pytest.mark.parametrize(
    ("parts", "case", "reply"),
    [
        pytest.param((part(1), part(2)), 1, Visibility.PUBLIC, id="of one case"),
        pytest.param((part(1, internal=True), part(2, internal=True)), 1, Visibility.INTERNAL, id="inside the team"),
        pytest.param((part(1), part(2, internal=True)), None, Visibility.PUBLIC, id="not answered alike"),
        pytest.param((part(1), part(2, 2)), None, Visibility.PUBLIC, id="of two cases"),
    ],
)
def test_an_answer_goes_where_that_to_each_of_them_goes_or_to_the_address_of_each(
    parts: tuple[Part, ...], case: int | None, reply: Visibility
):
    (notice,) = bundle(*parts).notices
    assert (notice.template, notice.to, notice.case, notice.reply) == ("bundle", ANNA, case, reply)
    told: Any = notice.data["parts"]
    assert [(one["address"], one["internal"]) for one in told] == [
        (one.address, one.reply is Visibility.INTERNAL) for one in parts
    ]
    assert [one["text"] for one in told] == ["It burns."] * 2
    assert notice.data["cases"] == list(dict.fromkeys(f"HD-{one.case}" for one in parts))


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        pytest.param(("one", "two"), ["one", "two"], id="no words"),
        pytest.param(
            ("one\n\nWrite:\n  take\n  fix", "two\n\nWrite:\n  take\n  fix"),
            ["one", "two\n\nWrite:\n  take\n  fix"],
            id="the same words",
        ),
        pytest.param(
            ("one\n\nWrite:\n  take", "two\n\nWrite:\n  fix"),
            ["one\n\nWrite:\n  take", "two\n\nWrite:\n  fix"],
            id="other words",
        ),
        pytest.param(("one\n\nbye\nA", "two\n\nbye\nA"), ["one\n\nbye\nA", "two\n\nbye\nA"], id="a like ending"),
    ],
)
def test_what_an_answer_may_begin_with_stands_once_and_nothing_else_is_left_out(
    texts: tuple[str, ...], told: list[str]
):
    (notice,) = bundle(*(part(number, text=text) for number, text in enumerate(texts, 1))).notices
    found: Any = notice.data["parts"]
    assert [one["text"] for one in found] == told


def test_a_text_without_a_marker_line_is_whole():
    plain = replace(part(1), text="An operator's own template.\nWith two lines.\n")
    (notice,) = bundle(plain, part(2)).notices
    found: Any = notice.data["parts"]
    assert found[0]["text"] == "An operator's own template.\nWith two lines."
