"""Who is copied on a mail joins the case: by a proven customer or a sure member, where the process wants it."""

from typing import Any

import pytest

from mailbot.mail import Mailbox
from mailbot.people import Directory, Person, Proof
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    DESK,
    SESSION,
    VERIFIED,
    Story,
    a_desk,
    a_directory,
    a_story,
    changed,
    modera,
    told,
)

COLLEAGUE, STRANGER, KNOWN = "colleague@customer.test", "someone@else.test", "known@partner.test"
OF_COLLEAGUES = a_desk(colleagues=frozenset({"customer.test"}))
BOUND = frozenset({Proof.CLAIMED, Proof.VERIFIED, Proof.TOKEN})


def a_story_with(*, joins: bool = True, status: str = "In progress") -> Story:
    process = changed(modera(), cc_joins=joins)
    return a_story(status, process=process, desk=OF_COLLEAGUES, directory=a_directory(Person(address=KNOWN)))


def copied(*addresses: str) -> dict[str, Any]:
    return {"to": (Mailbox(address=DESK),), "cc": tuple(Mailbox(address=one) for one in addresses)}


@pytest.mark.parametrize(
    ("who", "copies", "join"),
    [
        ("a customer's colleague", (COLLEAGUE,), (COLLEAGUE,)),
        ("somebody of the directory", (KNOWN,), (KNOWN,)),
        ("a stranger", (STRANGER,), ()),
        ("a member of the team", (BEN,), ()),
        ("the customer", (CUSTOMER,), ()),
        ("the desk", (DESK,), ()),
        ("a reply address of the desk", (DESK.replace("@", "+abcdefg@"),), ()),
        ("a mailing", tuple(f"c{n}@customer.test" for n in range(11)), ()),
    ],
)
def test_a_verified_customer_copies_colleagues_in(who: str, copies: tuple[str, ...], join: tuple[str, ...]):
    story = a_story_with()
    story.mail(CUSTOMER, "It smokes again.", **copied(*copies))
    assert story.case.watchers == join, who


JOE, VICTIMS = "joe@post.test", tuple(f"victim{n}@post.test" for n in range(10))


@pytest.mark.parametrize(
    ("sender", "copies", "directory", "join"),
    [
        pytest.param(JOE, VICTIMS, a_directory(), (), id="strangers of one provider of mailboxes"),
        pytest.param(CUSTOMER, (COLLEAGUE,), a_directory(), (), id="the same domain, which nobody named"),
        pytest.param(JOE, (KNOWN,), a_directory(Person(address=KNOWN)), (KNOWN,), id="somebody of the directory"),
        pytest.param(
            CUSTOMER, (COLLEAGUE,), a_directory(Person(address="@customer.test")), (COLLEAGUE,), id="its domain's row"
        ),
    ],
)
def test_one_domain_makes_no_colleagues_where_the_operator_does_not_say_so(
    sender: str, copies: tuple[str, ...], directory: Directory, join: tuple[str, ...]
):
    story = Story(process=changed(modera(), cc_joins=True), directory=directory)
    decision = story.mail(sender, "The printer burns.", **copied(*copies))
    assert story.case.watchers == join
    assert {to for to, template in told(decision) if template == "joined"} == set(join)


def test_a_copy_counts_for_nothing_where_the_process_does_not_say_so():
    story = a_story_with(joins=False)
    story.mail(CUSTOMER, "It smokes again.", **copied(COLLEAGUE))
    story.mail(ANNA, "It is the cable.", **copied(COLLEAGUE))
    assert story.case.watchers == ()


def test_a_customer_whom_only_a_token_proves_copies_nobody_in():
    story = a_story_with()
    story.mail(CUSTOMER, "It smokes again.", proofs=CLAIMED, **copied(COLLEAGUE))
    assert "It smokes again." in {notice.words for notice in story.last.notices}
    assert story.case.watchers == ()


@pytest.mark.parametrize(
    ("proofs", "admitted", "join"),
    [
        pytest.param(CLAIMED, True, (), id="let-in-and-no-more"),
        pytest.param(VERIFIED, True, (COLLEAGUE,), id="let-in-and-vouched-for"),
        pytest.param(SESSION, False, (COLLEAGUE,), id="logged-in"),
    ],
)
def test_letting_a_mail_in_proves_nothing_about_who_is_copied_on_it(proofs: Any, admitted: bool, join: tuple[str, ...]):
    story = a_story_with()
    story.mail(CUSTOMER, "It smokes again.", proofs=proofs, admitted=admitted, **copied(COLLEAGUE))
    assert story.case.watchers == join
    fresh = Story(process=changed(modera(), cc_joins=True), desk=OF_COLLEAGUES)
    fresh.mail(CUSTOMER, "It smokes.", proofs=proofs, admitted=admitted, **copied(COLLEAGUE))
    assert fresh.case.watchers == join


def test_a_member_who_is_logged_in_copies_anybody_in_and_they_get_the_answer():
    story = a_story_with()
    decision = story.mail(ANNA, "It is the cable.", **copied(STRANGER))
    assert story.case.watchers == (STRANGER,)
    assert told(decision) == {(CUSTOMER, "answer"), (STRANGER, "answer")}


@pytest.mark.parametrize(("text", "proofs"), [("note: he is on holiday", None), ("It is the cable.", BOUND)])
def test_a_note_brings_nobody_along_nor_does_a_member_who_is_not_logged_in(text: str, proofs: Any):
    story = a_story_with()
    story.mail(ANNA, text, **({"proofs": proofs} if proofs else {}), **copied(STRANGER))
    assert story.case.watchers == ()


def test_a_colleague_copied_on_the_first_mail_is_greeted_and_the_requester_is_acknowledged():
    story = Story(process=changed(modera(), cc_joins=True), desk=OF_COLLEAGUES)
    decision = story.mail(CUSTOMER, "The printer burns.", **copied(COLLEAGUE))
    assert story.case.watchers == (COLLEAGUE,)
    assert {(CUSTOMER, "case_received"), (COLLEAGUE, "joined")} <= told(decision)
    assert (CUSTOMER, "joined") not in told(decision)


def test_a_stranger_without_proof_copies_nobody_into_a_new_case():
    story = Story(process=changed(modera(), cc_joins=True), desk=OF_COLLEAGUES)
    story.mail(CUSTOMER, "The printer burns.", proofs=VERIFIED - {Proof.VERIFIED}, **copied(COLLEAGUE))
    assert story.case.watchers == ()


def test_addresses_below_a_domain_of_reply_addresses_are_the_desks():
    story = a_story_with()
    story.desk = type(story.desk)(address=DESK, tag="HD", timezone="UTC", reply_domain="r.example.com")
    story.mail(ANNA, "It is the cable.", **copied("abc@r.example.com"))
    assert story.case.watchers == ()


def test_who_is_copied_on_an_answer_joins_no_other_case_that_a_line_of_it_names():
    story = a_story_with()
    story.mail("second@else.test", "My screen is dark.", case=2)
    story.mail(ANNA, "HD-2 ask: Which screen?\n\nIt is the cable.", **copied(STRANGER))
    assert story.case.watchers == (STRANGER,)
    assert story.cases[2].watchers == ()
    assert story.cases[2].status == "Waiting for customer"
