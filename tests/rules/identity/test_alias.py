"""A right token with another sender: one answer of the team lets it in, and its address counts (`semantics.md` 23)."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.decision import Decision, Ending, MailArrived
from mailbot.event import AliasAdmitted, CommandRefused, MessageAdded, Visibility
from mailbot.facts import Facts, Found, ThreadKeys
from mailbot.mail import Mailbox
from mailbot.people import Proof
from mailbot.rules.identity.token import mark
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    STRANGER,
    VERIFIED,
    WATCHER,
    Story,
    a_desk,
    a_mail,
    a_story,
    a_token,
    an_envelope,
    changed,
    modera,
    names,
    told,
    who,
)

HOME, COLLEAGUE = "mari@home.test", "kati@customer.test"


def writes(story: Story, sender: str, said: str = "It is upstairs.", **keys) -> Decision:
    """Somebody writes to the reply address that was made for the customer."""
    token = a_token(1, CUSTOMER, visibility=keys.pop("visibility", Visibility.PUBLIC), mark=keys.pop("mark", b""))
    tokens = (token,) if keys.pop("with_token", True) else ()
    facts = Facts(
        desk=story.desk,
        directory=story.directory,
        proofs=keys.pop("proofs", CLAIMED),
        principal=who(sender),
        found=Found(cases=story.cases),
        keys=ThreadKeys(tokens=tokens, number=1),
        next_number=max(story.cases) + 1,
    )
    mail, admitted = a_mail(said, sender=sender), keys.pop("admitted", False)
    cause = MailArrived(mail=replace(mail, **keys), envelope=an_envelope(), inbox_id=33, admitted=admitted)
    return story.happens(cause, facts, story.now)


def joined(decision: Decision) -> list[str]:
    return [h.event.sender for h in decision.happened if isinstance(h.event, MessageAdded) and h.case == 1]


def added_to(decision: Decision) -> list[int | None]:
    return [h.case for h in decision.happened if isinstance(h.event, MessageAdded)]


def aliases(decision: Decision) -> list[str]:
    return [h.event.address for h in decision.happened if isinstance(h.event, AliasAdmitted)]


def test_the_address_that_the_team_lets_in_is_remembered():
    story = a_story("In progress")
    assert writes(story, HOME).ending is Ending.HELD
    decision = writes(story, HOME, admitted=True)
    assert (joined(decision), aliases(decision)) == ([HOME], [HOME])
    assert joined(writes(story, HOME, "And it smokes.")) == [HOME]
    assert story.case.aliases == (HOME,)


def test_it_counts_like_the_customers_own_and_hears_of_nothing():
    story = a_story("Fixed")
    writes(story, HOME, admitted=True, said="I will test it.")
    decision = writes(story, HOME, "confirm")
    assert story.case.status == "Closed"
    assert HOME not in {to for to, _ in told(decision)}
    assert CUSTOMER in {to for to, _ in told(decision)}


def test_without_the_reply_address_its_domain_must_vouch_for_it():
    story = a_story("In progress")
    writes(story, HOME, admitted=True)
    assert writes(story, HOME, with_token=False).ending is Ending.NEW
    assert joined(writes(story, HOME, with_token=False, proofs=VERIFIED)) == [HOME]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        pytest.param([f"requester {STRANGER}"], False, id="another-requester"),
        pytest.param([f"requester {HOME}"], False, id="its-own-case-now"),
        pytest.param([f"requester {STRANGER}", f"requester {CUSTOMER}"], False, id="there-and-back"),
        pytest.param([f"cc add {WATCHER}", f"cc remove {WATCHER}"], False, id="a-watcher-leaves"),
        pytest.param([f"cc add {WATCHER}"], True, id="somebody-comes"),
        pytest.param([f"requester {CUSTOMER}"], True, id="the-same-requester"),
    ],
)
def test_it_is_let_in_until_somebody_of_the_customers_side_hears_no_more(lines: list[str], kept: bool):
    story = a_story("In progress")
    writes(story, HOME, admitted=True)
    for line in lines:
        story.mail(ANNA, line)
    assert story.case.aliases == ((HOME,) if kept else ())
    assert story.folded() == story.cases


@pytest.mark.parametrize("said", ["status", "close", "It smokes."])
def test_an_address_of_the_former_requester_is_held_and_told_nothing(said: str):
    story = a_story("In progress")
    writes(story, HOME, admitted=True)
    story.mail(ANNA, f"requester {STRANGER}")
    before = story.case
    decision = writes(story, HOME, said)
    assert (decision.ending, story.case) == (Ending.HELD, before)
    assert HOME not in {to for to, _ in told(decision)}


@pytest.mark.parametrize(
    ("sender", "proofs", "admitted"),
    [
        pytest.param(HOME, CLAIMED, True, id="by-the-team"),
        pytest.param(HOME, VERIFIED, True, id="by-the-team-and-vouched-for"),
        pytest.param(COLLEAGUE, VERIFIED, False, id="a-verified-colleague"),
    ],
)
def test_it_brings_nobody_along_who_is_copied_on_its_mail(sender: str, proofs: frozenset[Proof], admitted: bool):
    desk, process = a_desk(colleagues=frozenset({"customer.test"})), changed(modera(), cc_joins=True)
    story = a_story("In progress", desk=desk, process=process)
    copies = tuple(Mailbox(address=one) for one in ("second@home.test", "liis@customer.test"))
    for by_team in (admitted, False):
        assert joined(writes(story, sender, proofs=proofs, admitted=by_team, cc=copies)) == [sender]
    assert (story.case.aliases, story.case.watchers) == ((sender,), ())


def merged_after_it_was_let_in(**keys: Any) -> Story:
    """HD-1, where the address at home was let in, goes on in HD-2, which is the same customer's."""
    story = a_story("In progress", **keys)
    story.mail(CUSTOMER, "Smoke comes out of it.", case=2, subject="Smoke")
    writes(story, HOME, admitted=True)
    story.mail(ANNA, "merge HD-2")
    return story


