"""A dangerous command without enough proof waits for one word, asked at the registered address (`semantics.md` 22)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.decision import Decision, Ending, MailArrived, Notice
from mailbot.event import MessageAdded, WatchersChanged
from mailbot.facts import Facts, Found, ThreadKeys
from mailbot.mail import Mail, Mailbox
from mailbot.people import SUFFICIENT, Needs, Proof, ReplyTokens
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    SESSION,
    VERIFIED,
    Story,
    a_desk,
    a_mail,
    a_story,
    a_token,
    an_envelope,
    at,
    facts,
    names,
    told,
    who,
)

FRIEND = "friend@customer.test"
BOUND = frozenset({Proof.CLAIMED, Proof.VERIFIED, Proof.TOKEN})
TEXT = f"cc add {FRIEND}\nBob helps us from now on."


def asked(story: Story, said: str = TEXT, **keys) -> tuple[Notice, Mail]:
    """Anna asks for something dangerous without a log-in; returns the question and her mail."""
    decision = story.mail(ANNA, said, proofs=keys.pop("proofs", BOUND), inbox_id=77, **keys)
    (question,) = [notice for notice in decision.notices if notice.template == "confirm_command"]
    return question, a_mail(said, sender=ANNA)


def answer(story: Story, question: Notice, waits: Mail, said: str = "yes", **keys) -> Decision:
    """Somebody answers at the address of the question."""
    person = keys.pop("person", ANNA)
    token = replace(a_token(1, keys.pop("of", person), visibility=question.reply), mark=question.mark)
    in_address = story.desk.reply_tokens is not ReplyTokens.NONE
    given = Facts(
        desk=story.desk,
        directory=story.directory,
        proofs=keys.pop("proofs", VERIFIED),
        principal=who(person),
        found=Found(cases=story.cases),
        keys=ThreadKeys(tokens=(token,) if in_address else (), tagged=(token,)),
        next_number=2,
        parked={77: waits} if person == ANNA else {},
        internal_lines=story.internal_lines,
    )
    admitted = keys.pop("admitted", False)
    mail = a_mail(said, sender=person, **keys)
    cause = MailArrived(mail=mail, envelope=an_envelope(), inbox_id=78, admitted=admitted)
    return story.happens(cause, given, story.now)


def refusal(decision: Decision) -> str:
    (notice,) = [notice for notice in decision.notices if notice.template == "command_result"]
    lines = notice.data["lines"]
    assert isinstance(lines, list)
    assert not lines[0]["ok"]
    return str(lines[0]["said"])


def test_the_whole_mail_waits_and_its_sender_is_asked_at_the_registered_address():
    story = a_story("In progress")
    before = len(story.notices)
    question, _ = asked(story, from_=Mailbox(address="anna.agent@home.test"))
    assert [(n.to, n.template) for n in story.notices[before:]] == [(ANNA, "confirm_command")]
    assert question.data["lines"] == [f"cc add {FRIEND}"]
    assert question.data["text"] == "Bob helps us from now on."
    assert names(story.last) == ["CommandsParked"]
    assert not story.case.watchers


def test_a_yes_lets_all_of_it_run_as_it_would_have():
    story = a_story("In progress")
    question, waits = asked(story)
    decision = answer(story, question, waits)
    assert story.case.watchers == (FRIEND,)
    assert [h.event.text for h in decision.happened if isinstance(h.event, MessageAdded)] == [
        "Bob helps us from now on."
    ]
    assert told(decision) >= {(ANNA, "command_result"), (FRIEND, "answer"), (CUSTOMER, "answer")}
    assert story.case.parked == ()


@pytest.mark.parametrize("said", ["Yes.", "YES", "yes\n\nBest regards,\nAnna", "ja", "Jah!", "oui", "sí"])
def test_a_yes_is_known_in_any_dress(said: str):
    story = a_story("In progress")
    answer(story, *asked(story), said)
    assert story.case.watchers == (FRIEND,)


@pytest.mark.parametrize("said", ["", "no", "yes, but not him", "yes\nBut wait until tomorrow.", "Who asks?"])
def test_anything_else_is_answered_and_nothing_runs(said: str):
    story = a_story("In progress")
    question, waits = asked(story)
    assert "single word" in refusal(answer(story, question, waits, said))
    assert not story.case.watchers
    answer(story, question, waits)
    assert story.case.watchers == (FRIEND,)


def test_a_second_yes_is_answered_and_runs_nothing():
    story = a_story("In progress")
    question, waits = asked(story)
    answer(story, question, waits)
    before = story.case
    assert "answered already" in refusal(answer(story, question, waits))
    assert story.case == before


def test_a_yes_that_comes_too_late_is_answered_and_runs_nothing():
    story = a_story("In progress")
    question, waits = asked(story)
    story.now += timedelta(hours=1, seconds=1)
    assert "too late" in refusal(answer(story, question, waits))
    assert not story.case.watchers


def test_what_came_too_late_is_forgotten_when_something_else_waits():
    story = a_story("In progress")
    asked(story)
    story.now += timedelta(hours=2)
    asked(story)
    assert len(story.case.parked) == 1


@pytest.mark.parametrize(
    ("person", "proofs"),
    [(BEN, VERIFIED), (BEN, SESSION), (ANNA, frozenset({Proof.CLAIMED})), (CUSTOMER, VERIFIED)],
    ids=["colleague", "colleague-logged-in", "unproven", "customer"],
)
def test_nobody_else_says_yes(person: str, proofs: frozenset[Proof]):
    story = a_story("In progress")
    question, waits = asked(story)
    decision = answer(story, question, waits, person=person, of=ANNA, proofs=proofs)
    assert not story.case.watchers
    assert not [h for h in decision.happened if isinstance(h.event, WatchersChanged)]


def test_a_colleagues_own_token_confirms_nothing_of_hers():
    story = a_story("In progress")
    question, waits = asked(story)
    assert "answered already" in refusal(answer(story, question, waits, person=BEN))
    assert not story.case.watchers


def test_words_that_stay_inside_stay_there_after_the_yes():
    story = a_story("In progress")
    question, waits = asked(story, f"cc add {FRIEND}\nnote\nHe is difficult.")
    assert question.data["internal"] is True
    decision = answer(story, question, waits)
    assert story.case.watchers == (FRIEND,)
    assert all("difficult" not in notice.words for notice in decision.notices if notice.to in (CUSTOMER, FRIEND))


def test_what_would_be_refused_is_refused_at_once():
    story = a_story("In progress")
    decision = story.mail(ANNA, f"cc add {BEN}", proofs=BOUND)
    assert "command_result" in {template for _, template in told(decision)}
    assert "CommandsParked" not in names(decision)


def test_a_refusal_after_the_yes_undoes_all_of_it():
    story = a_story("In progress")
    story.mail(ANNA, f"cc add {FRIEND}", proofs=SESSION)
    question, waits = asked(story, f"cc remove {FRIEND}")
    story.mail(ANNA, f"cc remove {FRIEND}", proofs=SESSION)
    assert "does not hear of the case" in refusal(answer(story, question, waits))
    assert [one.inbox_id for one in story.case.parked] == [77]


def test_without_a_dangerous_command_nothing_waits():
    story = a_story("In progress")
    story.mail(ANNA, "priority P1", proofs=BOUND)
    assert (story.case.priority, story.case.parked) == ("P1", ())


def test_with_a_log_in_nothing_waits():
    story = a_story("In progress")
    story.mail(ANNA, f"cc add {FRIEND}", proofs=SESSION)
    assert story.case.watchers == (FRIEND,)


def test_where_only_the_shell_may_do_it_nobody_is_asked():
    table = {**SUFFICIENT, Needs.DANGEROUS: ()}
    story = a_story("In progress", desk=a_desk(needs=table))
    assert "logged in" in refusal(story.mail(ANNA, f"cc add {FRIEND}", proofs=BOUND))


def test_where_addresses_hold_no_token_the_answered_letter_says_which():
    story = a_story("In progress", desk=a_desk(reply_tokens=ReplyTokens.NONE))
    answer(story, *asked(story))
    assert story.case.watchers == (FRIEND,)


def test_a_line_of_an_internal_notice_keeps_the_mail_back_all_the_same():
    story = a_story("In progress")
    story.internal_lines = frozenset({"the secret plan of the house"})
    decision = story.mail(ANNA, f"cc add {FRIEND}\nThe secret plan of the house", proofs=BOUND)
    assert decision.ending is Ending.HELD


def test_an_internal_line_does_not_become_ones_own_by_a_note_that_waits():
    story = a_story("In progress")
    secret = "The secret plan of the house"
    story.mail(ANNA, f"cc add {FRIEND}\nnote\n{secret}", proofs=BOUND)
    assert [one.internal for one in story.case.parked] == [True]
    story.internal_lines = frozenset({secret.lower()})
    waits = a_mail(f"cc add {FRIEND}\nnote\n{secret}", sender=ANNA)
    given = facts(story.case, sender=ANNA, proofs=SESSION, keys=ThreadKeys(tokens=(a_token(1, ANNA),)))
    given = replace(given, internal_lines=story.internal_lines, parked={story.case.parked[0].inbox_id: waits})
    mail = MailArrived(mail=a_mail(f"Dear Mari\n{secret}", sender=ANNA), envelope=an_envelope(), inbox_id=99)
    assert story.happens(mail, given, story.now).ending is Ending.HELD


def test_an_answer_that_a_colleague_overtook_meanwhile_is_held_and_nothing_of_it_is_lost():
    story = a_story("In progress")
    written = at("2026-03-02 10:04")
    question, waits = asked(story, when="2026-03-02 10:05", date=written)
    waits = replace(waits, date=written)
    story.mail(BEN, "We have ordered a new one.", "2026-03-02 10:10")
    story.now = at("2026-03-02 10:15")
    decision = answer(story, question, waits, message_id="<yes@example.com>")
    assert (decision.ending, names(decision)) == (Ending.HELD, ["MailHeld"])
    (held,) = decision.notices
    assert (held.to, held.template, held.author) == (ANNA, "held", BEN)
    assert (held.in_reply_to, held.data["inbox_id"]) == ("<yes@example.com>", 78), "`send` lets the answer in"
    assert [one.inbox_id for one in story.case.parked] == [77]
    story.now += timedelta(hours=2)
    answer(story, question, waits, admitted=True)
    assert (story.case.watchers, story.case.parked) == ((FRIEND,), ())
    assert "Bob helps us from now on." in {notice.words for notice in story.last.notices if notice.to == CUSTOMER}
    assert story.folded()[1] == story.case
