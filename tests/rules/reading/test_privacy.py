"""The privacy gate: what is found, and what release and redact do with it."""

from dataclasses import replace

import pytest

from mailbot.event import TextRedacted, TextReleased
from mailbot.facts import Counters
from mailbot.mail import Mail
from mailbot.model import Withheld
from mailbot.process import Privacy, Process
from mailbot.rules.command import withhold
from mailbot.rules.reading.privacy import private
from mailbot.rules.reading.word import Given
from mailbot.rules.spoken import Actor, No, Said
from tests.builders import (
    ANNA,
    CUSTOMER,
    Story,
    a_case,
    a_draft,
    a_mail,
    an_attachment,
    changed,
    facts,
    modera,
    names,
    told,
)

RULES = Privacy(marks=("private", "subscriber data"), patterns=(r"^\d\d:\d\d \w+: ", r"^> .*\+\d{6}"), files=("chat",))
GATE = changed(modera(), privacy=RULES.model_dump())
ACTOR = Actor(address=ANNA, member=True)


@pytest.mark.parametrize(
    ("mail", "found"),
    [
        (a_mail("Private: she moved."), "marked as 'private'"),
        (a_mail("Hello\n[Subscriber data]\nShe moved."), "marked as 'subscriber data'"),
        (a_mail("Nothing.", subject="PRIVATE - a chat"), "marked as 'private'"),
        (a_mail("12:30 Berta: hello"), "looks like a conversation"),
        (a_mail("> 12:30 Berta: hello"), "looks like a conversation"),
        (a_mail("> call +372555"), "looks like a conversation"),
        (a_mail(attachments=(an_attachment("Chat.txt"),)), "the file 'Chat.txt'"),
    ],
)
def test_marks_patterns_and_file_names_are_found(mail: Mail, found: str) -> None:
    what = private(mail, RULES)
    assert what is not None
    assert found in what.found
    assert what.subject == mail.subject.startswith("PRIVATE")


@pytest.mark.parametrize(
    "mail",
    [
        a_mail("A private matter."),
        a_mail("At 12:30 Berta: hello"),
        a_mail(attachments=(an_attachment("photo.png"),)),
        a_mail("x" * 3_000 + "\n" + "12:30"),
        a_mail(text="Fine.\n##- Write above this line. -##\n> 12:30 Berta: hello", new_text="Fine."),
    ],
)
def test_other_mail_is_not(mail: Mail) -> None:
    assert private(mail, RULES) is None


def test_a_process_without_a_gate_finds_nothing() -> None:
    assert private(a_mail("Private: she moved."), None) is None


def test_what_is_quoted_counts_where_the_mail_has_no_words_of_its_own() -> None:
    mail = a_mail(text="##- Write above this line. -##\n12:30 Berta: hello", new_text="")
    assert private(mail, RULES) is not None


def test_the_digest_tells_one_mail_from_another() -> None:
    one, other = private(a_mail("Private: a"), RULES), private(a_mail("Private: b"), RULES)
    assert one is not None
    assert other is not None
    assert one.digest != other.digest


def test_a_new_case_and_an_answer_are_held_back() -> None:
    story = Story(process=GATE)
    story.mail(CUSTOMER, "Private: she moved.", subject="Private: Berta")
    assert story.case.subject == withhold.NO_SUBJECT
    assert [held.inbox_id for held in story.case.withheld] == [7]
    assert (CUSTOMER, "privacy_held") in told(story.last)
    assert (ANNA, "privacy_gate") in told(story.last)
    story.mail(CUSTOMER, "12:30 Berta: hello", inbox_id=8)
    assert names(story.last) == ["MessageAdded", "TextHeldBack", "MailHeld"]
    assert len(story.case.withheld) == 2
    assert all("Berta" not in str(notice) for notice in story.notices)


def test_a_held_answer_moves_a_case_that_waits_for_it() -> None:
    story = Story(process=GATE)
    story.mail(CUSTOMER, "It burns.")
    story.mail(ANNA, "take")
    story.mail(ANNA, "ask: Where?")
    story.mail(CUSTOMER, "12:30 Berta: here")
    assert story.case.status == "In progress"
    assert "StatusChanged" in names(story.last)


def test_over_the_limits_the_sender_is_not_told_but_the_team_is() -> None:
    story = Story(process=GATE)
    story.mail(CUSTOMER, "It burns.")
    story.mail(CUSTOMER, "Private: she moved.", counters=Counters(case_ten_minutes=10))
    assert not [one for one in told(story.last) if one[0] == CUSTOMER]
    assert (ANNA, "privacy_gate") in told(story.last)


@pytest.mark.parametrize("new_text", ["", "Private: she moved."])
def test_release_lets_it_into_the_case(new_text: str) -> None:
    mail = a_mail(text="Private: she moved.", new_text=new_text, attachments=(an_attachment(),))
    case = a_case(withheld=(Withheld(inbox_id=7, sender=CUSTOMER, digest="d"),))
    draft = a_draft(case, process=GATE, facts=replace(facts(case), withheld={7: mail}))
    outcome = withhold.release(draft, Given(word="release", argument="", line="release"), ACTOR)
    withhold.tell_released(draft)
    assert isinstance(outcome, Said)
    assert draft.events(TextReleased)[0].actor == ANNA
    assert draft.open_case.withheld == ()
    assert {notice.words for notice in draft.notices} == {"Private: she moved."}
    assert ANNA in {notice.to for notice in draft.notices}


def test_redact_takes_it_out_for_good() -> None:
    draft = a_draft(a_case(withheld=(Withheld(inbox_id=7, sender=CUSTOMER, digest="d"),)), process=GATE)
    refused = withhold.redact(draft, Given(word="redact", argument="", line="redact"), ACTOR)
    assert isinstance(refused, No)
    assert isinstance(withhold.redact(draft, Given(word="redact", argument="a chat", line=""), ACTOR), Said)
    gone = draft.events(TextRedacted)[0]
    assert (gone.inbox_id, gone.actor, gone.reason, gone.digest) == (7, ANNA, "a chat", "d")
    assert draft.open_case.withheld == ()


@pytest.mark.parametrize("word", ["release", "redact"])
def test_where_nothing_is_held_back_both_are_refused(word: str) -> None:
    draft = a_draft(a_case(), process=GATE)
    run = {"release": withhold.release, "redact": withhold.redact}[word]
    outcome = run(draft, Given(word=word, argument="x", line=word), ACTOR)
    assert isinstance(outcome, No)
    assert outcome.reason == "nothing of this case is held back"


def test_the_words_are_there_only_where_there_is_a_gate() -> None:
    assert _words(GATE) - _words(modera()) == {"release", "redact"}


def _words(process: Process) -> set[str]:
    story = Story(process=process)
    story.mail(CUSTOMER, "It burns.")
    story.mail(ANNA, "help")
    return {one["usage"].split()[0].strip(":") for one in story.notices[-1].data["commands"]}  # type: ignore[attr-defined]  # plain values
