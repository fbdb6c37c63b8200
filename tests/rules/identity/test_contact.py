"""The contact of an organisation, who may write into its people's open cases, and hears of them where it says so."""

from dataclasses import replace

import pytest

from mailbot.decision import Decision, Ending, MailArrived
from mailbot.event import AliasAdmitted, Kind, MessageAdded, WatchersChanged
from mailbot.facts import Facts, Found, ThreadKeys
from mailbot.people import Directory, Organisation, Person, Proof
from tests.builders import (
    ANNA,
    CLAIMED,
    CUSTOMER,
    SESSION,
    STRANGER,
    VERIFIED,
    Story,
    a_directory,
    a_mail,
    a_token,
    an_envelope,
    told,
    who,
)

BOSS, SIRI = "boss@customer.test", "siri@customer.test"


def people(*, contact: str = BOSS, hears: bool = False) -> Directory:
    """Mari and Siri are of one organisation, by their domain, which has a contact."""
    mari = Person(address=CUSTOMER, organisation="Customer Ltd")
    rows = (*(p for p in a_directory().people if p.address != CUSTOMER), mari)
    domain = Person(address="@customer.test", organisation="customer ltd")
    organisation = Organisation(name="Customer Ltd", contact=contact, contact_hears=hears)
    return Directory(version="1", people=(*rows, domain), organisations=(organisation,))


def writes(
    story: Story, said: str, *, sender: str = BOSS, proofs: frozenset[Proof] = VERIFIED, **keys: object
) -> Decision:
    """Somebody names the case in the subject, or writes to a reply address of it."""
    given = Facts(
        desk=story.desk,
        directory=story.directory,
        proofs=proofs,
        principal=who(sender),
        found=Found(cases=dict(story.cases)),
        keys=ThreadKeys(**({"number": 1} | keys)),  # type: ignore[arg-type]
        next_number=max(story.cases) + 1,
    )
    mail = a_mail(said, sender=sender, subject="Re: [HD-1] Printer")
    return story.happens(MailArrived(mail=mail, envelope=an_envelope(), inbox_id=9), given, story.now)


@pytest.fixture
def story() -> Story:
    story = Story(directory=people())
    story.mail(CUSTOMER, "The printer is on fire.")
    return story


def joined(decision: Decision) -> list[str]:
    """Whose words were added to case 1."""
    return [h.event.sender for h in decision.happened if h.case == 1 and isinstance(h.event, MessageAdded)]


@pytest.mark.parametrize(
    ("sender", "proofs", "comes_in"),
    [
        pytest.param(BOSS, VERIFIED, True, id="the contact, whose domain vouches for them"),
        pytest.param(BOSS, SESSION, True, id="the contact, logged in"),
        pytest.param(BOSS, CLAIMED, False, id="somebody in the name of the contact"),
        pytest.param(SIRI, VERIFIED, False, id="a colleague who is no contact"),
        pytest.param(STRANGER, VERIFIED, False, id="a stranger"),
    ],
)
def test_the_contact_writes_into_an_open_case_by_its_number(
    story: Story, sender: str, proofs: frozenset[Proof], *, comes_in: bool
):
    decision = writes(story, "Our whole office is waiting.", sender=sender, proofs=proofs)
    assert joined(decision) == ([sender] if comes_in else [])
    assert decision.ending is (Ending.THREADED if comes_in else Ending.NEW)
    assert (sender in story.cases[1].aliases) is comes_in
    assert story.folded() == story.cases


def test_the_team_reads_it_and_the_contact_hears_of_nothing(story: Story):
    story.mail(ANNA, "take")
    decision = writes(story, "Our whole office is waiting.")
    assert told(decision) == {(ANNA, "customer_answered")}
    decision = story.mail(ANNA, "We send somebody.")
    assert told(decision) == {(CUSTOMER, "answer")}


def test_whoever_asks_is_answered_where_the_case_is_told_of(story: Story):
    assert told(writes(story, "status")) == {(CUSTOMER, "status_report")}


@pytest.mark.parametrize(("proofs", "ending"), [(VERIFIED, Ending.THREADED), (CLAIMED, Ending.HELD)])
def test_a_reply_address_that_was_passed_on_counts_for_who_is_proven(
    story: Story, proofs: frozenset[Proof], ending: Ending
):
    decision = writes(story, "Please hurry.", proofs=proofs, tokens=(a_token(1, CUSTOMER),), number=0)
    assert decision.ending is ending


def test_what_one_click_does_stays_with_whom_it_was_offered(story: Story):
    token = replace(a_token(1, CUSTOMER), mark=b"12345678")
    assert writes(story, "reopen", tokens=(token,), number=0).ending is Ending.HELD


def test_into_a_closed_case_nobody_comes_that_way(story: Story):
    story.mail(ANNA, "close: done")
    assert story.cases[1].kind is Kind.CLOSED
    assert writes(story, "It burns again.").ending is Ending.NEW


def test_another_customers_case_is_none_of_theirs(story: Story):
    story.mail(ANNA, f"requester {STRANGER}")
    assert writes(story, "Please hurry.").ending is Ending.NEW


def test_without_a_word_of_the_operators_the_contact_is_told_of_no_case(story: Story):
    assert BOSS not in {notice.to for notice in story.notices}
    assert story.cases[1].watchers == ()


def test_where_the_operator_says_so_the_contact_hears_of_each_new_case_and_of_nothing_before():
    story = Story(directory=people(hears=True))
    decision = story.mail(SIRI, "The lift is stuck.")
    assert story.cases[1].watchers == (BOSS,)
    assert {template for to, template in told(decision) if to == BOSS} == {"joined"}
    assert "lift" not in str([notice for notice in decision.notices if notice.to == BOSS])
    assert {(SIRI, "answer"), (BOSS, "answer")} <= told(story.mail(ANNA, "We send somebody."))
    story.mail(BOSS, "unwatch")
    assert BOSS not in story.cases[1].participants


def test_a_case_that_a_member_opens_for_somebody_is_told_too():
    story = Story(directory=people(hears=True))
    decision = story.mail(ANNA, f"for {SIRI}\n\nShe rang: the lift is stuck.")
    assert (BOSS, "joined") in told(decision)
    assert story.cases[1].watchers == (BOSS,)


@pytest.mark.parametrize(
    ("sender", "proofs"),
    [
        pytest.param(SIRI, CLAIMED, id="in a customer's name"),
        pytest.param(BOSS, VERIFIED, id="the contact's own case"),
        pytest.param(STRANGER, VERIFIED, id="somebody of no organisation"),
    ],
)
def test_of_these_cases_the_contact_hears_nothing(sender: str, proofs: frozenset[Proof]):
    story = Story(directory=people(hears=True))
    decision = story.mail(sender, "The lift is stuck.", proofs=proofs)
    assert not any(isinstance(h.event, WatchersChanged) for h in decision.happened)


def test_who_is_no_contact_any_more_comes_into_no_further_case(story: Story):
    story.directory = people(contact="")
    assert not any(isinstance(h.event, AliasAdmitted) for h in writes(story, "Please hurry.").happened)
