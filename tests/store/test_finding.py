"""What the store knows of a mail's keys and of what went out of late."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.decision import AutoSubmitted
from mailbot.event import Kind, Visibility
from mailbot.facts import Counters, Found, Reported, ThreadKeys, Token
from mailbot.ports.records import Changed, Commit
from mailbot.store.sql import SqlStore
from tests.store.values import ANNA, MINUTE, NOON, case, letter, moving, opening

TOKEN = Token(case=2, visibility=Visibility.PUBLIC, principal=b"p")


@pytest.fixture
def three(store: SqlStore):
    for number in (1, 2, 3):
        store.commit(opening(None, number))
    return store


@pytest.mark.parametrize(
    ("keys", "numbers", "known"),
    [
        pytest.param(ThreadKeys(), [], {}, id="no keys"),
        pytest.param(ThreadKeys(tokens=(TOKEN,)), [2], {}, id="a token"),
        pytest.param(ThreadKeys(tagged=(TOKEN,)), [2], {}, id="a tagged Message-ID"),
        pytest.param(ThreadKeys(number=3), [3], {}, id="the subject's number"),
        pytest.param(ThreadKeys(number=9), [], {}, id="a number that there is not"),
        pytest.param(
            ThreadKeys(message_ids=("<mail-1@example.com>", "<who@knows>")),
            [1],
            {"<mail-1@example.com>": 1},
            id="the customer's own",
        ),
        pytest.param(
            ThreadKeys(message_ids=("<3-opened@desk.test>",)), [3], {"<3-opened@desk.test>": 3}, id="a letter's"
        ),
        pytest.param(
            ThreadKeys(tokens=(TOKEN,), message_ids=("<mail-1@example.com>",), number=3),
            [1, 2, 3],
            {"<mail-1@example.com>": 1},
            id="all of them",
        ),
    ],
)
def test_the_cases_that_a_mail_names_are_found(three: SqlStore, keys: Any, numbers: Any, known: Any):
    found = three.find(keys)
    assert (sorted(found.cases), found.by_message_id, found.reported) == (numbers, known, None)
    assert all(found.cases[number] == case(number) for number in numbers)


def test_a_report_finds_the_notice_that_it_speaks_of(three: SqlStore):
    found = three.find(ThreadKeys(), "<2-opened@desk.test>")
    assert found.reported == Reported(2, ANNA, "received", "<2-opened@desk.test>")
    assert sorted(found.cases) == [2]
    assert three.find(ThreadKeys(), "<nobody@knows>") == Found()


def test_a_mail_to_the_return_path_of_a_letter_finds_it_whatever_it_names(three: SqlStore):
    path, other = "support+token@desk.test", "support+other@desk.test"
    letters = (
        replace(letter(2, key="one"), reverse_path=path),
        replace(letter(None, key="of no case", to="bo@desk.test"), reverse_path=other),
    )
    three.commit(moving(2, letters=letters))
    own = Reported(2, ANNA, "received", "<one@desk.test>")
    assert three.find(ThreadKeys(returned=(path,))).reported == own
    assert sorted(three.find(ThreadKeys(returned=(path,))).cases) == [2]
    # The return path is its recipient's alone; whoever saw the mail may name its Message-ID.
    assert three.find(ThreadKeys(returned=(path,)), "<3-opened@desk.test>").reported == own
    assert three.find(ThreadKeys(returned=(other,))).reported == Reported(
        None, "bo@desk.test", "received", "<of no case@desk.test>"
    )
    assert three.find(ThreadKeys(returned=("support+forged@desk.test",))).reported is None


def test_a_merged_case_is_found_with_its_successor(three: SqlStore):
    for source, into in ((1, 2), (2, 3)):
        merged = case(source, version=3, status="Closed", kind=Kind.CLOSED, merged_into=into)
        three.commit(Commit(at=NOON, changed=(Changed(case=merged, was=2, deadlines=()),)))
    assert sorted(three.find(ThreadKeys(number=1)).cases) == [1, 2, 3]


def test_what_goes_on_in_a_case_is_found_with_it(three: SqlStore):
    absorbing = case(3, version=3, absorbed=(1,))
    three.commit(Commit(at=NOON, changed=(Changed(case=absorbing, was=2, deadlines=()),)))
    assert sorted(three.find(ThreadKeys(number=3)).cases) == [1, 3]


def test_a_known_msg_id_cannot_be_turned_to_another_case(three: SqlStore):
    three.commit(moving(2, threads={"<mail-1@example.com>": 2}))
    assert three.find(ThreadKeys(message_ids=("<mail-1@example.com>",))).by_message_id == {"<mail-1@example.com>": 1}


def test_a_mail_that_was_overtaken_finds_the_case_and_only_until_it_came(three: SqlStore):
    late = "<late@example.com>"
    overtaking = opening(None, 4, letters=())
    three.commit(replace(overtaking, overtaken=(late, "<mail-1@example.com>")))
    # Who only names a mail takes it from nobody.
    assert three.find(ThreadKeys(message_ids=("<mail-1@example.com>",))).by_message_id == {"<mail-1@example.com>": 1}
    assert three.find(ThreadKeys(own="<mail-1@example.com>")).awaited == ()
    for keys in (ThreadKeys(own=late), ThreadKeys(message_ids=(late,)), ThreadKeys(own=late, message_ids=(late,))):
        found = three.find(keys)
        assert (found.awaited, found.by_message_id, sorted(found.cases)) == ((4,), {}, [4])
    three.commit(replace(moving(2, threads={late: 2}), sender=ANNA))
    assert three.find(ThreadKeys(own=late)).awaited == ()
    assert three.find(ThreadKeys(message_ids=(late,))).by_message_id == {late: 2}


def test_a_person_sees_only_their_own_thread(three: SqlStore):
    three.commit(opening(None, 4, letters=(letter(4, key="c"), letter(4, key="team", to="bo@desk.test"))))
    assert three.thread(4, ANNA) == ["<mail-4@example.com>", "<c@desk.test>"]
    assert three.thread(4, "bo@desk.test") == ["<team@desk.test>"]
    assert three.thread(4, "eve@example.com") == []


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"status": "New"}, [1, 3]),
        ({"assignee": "bo@desk.test"}, [2]),
        ({"open_only": True}, [1, 2]),
        ({"status": "New", "open_only": True}, [1]),
    ],
    ids=["all", "status", "assignee", "open", "both"],
)
def test_cases_are_listed_by_number(three: SqlStore, wanted: Any, numbers: Any):
    three.commit(moving(2))
    closed = case(3, version=3, kind=Kind.CLOSED)
    three.commit(Commit(at=NOON, changed=(Changed(case=closed, was=2, deadlines=()),)))
    assert [one.number for one in three.cases(**wanted)] == numbers


AGO = {
    "now": timedelta(0),
    "10 min": 10 * MINUTE,
    "9 min": 9 * MINUTE,
    "59 min": 59 * MINUTE,
    "9 h": timedelta(hours=9),
    "23 h": timedelta(hours=23),
    "24 h": timedelta(hours=24),
}


@pytest.mark.parametrize(
    ("ago", "sent", "expected"),
    [
        pytest.param("now", {"auto_submitted": AutoSubmitted.REPLIED}, (1, 1, 1, 1, 1, 1, 0), id="just now"),
        pytest.param("9 min", {"auto_submitted": AutoSubmitted.REPLIED}, (1, 1, 1, 1, 1, 1, 0), id="nine minutes"),
        pytest.param("10 min", {"auto_submitted": AutoSubmitted.REPLIED}, (1, 1, 0, 1, 1, 1, 0), id="ten minutes"),
        pytest.param("59 min", {"auto_submitted": AutoSubmitted.REPLIED}, (1, 1, 0, 1, 1, 1, 0), id="an hour"),
        pytest.param("9 h", {"auto_submitted": AutoSubmitted.REPLIED}, (0, 1, 0, 0, 1, 0, 0), id="nine hours"),
        pytest.param("23 h", {"auto_submitted": AutoSubmitted.REPLIED}, (0, 1, 0, 0, 0, 0, 0), id="a day"),
        pytest.param("24 h", {"auto_submitted": AutoSubmitted.REPLIED}, (0, 0, 0, 0, 0, 0, 0), id="over a day"),
        pytest.param("now", {"auto_submitted": AutoSubmitted.GENERATED}, (0, 0, 1, 1, 1, 0, 0), id="no answer"),
        pytest.param("now", {"auto_submitted": AutoSubmitted.NO}, (0, 0, 0, 0, 0, 0, 0), id="a person's words"),
        pytest.param("59 min", {"template": "other_sender"}, (0, 0, 0, 1, 1, 0, 1), id="another used their address"),
        pytest.param("9 h", {"template": "other_sender"}, (0, 0, 0, 0, 1, 0, 0), id="that, hours ago"),
        pytest.param(
            "now",
            {"auto_submitted": AutoSubmitted.REPLIED, "to": "eve@example.com"},
            (0, 0, 0, 0, 0, 1, 0),
            id="to another",
        ),
    ],
)
def test_what_went_out_of_late_is_counted(store: SqlStore, ago: Any, sent: Any, expected: Any):
    store.commit(opening(None, letters=(letter(1, key="k", at=NOON - AGO[ago], **sent),)))
    names = (
        "to_sender_hour",
        "to_sender_day",
        "case_ten_minutes",
        "case_hour",
        "case_ten_hours",
        "all_hour",
        "other_sender_hour",
    )
    began = Counters(new_by_sender_hour=1, new_by_sender_day=1)
    assert store.counters(ANNA, 1, NOON) == replace(began, **dict(zip(names, expected, strict=True)))


@pytest.mark.parametrize(
    ("about", "sent", "told"),
    [
        pytest.param(None, {"at": NOON - AGO["23 h"]}, {"unproven"}, id="within a day"),
        pytest.param(None, {"at": NOON - AGO["24 h"]}, set(), id="before it"),
        pytest.param(1, {}, set(), id="about a case, which may have changed"),
        pytest.param(None, {"to": "eve@example.com"}, set(), id="another"),
        pytest.param(None, {"auto_submitted": AutoSubmitted.NO}, set(), id="a person's words"),
    ],
)
def test_what_somebody_was_told_about_no_case_is_known_for_a_day(
    store: SqlStore, about: int | None, sent: Any, told: set[str]
):
    store.commit(opening(None, letters=(letter(about, template="unproven", **sent),)))
    assert store.counters(ANNA, None, NOON).told_day == told


def test_without_a_case_nothing_is_counted_about_it(store: SqlStore):
    store.commit(opening(None))
    counted = store.counters(ANNA, None, NOON)
    assert (counted.case_ten_minutes, counted.case_hour, counted.case_ten_hours) == (0, 0, 0)


def test_a_snapshot_stays_and_the_one_cited_last_is_known(store: SqlStore):
    assert store.last_snapshot("directory") is None
    store.snapshot("directory", "d1", "one")
    store.snapshot("directory", "d1", "other text")
    store.snapshot("directory", "d2", "two")
    store.commit(opening(None))
    assert store.last_snapshot("directory") == "one"
    assert store.last_snapshot("process") is None
