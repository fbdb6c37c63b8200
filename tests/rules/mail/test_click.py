"""One click: a mail to the address of one action runs exactly that, for that person and that case, and is answered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.decision import Decision, Ending, MailArrived
from mailbot.event import MessageAdded, StatusChanged, Visibility
from mailbot.facts import Facts, Found, ThreadKeys
from mailbot.people import Directory, Person, Proof
from mailbot.rules.command import actions
from mailbot.rules.command.actions import offered
from mailbot.rules.identity.correlate import TOKEN_LIFE
from mailbot.rules.identity.token import mark, word_mark
from mailbot.rules.mail.click import EXPIRED
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    SESSION,
    STRANGER,
    VERIFIED,
    WATCHER,
    Story,
    a_desk,
    a_mail,
    a_story,
    a_token,
    an_attachment,
    an_envelope,
    changed,
    modera,
    names,
    told,
    who,
)

#: What the link writes into the mail.
LINK = "##- HD-1: reopen. Take the case back into work.\nSend this mail as it is, or write more above these lines. -##"


def offers(story: Story, person: str) -> dict[str, bytes]:
    facts = Facts(desk=story.desk, directory=story.directory)
    return {one.word: one.mark for one in offered(facts, story.process, story.case, person, story.now)}


def click(story: Story, person: str, stamp: bytes, said: str = "", **keys) -> Decision:
    """`person` sends the mail that a link wrote, with these words above it."""
    token = a_token(keys.pop("number", 1), keys.pop("of", person), visibility=keys.pop("reply", Visibility.PUBLIC))
    member = story.directory.member(person) is not None
    facts = Facts(
        desk=story.desk,
        directory=story.directory,
        proofs=keys.pop("proofs", VERIFIED if member else CLAIMED),
        principal=who(person),
        found=Found(cases=story.cases),
        keys=ThreadKeys(tokens=(replace(token, mark=stamp),)),
        next_number=max(story.cases) + 1,
    )
    text = keys.pop("text", f"{said}\n\n{LINK}")
    mail = a_mail(said, sender=person, subject="[HD-1] reopen", text=text, **keys)
    return story.happens(MailArrived(mail=mail, envelope=an_envelope(), inbox_id=9), facts, story.now)


def answer(decision: Decision) -> str:
    (notice,) = [notice for notice in decision.notices if notice.template == "command_result"]
    lines = notice.data["lines"]
    assert isinstance(lines, list)
    return str(lines[0]["said"])


@pytest.mark.parametrize(
    ("status", "person", "words"),
    [
        ("Open", CUSTOMER, ["escalate"]),
        ("In progress", CUSTOMER, ["escalate"]),
        ("Waiting for customer", CUSTOMER, ["escalate"]),
        ("Waiting for approval", CUSTOMER, ["approve", "decline", "escalate"]),
        ("Fixed", CUSTOMER, ["confirm", "reopen", "escalate"]),
        ("Closed", CUSTOMER, ["reopen", "escalate"]),
        ("Open", ANNA, ["take", "ask", "fix", "estimate", "status"]),
        ("In progress", ANNA, ["ask", "fix", "estimate", "status"]),
        ("In progress", BEN, ["take", "ask", "fix", "estimate", "status"]),
        ("Closed", ANNA, ["reopen", "status"]),
    ],
)
def test_a_person_is_offered_what_they_can_do_now(status: str, person: str, words: list[str]):
    assert list(offers(a_story(status), person)) == words


@pytest.mark.parametrize(
    ("status", "word", "said", "after"),
    [
        ("Fixed", "confirm", "", "Closed"),
        ("Fixed", "reopen", "It smokes again.", "In progress"),
        ("Closed", "reopen", "", "In progress"),
        ("Waiting for approval", "approve", "", "In progress"),
        ("Waiting for approval", "decline", "Too expensive.", "In progress"),
    ],
)
def test_a_customers_click_does_its_one_thing(status: str, word: str, said: str, after: str):
    story = a_story(status)
    decision = click(story, CUSTOMER, offers(story, CUSTOMER)[word], said)
    assert story.case.status == after
    assert [h.event.text for h in decision.happened if isinstance(h.event, MessageAdded)] == ([said] if said else [])
    assert CUSTOMER in {to for to, _ in told(decision)}


def test_an_escalation_takes_the_words_above_the_link_as_its_reason():
    story = a_story("In progress")
    decision = click(story, CUSTOMER, offers(story, CUSTOMER)["escalate"], "Nobody answers me.")
    assert "Escalated" in names(decision)
    assert (CUSTOMER, "escalation_received") in told(decision)


def test_an_escalation_without_a_reason_is_answered():
    story = a_story("In progress")
    assert "needs its reason" in answer(click(story, CUSTOMER, offers(story, CUSTOMER)["escalate"]))
    assert story.case.escalation_level == 0


@pytest.mark.parametrize(("word", "after"), [("take", "In progress"), ("fix", "Fixed")])
def test_an_agents_click_runs_with_the_proofs_of_a_command(word: str, after: str):
    story = a_story("Open")
    decision = click(story, ANNA, offers(story, ANNA)[word])
    assert story.case.status == after
    assert (ANNA, "command_result") in told(decision)


def test_an_agents_words_above_the_link_go_along():
    story = a_story("In progress")
    decision = click(story, ANNA, offers(story, ANNA)["ask"], "Which printer is it?")
    assert story.case.status == "Waiting for customer"
    assert [n.words for n in decision.notices if n.to == CUSTOMER] == ["Which printer is it?"]


def test_words_at_a_link_of_an_internal_notice_stay_inside():
    story = a_story("In progress")
    decision = click(story, BEN, offers(story, BEN)["take"], "He shouts at us.", reply=Visibility.INTERNAL)
    assert story.case.assignee == BEN
    assert [n.words for n in decision.notices if n.to == CUSTOMER and n.words] == []


def test_a_word_that_needs_words_is_refused_without_them():
    story = a_story("In progress")
    assert "needs words of yours" in answer(click(story, ANNA, offers(story, ANNA)["ask"]))
    assert story.case.status == "In progress"


def test_other_commands_beside_an_agents_click_are_refused_and_nothing_runs():
    story = a_story("In progress")
    decision = click(story, BEN, offers(story, BEN)["take"], "priority P1")
    assert "does 'take' and nothing else" in answer(decision)
    assert (story.case.assignee, story.case.priority) == (ANNA, "P3")
    assert "does 'take' and nothing else" in answer(click(story, BEN, offers(story, BEN)["take"], "#nonsense"))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("HD-2 close: duplicate", id="for another case"),
        pytest.param("HD-2 ask: Which lamp is it?", id="the same word for another case"),
        pytest.param("HD-1 note: he is a liar", id="the case at hand by its number"),
        pytest.param("HD-2 #nonsense", id="no command, for another case"),
        pytest.param("notiz: er ist ein Pfuscher", id="a word of another language"),
        pytest.param("dry-run", id="only a trial"),
    ],
)
def test_lines_beside_an_agents_click_are_read_as_those_of_any_mail(line: str):
    story = a_story("In progress", desk=a_desk(languages=("en", "de")))
    story.mail(CUSTOMER, "The lamp is dark.", case=2, subject="Lamp")
    decision = click(story, ANNA, offers(story, ANNA)["ask"], f"{line}\nWhich printer is it?")
    assert "does 'ask' and nothing else" in answer(decision)
    assert (names(decision), told(decision)) == (["CommandRefused"], {(ANNA, "command_result")})
    assert (story.cases[1].status, story.cases[2].status) == ("In progress", "Open")


def test_the_same_word_written_above_the_link_is_the_same_wish():
    story = a_story("In progress")
    click(story, BEN, offers(story, BEN)["take"], "take")
    assert story.case.assignee == BEN


def test_a_customers_command_beside_the_click_is_text():
    story = a_story("Fixed")
    decision = click(story, CUSTOMER, offers(story, CUSTOMER)["reopen"], "close")
    assert story.case.status == "In progress"
    assert [h.event.text for h in decision.happened if isinstance(h.event, MessageAdded)] == ["close"]


def test_what_a_customer_wrote_below_the_link_is_not_lost():
    story = a_story("Closed")
    text = f"{LINK}\n\nIt smokes again.\n\n-- \nMari"
    decision = click(story, CUSTOMER, offers(story, CUSTOMER)["reopen"], text=text)
    assert [h.event.text for h in decision.happened if isinstance(h.event, MessageAdded)] == ["It smokes again."]


def test_an_attachment_goes_along():
    story = a_story("In progress")
    decision = click(story, ANNA, offers(story, ANNA)["fix"], attachments=(an_attachment(),))
    assert [len(n.carried) for n in decision.notices if n.to == CUSTOMER] == [1]


@pytest.mark.parametrize(
    ("status", "person", "word"),
    [
        ("Open", ANNA, "take"),
        ("In progress", ANNA, "fix"),
        ("Fixed", CUSTOMER, "confirm"),
        ("Closed", CUSTOMER, "reopen"),
        ("Waiting for approval", CUSTOMER, "approve"),
        ("Fixed", ANNA, "close"),
    ],
)
def test_a_second_click_says_that_it_is_done(status: str, person: str, word: str):
    story = a_story(status)
    stamp = offers(story, person)[word]
    click(story, person, stamp)
    before = story.case
    decision = click(story, person, stamp)
    assert "done already" in answer(decision)
    assert (story.case, names(decision)) == (before, ["MailIgnored"])


def test_a_customers_words_with_a_second_click_join_the_case():
    story = a_story("Closed")
    stamp = offers(story, CUSTOMER)["reopen"]
    click(story, CUSTOMER, stamp)
    decision = click(story, CUSTOMER, stamp, "Are you there?")
    assert "done already" in answer(decision)
    assert [h.event.text for h in decision.happened if isinstance(h.event, MessageAdded)] == ["Are you there?"]


def test_an_agents_words_with_a_second_click_come_back():
    story = a_story("In progress")
    stamp = offers(story, ANNA)["fix"]
    click(story, ANNA, stamp)
    decision = click(story, ANNA, stamp, "We changed the cable.")
    assert told(decision) == {(ANNA, "command_result")}
    assert decision.notices[0].data["text"] == "We changed the cable."


def test_a_yes_to_an_estimate_is_none_to_the_next_one():
    story = a_story("Waiting for approval")
    old = offers(story, CUSTOMER)["approve"]
    story.mail(CUSTOMER, "decline")
    story.mail(ANNA, "estimate: Ten days of work.", "2026-03-02 11:00")
    assert "moved on" in answer(click(story, CUSTOMER, old))
    assert story.case.status == "Waiting for approval"
    click(story, CUSTOMER, offers(story, CUSTOMER)["approve"])
    assert story.case.status == "In progress"


def test_an_old_click_does_not_escalate_further():
    story = a_story("In progress")
    old = offers(story, CUSTOMER)["escalate"]
    click(story, CUSTOMER, old, "Nobody answers me.")
    assert "moved on" in answer(click(story, CUSTOMER, old, "Nobody answers me."))
    assert story.case.escalation_level == 1


def test_a_word_that_the_process_has_no_more_is_answered():
    story = a_story("In progress")
    stamp = offers(story, ANNA)["ask"]
    story.process = changed(modera(), command=[c.model_dump() for c in modera().commands if c.word != "ask"])
    assert "is no more" in answer(click(story, ANNA, stamp))
    assert "is no more" in answer(click(story, CUSTOMER, mark("fix")))


def test_two_words_that_share_a_mark_are_both_left_out(monkeypatch: pytest.MonkeyPatch):
    same = {"ask": "fix"}
    monkeypatch.setattr(actions, "word_mark", lambda word: word_mark(same.get(word, word)))
    assert list(offers(a_story("In progress"), ANNA)) == ["estimate", "status"]


def test_a_click_by_somebody_else_runs_nothing_and_is_held():
    story = a_story("Fixed")
    before = story.case
    decision = click(story, STRANGER, offers(story, CUSTOMER)["confirm"], of=CUSTOMER, proofs=VERIFIED)
    assert (decision.ending, story.case) == (Ending.HELD, before)


@pytest.mark.parametrize(
    ("word", "said", "ending"),
    [
        pytest.param("confirm", "", Ending.IGNORED, id="the-click-alone"),
        pytest.param("confirm", "Thank you.", Ending.NEW, id="with-words"),
        pytest.param("reopen", "close", Ending.NEW, id="with-a-command"),
        pytest.param("no word of ours", "status", Ending.NEW, id="a-question-at-a-link-that-is-no-more"),
    ],
)
@pytest.mark.parametrize("person", [WATCHER, STRANGER])
def test_a_link_does_nothing_and_tells_nothing_of_a_case_that_one_hears_of_no_more(
    person: str, word: str, said: str, ending: Ending
):
    story = a_story("Fixed", desk=a_desk(colleagues=frozenset({"customer.test"})))
    story.mail(ANNA, f"cc add {person}")
    story.mail(ANNA, f"cc remove {person}")
    before = story.case
    decision = click(story, person, mark(word), said, proofs=VERIFIED)
    assert (decision.ending, story.case) == (ending, before)
    assert [n for n in decision.notices if n.to == person and (n.case == 1 or "HD-1" in str(n.data))] == []


def test_a_click_alone_at_such_a_link_is_answered_as_one_that_has_expired():
    decision = click(a_story("Fixed"), STRANGER, mark("confirm"))
    assert "has expired" in answer(decision)


@pytest.mark.parametrize("reply", Visibility)
@pytest.mark.parametrize(
    "now",
    [pytest.param((), id="gone"), pytest.param((Person(address=BEN, role="product-management"),), id="an-adviser-now")],
)
def test_a_link_of_who_was_a_member_brings_no_words_into_the_case(now: tuple[Person, ...], reply: Visibility):
    story = a_story("In progress")
    stamp = offers(story, BEN)["take"]
    people = (person for person in story.directory.people if person.address != BEN)
    story.directory = Directory(people=(*people, *now))
    before = story.case
    alone = click(story, BEN, stamp, reply=reply)
    assert (answer(alone), alone.ending) == (EXPIRED, Ending.IGNORED)
    decision = click(story, BEN, stamp, "She shouts at us.", reply=reply)
    assert (decision.ending, story.case) == (Ending.NEW, before)
    assert story.cases[2].related == 1


def test_a_colleagues_click_runs_nothing():
    story = a_story("Open")
    before = story.case
    decision = click(story, BEN, offers(story, ANNA)["take"], of=ANNA, proofs=SESSION)
    assert (decision.ending, story.case) == (Ending.HELD, before)


@pytest.mark.parametrize("proofs", [CLAIMED, frozenset[Proof]()], ids=["claimed", "nothing"])
def test_a_members_click_needs_more_than_its_address(proofs: frozenset[Proof]):
    story = a_story("Open")
    before = story.case
    decision = click(story, ANNA, offers(story, ANNA)["take"], proofs=proofs)
    assert (decision.ending, story.case) == (Ending.HELD, before)


@pytest.mark.parametrize("person", [ANNA, CUSTOMER])
def test_a_link_that_has_expired_says_so_and_opens_nothing(person: str):
    story = a_story("Fixed")
    stamp = offers(story, person)["reopen"]
    story.now += TOKEN_LIFE + timedelta(days=1)
    decision = click(story, person, stamp, proofs=SESSION)
    assert "has expired" in answer(decision)
    assert (decision.ending, len(story.cases)) == (Ending.IGNORED, 1)


def test_a_customers_words_at_an_expired_link_open_a_new_case():
    story = a_story("Fixed")
    stamp = offers(story, CUSTOMER)["reopen"]
    story.now += TOKEN_LIFE + timedelta(days=1)
    assert click(story, CUSTOMER, stamp, "It smokes again.").ending is Ending.NEW


def test_a_click_is_not_answered_over_the_limits():
    story = a_story("Closed")
    assert told(click(story, CUSTOMER, mark("close"), answerable=False)) == set()


def test_no_mark_of_another_word_case_or_person_runs_anything():
    """What a token says cannot be changed without its seal; here a forger who could still gets nothing else done."""
    story = a_story("Waiting for approval")
    story.mail(STRANGER, "Another matter.", case=2)
    for state in ("", "0", "elsewhere"):
        click(story, CUSTOMER, mark("approve", state))
        click(story, CUSTOMER, mark("decline", state))
    for case, person in ((2, CUSTOMER), (2, ANNA), (1, STRANGER)):
        click(story, STRANGER if person == STRANGER else person, offers(story, CUSTOMER)["approve"], number=case)
    changes = [type(event) for number in story.events for event in story.events[number][-1:]]
    assert story.case.status == "Waiting for approval"
    assert StatusChanged not in changes[1:]


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        pytest.param("Please hurry", ["approve"], id="words-alone"),
        pytest.param("confirm\nPlease hurry", ["approve", "confirm"], id="a-word-that-is-refused"),
    ],
)
def test_one_receipt_tells_of_a_link_that_does_nothing_and_of_what_was_refused_beside_it(said: str, lines: list[str]):
    story = a_story("In progress")
    decision = click(story, CUSTOMER, mark("approve", "an older state"), said)
    (receipt,) = [notice for notice in decision.notices if notice.template == "command_result"]
    told_lines = receipt.data["lines"]
    assert isinstance(told_lines, list)
    assert [line["line"] for line in told_lines] == lines