@pytest.mark.parametrize("said", ["It smokes again.", "status", "reopen", "close"])
@pytest.mark.parametrize("stamp", [b"", mark("reopen")], ids=["reply-address", "link"])
def test_after_a_merge_its_mail_is_held_and_never_takes_up_the_merged_case(said: str, stamp: bytes):
    story = merged_after_it_was_let_in()
    before = dict(story.cases)
    assert writes(story, HOME, said, mark=stamp).ending is Ending.HELD
    assert story.cases == before


def test_let_in_again_after_a_merge_it_is_let_in_where_the_case_goes_on():
    story = merged_after_it_was_let_in()
    decision = writes(story, HOME, admitted=True)
    assert added_to(decision) == [2]
    assert (story.cases[2].aliases, story.cases[1].merged_into) == ((HOME,), 2)
    assert added_to(writes(story, HOME, "And it smokes.")) == [2]
    assert story.cases[1].merged_into == 2


def test_a_verified_colleague_at_the_address_of_a_merged_case_is_led_where_it_goes_on():
    story = merged_after_it_was_let_in(desk=a_desk(colleagues=frozenset({"customer.test"})))
    assert added_to(writes(story, COLLEAGUE, proofs=VERIFIED)) == [2]
    assert (story.cases[1].aliases, story.cases[2].aliases) == ((HOME,), (COLLEAGUE,))


def test_a_colleague_of_the_merged_cases_customer_is_no_colleague_where_it_goes_on():
    story = a_story("In progress", desk=a_desk(colleagues=frozenset({"customer.test"})))
    story.mail(STRANGER, "Smoke comes out of it.", case=2, subject="Smoke")
    story.mail(ANNA, "merge HD-2")
    before = dict(story.cases)
    assert writes(story, COLLEAGUE, proofs=VERIFIED).ending is Ending.HELD
    assert story.cases == before


def test_nobody_else_is_let_in_with_it():
    story = a_story("In progress")
    writes(story, HOME, admitted=True)
    assert writes(story, STRANGER).ending is Ending.HELD


def test_what_was_made_for_an_agent_is_nobodys_alias():
    story = a_story("In progress")
    decision = writes(story, HOME, visibility=Visibility.INTERNAL, admitted=True)
    assert aliases(decision) == []


def test_a_member_or_the_customer_is_no_alias():
    story = a_story("In progress")
    assert aliases(writes(story, BEN, proofs=VERIFIED, admitted=True)) == []
    assert aliases(writes(story, CUSTOMER, admitted=True)) == []


def test_an_admitted_mail_that_opens_a_case_of_its_own_is_remembered_nowhere():
    story = a_story("In progress")
    decision = story.mail(STRANGER, "Broken.", case=9, admitted=True)
    assert (decision.ending, aliases(decision)) == (Ending.NEW, [])


@pytest.mark.parametrize(
    ("sender", "proofs", "mark_", "let_in"),
    [
        pytest.param(COLLEAGUE, VERIFIED, b"", True, id="verified-colleague"),
        pytest.param(COLLEAGUE, CLAIMED, b"", False, id="nobody-vouches"),
        pytest.param("kati@other.test", VERIFIED, b"", False, id="another-domain"),
        pytest.param(COLLEAGUE, VERIFIED, mark("confirm"), False, id="a-link-for-one-person"),
    ],
)
def test_a_verified_colleague_is_let_in_where_the_operator_names_the_domain(
    sender: str, proofs: frozenset[Proof], mark_: bytes, let_in: bool
):
    story = a_story("Fixed", desk=a_desk(colleagues=frozenset({"customer.test", "other.test"})))
    decision = writes(story, sender, proofs=proofs, mark=mark_)
    assert (bool(joined(decision)), aliases(decision)) == (let_in, [sender] if let_in else [])
    assert (decision.ending is Ending.HELD) is not let_in


def test_without_that_key_a_verified_colleague_is_held():
    assert writes(a_story("In progress"), COLLEAGUE, proofs=VERIFIED).ending is Ending.HELD


def test_the_answer_admit_to_the_notice_of_the_held_mail_lets_it_in():
    story = a_story("In progress")
    decision = story.mail(ANNA, "admit 33", reply=Visibility.INTERNAL)
    assert decision.admitted == 33
    assert told(decision) == {(ANNA, "command_result")}


def test_admit_without_a_number_needs_the_notice_that_it_answers():
    story = a_story("In progress")
    decision = story.mail(ANNA, "admit")
    assert decision.admitted == 0
    (refused,) = [h.event for h in decision.happened if isinstance(h.event, CommandRefused)]
    assert "answer the notice" in refused.reason


def test_nothing_is_let_in_where_another_command_of_the_mail_is_refused():
    story = a_story("In progress")
    assert story.mail(ANNA, "admit 33\nassign nobody@elsewhere.test").admitted == 0
    assert story.mail(ANNA, "admit 33\nreopen").admitted == 0


def test_who_lets_in_a_mail_of_a_member_does_not_make_it_sure():
    story = a_story("In progress")
    decision = story.mail(ANNA, f"cc add {STRANGER}", proofs=CLAIMED, admitted=True)
    assert names(decision) == ["CommandsParked"]
