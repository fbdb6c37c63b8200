"""Who hears what when another address than the customer's own uses a reply address (`semantics.md` 23)."""

from datetime import datetime
from typing import Any

import pytest

from mailbot.decision import Decision, Ending, MailArrived, Notice
from mailbot.event import Visibility
from mailbot.facts import Counters, Facts, Found, ThreadKeys
from mailbot.rules.notice.limits import CASE_TEN_MINUTES
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    STRANGER,
    VERIFIED,
    WATCHER,
    Story,
    a_directory,
    a_mail,
    a_story,
    a_token,
    an_envelope,
    modera,
    told,
    who,
)
from tests.rules.desk_in_memory import Life, Memory

HOME, FRIEND = "mari@home.test", "friend@other.test"


def writes(story: Story, said: str, *, of: str = CUSTOMER, **keys: Any) -> Decision:
    """Mari writes from home, to a reply address that was made for somebody of the customer's side."""
    tokens = (a_token(1, of),) if keys.pop("with_token", True) else ()
    facts = Facts(
        desk=story.desk,
        directory=story.directory,
        proofs=keys.pop("proofs", CLAIMED),
        principal=who(HOME),
        holders={who(person): person for person in story.case.participants},
        found=Found(cases=story.cases),
        keys=ThreadKeys(tokens=tokens, number=1),
        counters=keys.pop("counters", Counters()),
        next_number=max(story.cases) + 1,
    )
    cause = MailArrived(
        mail=a_mail(said, sender=HOME),
        envelope=an_envelope(),
        inbox_id=33,
        admitted=keys.pop("admitted", False),
        **keys,
    )
    return story.happens(cause, facts, story.now)


@pytest.fixture
def story() -> Story:
    """A case with a watcher, where Mari's address at home was let in."""
    story = a_story("In progress")
    story.mail(ANNA, f"cc add {WATCHER}")
    writes(story, "It is upstairs.", admitted=True)
    return story


def answer_in(decision: Decision, template: str) -> Notice:
    (notice,) = [notice for notice in decision.notices if notice.template == template]
    return notice


@pytest.mark.parametrize(
    ("said", "template"),
    [("status", "status_report"), ("approve", "command_result"), ("help", "help"), ("unwatch", "command_result")],
)
@pytest.mark.parametrize(
    ("keys", "hears"),
    [
        pytest.param({}, CUSTOMER, id="the-requester's-reply-address"),
        pytest.param({"of": WATCHER}, WATCHER, id="a-watcher's"),
        pytest.param({"with_token": False, "proofs": VERIFIED}, CUSTOMER, id="none-but-vouched-for"),
    ],
)
def test_what_an_address_that_was_let_in_asks_is_answered_to_the_person_as_whom_it_counts(
    story: Story, said: str, template: str, keys: dict[str, Any], hears: str
):
    decision = writes(story, said, **keys)
    answer = answer_in(decision, template)
    assert (answer.to, answer.case, answer.data["asked_by"]) == (hears, 1, HOME)
    assert answer.in_reply_to == "", "they never had the mail that is answered"
    assert HOME not in {to for to, _ in told(decision)}


def test_the_limits_hold_for_who_is_answered(story: Story):
    decision = writes(story, "status", counters=Counters(case_ten_minutes=CASE_TEN_MINUTES))
    assert {template for _, template in told(decision)} == {"alarm"}


def test_a_case_of_its_own_is_its_own(story: Story):
    decision = story.mail(HOME, "The lamp is dark.", case=2, subject="Lamp")
    assert (decision.ending, story.cases[2].requester) == (Ending.NEW, HOME)
    assert (HOME, "status_report") in told(story.mail(HOME, "status", case=2, subject="Lamp"))


# --- Held: who is told that another address used theirs -------------------------------------------------------------


def a_life(store: Memory | None = None) -> tuple[Life, Notice]:
    """A desk, and the acknowledgement of its case."""
    life = Life(modera(), a_directory(), store)
    decision = life.write(CUSTOMER, "The printer is on fire.", None, proven=True)
    return life, answer_in(decision, "case_received")


def test_whoever_the_reply_address_was_made_for_is_told():
    life, received = a_life()
    assert (CUSTOMER, "other_sender") in told(life.write(STRANGER, "Hello.", received, proven=False))
    life.say(ANNA, f"cc add {WATCHER}", 1)
    joined = next(notice for notice in life.notices if notice.to == WATCHER)
    decision = life.write(STRANGER, "Hello.", joined, proven=False)
    assert (WATCHER, "other_sender") in told(decision)
    assert CUSTOMER not in {to for to, _ in told(decision)}


def test_the_person_is_told_once_an_hour_however_often_it_is_used():
    class Told(Memory):
        def counters(self, sender: str, case: int | None, now: datetime) -> Counters:
            del case, now
            return Counters(other_sender_hour=1 if sender == CUSTOMER else 0)

    life, received = a_life(Told())
    assert "other_sender" not in {template for _, template in told(life.write(STRANGER, "Hi.", received, proven=False))}


@pytest.mark.parametrize("line", [f"requester {FRIEND}", f"cc add {FRIEND}\nrequester {FRIEND}"])
def test_a_later_requester_hears_nothing_of_the_other_addresses_of_the_former(line: str):
    life, received = a_life()
    life.say(ANNA, line, 1)
    decision = life.write(HOME, "It is upstairs.", received, proven=False)
    assert decision.ending is Ending.HELD
    assert {(notice.to, notice.visibility) for notice in decision.notices} <= {
        (member, Visibility.INTERNAL) for member in (ANNA, BEN, "lea@example.com")
    }
