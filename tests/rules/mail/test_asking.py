"""`list`, `search` and `show`: what is looked up because a mail asks, and what its sender is told."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.decision import Ending, MailArrived
from mailbot.event import MessageAdded, Visibility
from mailbot.facts import Facts, Listed, Query, ThreadKeys
from mailbot.people import Person, Proof, Role
from mailbot.rules.command.answering import LONGEST_MESSAGE
from mailbot.rules.identity.token import mark
from mailbot.rules.mail.asking import Wanted, may_split, wanted
from mailbot.rules.mail.confirm import WORD
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    LEA,
    NOON,
    SESSION,
    STRANGER,
    VERIFIED,
    Story,
    a_case,
    a_desk,
    a_directory,
    a_mail,
    a_story,
    a_token,
    an_envelope,
    changed,
    facts,
    modera,
    told,
)

EVE = "eve@example.com"
PEOPLE = a_directory(Person(address=EVE, role=Role.AGENT, team="second line"))
SECOND_LINE = (BEN, EVE, "second line", "")
MINE = Query(assignees=(ANNA,), snoozed=False)


def lookup(said: str, sender: str = ANNA, **keys: Any) -> Wanted:
    given: Facts = facts(sender=sender, directory=PEOPLE, proofs=keys.pop("proofs", SESSION))
    cause = MailArrived(mail=a_mail(said, sender=sender, **keys), envelope=an_envelope())
    return wanted(cause, given, modera())


@pytest.mark.parametrize(
    ("sender", "said", "query"),
    [
        pytest.param(ANNA, "list mine", MINE, id="my cases"),
        pytest.param(ANNA, "list", MINE, id="without a word they are mine"),
        pytest.param(ANNA, "List Mine.", MINE, id="as a phone writes it"),
        pytest.param(BEN, "list team", Query(assignees=SECOND_LINE, snoozed=False), id="a team's, nobody's too"),
        pytest.param(BEN, "list snoozed", Query(assignees=SECOND_LINE, snoozed=True), id="those out of sight"),
        pytest.param(ANNA, "list team", Query(snoozed=False), id="who is in no team sees all that are open"),
        pytest.param(BEN, "list overdue", Query(assignees=SECOND_LINE, overdue=True), id="late ones"),
        pytest.param(ANNA, "list: printer room 4", Query(words=("printer", "room", "4")), id="open ones with words"),
        pytest.param(ANNA, "list printer", Query(words=("printer",)), id="to the desk no colon is needed"),
        pytest.param(ANNA, "search: printer", Query(words=("printer",), open_only=False), id="closed ones too"),
        pytest.param(ANNA, "search lamp lamp", Query(words=("lamp",), open_only=False), id="a word counts once"),
        pytest.param(ANNA, "#search a b c d e f", Query(words=tuple("abcde"), open_only=False), id="five words count"),
        pytest.param(ANNA, "list mine\nlist team", MINE, id="the first of two"),
        pytest.param(CUSTOMER, "list", Query(requester=CUSTOMER), id="a customer's own"),
        pytest.param(CUSTOMER, "list team", None, id="a customer has no team"),
        pytest.param(CUSTOMER, "search: printer", None, id="a customer searches nothing"),
        pytest.param(ANNA, "Please list what you tried.", None, id="prose"),
    ],
)
def test_a_list_is_looked_up_as_its_words_say(sender: str, said: str, query: Query | None):
    assert lookup(said, sender).query == query


@pytest.mark.parametrize(
    ("sender", "said", "found"),
    [
        pytest.param(ANNA, "liste", Wanted(query=MINE), id="a list"),
        pytest.param(ANNA, "zeigen HD-12", Wanted(numbers=(12,)), id="a case"),
        pytest.param(ANNA, "abwesend bis 2030-04-01", Wanted(own=Query(assignees=(ANNA,))), id="an absence"),
        pytest.param(CUSTOMER, "Liste", Wanted(query=Query(requester=CUSTOMER)), id="a customer's list"),
    ],
)
def test_the_words_of_the_desks_other_languages_are_looked_up_too(sender: str, said: str, found: Wanted):
    given = facts(sender=sender, proofs=SESSION, desk=a_desk(languages=("de",)))
    assert wanted(MailArrived(mail=a_mail(said, sender=sender), envelope=an_envelope()), given, modera()) == found


@pytest.mark.parametrize("said", ["show 12", "show HD-12", "Show [HD-12].", "#show hd-12", "show 12\nshow HD-12"])
def test_a_case_is_shown_by_its_number(said: str):
    assert lookup(said) == Wanted(numbers=(12,))


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"proofs": CLAIMED}, id="nothing is proven"),
        pytest.param({"proofs": CLAIMED | {Proof.TOKEN}}, id="a token alone is for its own case"),
        pytest.param({"from_": None}, id="no sender"),
        pytest.param({"automatic": "vacation"}, id="a machine"),
    ],
)
@pytest.mark.parametrize("said", ["list", "show 12"])
def test_nothing_is_looked_up_for_who_would_get_no_answer(said: str, keys: dict[str, Any]):
    assert lookup(said, **keys) == Wanted()


def asks(story: Story, sender: str, said: str, *, found: tuple[Any, ...] = (), **keys: Any) -> Any:
    """A mail that asks, with what the engine would have found for it."""
    subject = keys.pop("subject", "list")
    proofs = keys.pop("proofs", SESSION if story.directory.member(sender) else VERIFIED)
    given = facts(sender=sender, proofs=proofs, directory=story.directory, **keys)
    cause = MailArrived(mail=a_mail(said, sender=sender, subject=subject), envelope=an_envelope())
    want = wanted(cause, given, story.process)
    listed = Listed(query=want.query, cases=found, more=len(found) > 1) if want.query else None
    shown = {
        n: tuple(e for e in story.events[n] if isinstance(e, MessageAdded)) for n in want.numbers if n in story.cases
    }
    return story.happens(cause, replace(given, listed=listed, shown=shown), NOON)


def test_a_member_gets_the_list_in_one_mail_and_nothing_changes():
    story = a_story("In progress")
    before = story.case
    decision = asks(story, ANNA, "list mine\n\nBest regards\nAnna", found=(a_case(number=1), a_case(number=2)))
    (notice,) = decision.notices
    assert (notice.template, notice.to, notice.case) == ("case_list", ANNA, None)
    assert notice.visibility is Visibility.INTERNAL
    assert [case.number for case in notice.listed] == [1, 2]
    assert notice.data == {"kind": "mine", "words": "", "more": True, "snoozed": 0, "example": "HD-1 take"}
    assert (decision.ending, story.case) == (Ending.IGNORED, before)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        pytest.param("list", "mine", "", id="mine"),
        pytest.param("list team", "team", "", id="team"),
        pytest.param("search the lamp", "search", "the lamp", id="search"),
        pytest.param("list: lamp", "list", "lamp", id="words"),
    ],
)
def test_the_list_says_what_it_is_of(said: str, kind: str, words: str):
    (notice,) = asks(a_story(), ANNA, said).notices
    assert (notice.data["kind"], notice.data["words"], notice.data["example"]) == (kind, words, "")


def test_a_list_is_answered_in_a_case_too_and_the_case_stays_as_it_is():
    story = a_story("In progress")
    before = story.case
    decision = asks(story, ANNA, "list team", keys=story_keys(story), found=(story.case,))
    assert told(decision) == {(ANNA, "case_list")}
    assert story.case == before


def story_keys(story: Story) -> Any:
    return facts(story.case).keys


def test_show_gives_the_case_with_its_messages_in_a_mail_that_can_be_answered():
    story = a_story("In progress")
    story.mail(ANNA, "note: they owe us money")
    (notice,) = asks(story, LEA, "show 1").notices
    assert (notice.template, notice.to, notice.case, notice.reply) == ("case_shown", LEA, 1, Visibility.PUBLIC)
    messages = notice.data["messages"]
    assert isinstance(messages, list)
    assert [(m["text"], m["internal"]) for m in messages] == [
        ("The printer is on fire.", False),
        ("they owe us money", True),
    ]
    assert str(messages[0]["heading"]).startswith(f"Mari Maasikas <{CUSTOMER}>, Monday 2 March 2026, 10:00")
    assert notice.data["earlier"] == 0


def test_two_cases_are_shown_in_two_mails():
    story = a_story("In progress")
    story.mail(CUSTOMER, "Another matter.", case=9, subject="Lamp")
    decision = asks(story, ANNA, "show 1\nshow 2")
    assert [notice.case for notice in decision.notices] == [1, 2]


def test_of_a_long_case_the_newest_messages_are_shown():
    story = a_story("In progress")
    for number in range(5):
        story.mail(CUSTOMER, f"{number} " + "x" * (LONGEST_MESSAGE + 1))
    (notice,) = asks(story, ANNA, "show HD-1").notices
    messages = notice.data["messages"]
    assert isinstance(messages, list)
    assert [m["text"][0] for m in messages] == ["2", "3", "4"]
    assert messages[0]["text"].endswith(" [...]")
    assert notice.data["earlier"] == 3


def test_what_is_held_back_or_said_past_the_engineer_is_not_shown():
    story = a_story("In progress", process=changed(modera(), privacy={"patterns": [r"\d{11}"]}))
    story.mail(CUSTOMER, "My number is 38001010000.")
    (notice,) = asks(story, ANNA, "show 1").notices
    assert "38001010000" not in str(notice)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param("show 99", "there is no case HD-99", id="no such case"),
        pytest.param("show XY-1", "XY-1 is no number of this desk", id="another desk's"),
        pytest.param("search", "'search' needs words", id="search for nothing"),
        pytest.param("list mine\nlist team", "one list or search in a mail", id="two lists"),
        pytest.param("list mine\nThe lamp is broken.", "these words are for nobody", id="words"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_reason(said: str, why: str):
    story = a_story()
    decision = asks(story, ANNA, said)
    (receipt,) = decision.notices
    assert receipt.template == "command_result"
    assert why in str(receipt.data["lines"])
    assert decision.ending is Ending.IGNORED


def test_a_slip_in_a_case_is_refused_before_it_goes_out_as_words():
    story = a_story("In progress")
    (receipt,) = story.mail(ANNA, "list mien").notices
    assert receipt.template == "command_result"
    assert "does not take 'mien'" in str(receipt.data["lines"])
    assert told(story.mail(ANNA, "List the rooms, please.")) == {(CUSTOMER, "answer")}


def test_from_the_shell_a_list_is_refused_for_it_has_its_own():
    story = a_story()
    story.word(ANNA, "list mine")
    assert "answered by mail" in story.last.reason


def test_a_customer_is_told_of_their_own_cases_and_no_case_is_made():
    story = Story()
    decision = asks(story, CUSTOMER, "list", found=(a_case(),), subject="list")
    (notice,) = decision.notices
    assert (notice.template, notice.to, notice.visibility) == ("case_list", CUSTOMER, Visibility.PUBLIC)
    assert notice.data["kind"] == "mine"
    assert story.cases == {}


def test_a_customer_may_ask_in_their_case_too():
    story = a_story("In progress")
    decision = asks(story, CUSTOMER, "list", keys=story_keys(story), found=(story.case,))
    assert told(decision) == {(CUSTOMER, "case_list")}


def test_a_customer_whom_only_the_reply_address_proves_is_refused():
    story = a_story("In progress")
    decision = story.mail(CUSTOMER, "list", proofs=CLAIMED)
    assert told(decision) == {(CUSTOMER, "command_result")}
    (receipt,) = [n for n in decision.notices if n.template == "command_result"]
    assert "vouches for" in str(receipt.data["lines"])


def test_a_stranger_who_writes_list_opens_a_case_like_anybody():
    story = Story()
    decision = asks(story, STRANGER, "list", proofs=CLAIMED)
    assert decision.ending is Ending.NEW
    assert "case_list" not in {notice.template for notice in decision.notices}


def test_an_automatic_answer_over_the_limits_is_not_sent():
    story = Story()
    mail = a_mail("list", subject="list", answerable=False)
    given = replace(facts(), listed=Listed(query=Query(requester=CUSTOMER)))
    decision = story.happens(MailArrived(mail=mail, envelope=an_envelope()), given, NOON)
    assert decision.notices == ()
    assert decision.ending is Ending.IGNORED


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("#Split: The lamp", True),
        ("HD-3 split", True),
        ("Aufteilen: Die Lampe", True),
        ("jaga: lamp", True),
        ("scinder: la lampe", True),
        ("dividir: la lámpara", True),
        ("take\nclose", False),
    ],
)
def test_messages_are_looked_up_where_a_line_may_split_a_case(text: str, may: bool):
    assert may_split(text) is may


@pytest.mark.parametrize(
    ("number", "query"),
    [
        pytest.param("30", MINE, id="what-the-mail-wants-that-waits"),
        pytest.param("31", None, id="the-letter-of-another-mail"),
    ],
)
def test_a_yes_looks_up_what_the_mail_that_waits_for_it_wants_to_see(number: str, query: Query | None):
    waits = a_mail("cc add x@customer.test\nlist mine\nshow HD-4", sender=ANNA)
    keys = ThreadKeys(tokens=(a_token(1, ANNA, visibility=Visibility.INTERNAL, mark=mark(WORD, number)),))
    given: Facts = facts(sender=ANNA, directory=PEOPLE, proofs=VERIFIED, keys=keys, parked={30: waits})
    cause = MailArrived(mail=a_mail("yes", sender=ANNA), envelope=an_envelope())
    found = wanted(cause, given, modera())
    assert (found.query, found.numbers) == (query, (4,) if query else ())
