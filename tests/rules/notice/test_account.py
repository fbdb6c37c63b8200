"""The account of a day's mail, for the leads."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from mailbot.decision import AccountCame, Decision
from mailbot.people import Directory, Person, Role
from mailbot.rules.decide import decide
from tests.builders import ANNA, LEA, MAX, NOON, a_directory, facts, modera, told

DAY = {"received": 9, "new": 3, "threaded": 2, "held": 1, "quarantined": 1, "ignored": 1, "dropped": 1}


def account(counts: Mapping[str, int], aside: Mapping[str, int], directory: Directory | None = None) -> Decision:
    cause = AccountCame(since=NOON - timedelta(days=1), until=NOON, counts=counts, aside=aside)
    given = facts(directory=directory or a_directory())
    return decide({}, cause, given, modera(), NOON)


def test_the_leads_are_told_what_became_of_each_mail_and_what_is_set_aside():
    decision = account(DAY, {"unproven": 2, "crash": 1})
    assert told(decision) == {(LEA, "daily_account")}
    (notice,) = decision.notices
    assert notice.case is None
    assert notice.data == {
        **DAY,
        "waiting": 0,
        "missing": 0,
        "instant": NOON,
        "aside": [{"name": "crash", "count": 1}, {"name": "unproven", "count": 2}],
    }


def test_what_does_not_add_up_is_said():
    (notice,) = account({**DAY, "received": 11}, {}).notices
    assert notice.data["missing"] == 2


def test_managers_are_told_where_nobody_leads():
    people = (Person(address=ANNA, role=Role.AGENT), Person(address=MAX, role=Role.MANAGER))
    assert told(account(DAY, {}, Directory(version="1", people=people))) == {(MAX, "daily_account")}


@pytest.mark.parametrize(("counts", "aside", "heard"), [({}, {}, False), ({}, {"spam": 1}, True), (DAY, {}, True)])
def test_day_without_mail_and_nothing_set_aside_is_no_news(
    counts: Mapping[str, int], aside: Mapping[str, int], heard: bool
):
    assert bool(account(counts, aside).notices) is heard
