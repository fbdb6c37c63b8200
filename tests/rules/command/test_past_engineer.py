"""Past the engineer concerned, and advice inside the case: the ways that the company's own scenarios do not go."""

from pathlib import Path
from typing import Any

import pytest

from mailbot.event import Escalated, MessageAdded, Visibility
from mailbot.people import Person, Role
from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.rules.identity.correlate import choose
from tests.builders import ANNA as KIM
from tests.builders import CLAIMED, CUSTOMER, MAX, MODERA_FILE, NOON, Story, a_case, a_directory, a_mail, facts
from tests.companies.rehearsal import (
    ANNA,
    ESCALATIONS,
    JAAN,
    LENA,
    MARI,
    SUPPORT,
    Rehearsal,
    answer,
    edited,
    mail,
    person,
)

CIA, COO = "cia@example.com", "coo@example.com"
ABOVE = (person(CIA, "customer-success-manager"), person(COO, "coo"))
OPENED = mail("2026-03-02 09:00", ANNA, "How do I send an invoice?")
TAKEN = answer("2026-03-02 09:30", MARI, "take")
RUDE = "past the engineer: RUDE he shouted"


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """Advendio with an escalation address of its own."""
    return edited(
        "advendio", lambda text: text.replace("[escalation]", '[escalation]\naddress = "escalations"'), tmp_path
    )


def played(process: Process, *mails: Any, people: Any = ABOVE) -> Any:
    desk = Rehearsal(process, people=people)
    told = desk.play(OPENED, TAKEN, *mails).told
    desk.store.close()
    return told


def unseen(told: Any) -> bool:
    return all("RUDE" not in told.all_text(member) for member in (MARI, JAAN, LENA))


def test_a_complaint_at_the_escalation_address_is_kept_from_the_team(process: Process):
    told = played(process, mail("2026-03-02 10:00", ANNA, f"HD-1: {RUDE}", to=ESCALATIONS))
    assert told.one("Escalated")["to"] == CIA
    assert "RUDE" in told.text("escalated", CIA)
    assert unseen(told)
    assert "RUDE" not in str(told.lines)


def test_one_that_names_a_case_that_is_none_is_kept_from_the_leads_too(process: Process):
    told = played(process, mail("2026-03-02 10:00", ANNA, f"HD-9: {RUDE}", to=ESCALATIONS))
    assert told.events("Escalated") == []
    assert "RUDE" in told.text("held", CIA)
    assert unseen(told)


def test_a_sender_who_wants_no_automatic_answer_gets_none(process: Process):
    fields = {"Auto-Submitted": "no", "X-Auto-Response-Suppress": "All"}
    told = played(process, mail("2026-03-02 10:00", ANNA, f"escalate {RUDE}", subject="Complaint", fields=fields))
    assert told.one("MailHeld")["reason"].startswith("unclear: a complaint past the engineer")
    assert unseen(told)


def test_an_escalation_that_wants_no_automatic_answer_is_still_shown_to_a_lead(process: Process):
    fields = {"X-Auto-Response-Suppress": "All"}
    told = played(process, mail("2026-03-02 10:00", ANNA, "HD-9: too slow", to=ESCALATIONS, fields=fields))
    assert told.notices(ANNA, "escalation_missing") == []
    assert "too slow" in told.text("held", LENA)


def test_from_the_shell_a_complaint_without_a_reason_is_refused(process: Process):
    desk = Rehearsal(process, people=ABOVE).play(OPENED, TAKEN)
    desk.say("2026-03-02 10:00", "escalate past the engineer", actor=ANNA)
    assert desk.told.events("Escalated") == []
    assert desk.told.refusals() == [
        "an escalation needs its reason: write 'escalate past the engineer:' and the reason"
    ]
    desk.store.close()


def test_a_member_who_was_told_in_confidence_keeps_it_so_only_in_answer_to_that(tmp_path: Path):
    led = edited("advendio", lambda text: text.replace('role = "coo"', 'role = "manager"'), tmp_path)
    boss = "boss@example.com"
    desk = Rehearsal(led, people=(person(boss, "manager"),)).play(OPENED, TAKEN)
    desk.play(answer("2026-03-02 10:00", ANNA, f"escalate {RUDE}"))
    assert desk.told.one("Escalated")["to"] == boss
    # Not in answer to the notice, which cannot be quoted here: an ordinary mail of a member about the case.
    desk.play(answer("2026-03-02 11:00", boss, "note: I look after this case."))
    assert "I look after this case." in desk.told.text("note", MARI)
    desk.store.close()


def test_a_managers_answer_to_a_complaint_in_confidence_is_kept_from_the_team(tmp_path: Path):
    led = edited("advendio", lambda t: t.replace('role = "customer-success-manager"', 'role = "manager"'), tmp_path)
    story = Story(process=led)
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00")
    story.mail(KIM, "take", "2026-03-02 09:30")
    story.mail(CUSTOMER, f"escalate {RUDE}", "2026-03-02 10:00")
    story.mail(MAX, "RUDE, I agree.", "2026-03-02 11:00", reply=Visibility.INTERNAL)
    assert story.case.confidants == (MAX,)
    assert story.last.notices == ()
    assert "RUDE" not in str(story.last.happened)


def test_who_answers_our_internal_notice_writes_inside_the_case_whatever_the_directory_says():
    story = Story()
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00")
    former = "former@example.com"
    story.mail(former, "I know this fault.", "2026-03-02 10:00", reply=Visibility.INTERNAL)
    (added,) = [h.event for h in story.last.happened if isinstance(h.event, MessageAdded)]
    assert added.visibility is Visibility.INTERNAL
    assert not [n for n in story.last.notices if n.to == CUSTOMER]


def test_an_adviser_is_led_to_the_case_by_its_number_and_a_stranger_is_not():
    adviser = Person(address="pia@example.com", role="product-management")
    known = facts(a_case(), sender=adviser.address, directory=a_directory(adviser))
    led = choose(a_mail("It is a bug.", sender=adviser.address), known, NOON)
    assert led.case is not None
    assert choose(a_mail("It is a bug.", sender="stranger@elsewhere.test"), known, NOON).case is None


def test_an_adviser_without_proof_is_not_let_in():
    adviser = Person(address="pia@example.com", role="product-management")
    known = facts(a_case(), sender=adviser.address, directory=a_directory(adviser), proofs=CLAIMED)
    assert choose(a_mail("It is a bug.", sender=adviser.address), known, NOON).case is None


@pytest.mark.parametrize("role", [*Role])
def test_members_and_customers_are_no_advisers(role: Role):
    directory = a_directory(Person(address="x@example.com", role=role))
    assert directory.adviser("x@example.com") is None


def test_above_the_last_level_a_complaint_past_the_engineer_is_shown_to_nobody(process: Process):
    rehearsal = Rehearsal(process, people=ABOVE)
    said = ["HD-1: slow", "HD-1: still slow", "HD-1: too slow", f"HD-1: {RUDE}"]
    complaints = [mail(f"2026-03-03 1{n}:00", ANNA, text, to=ESCALATIONS) for n, text in enumerate(said)]
    told = rehearsal.play(OPENED, TAKEN, *complaints).told
    assert len(told.refusals()) == 1
    assert all("RUDE" not in told.all_text(member) for member in (MARI, JAAN, LENA))


@pytest.mark.parametrize(
    "asked",
    [
        "Could you please escalate this past the engineer? RUDE he is.",
        "We are very unhappy. Please escalate this past the engineer, RUDE he is.",
        "I want this to go to your manager, over the head of my support engineer. RUDE he is.",
        "I am escalating this past the engineer, RUDE he is.",
        "eskalieren past the engineer: RUDE",
        "eskalieren am Techniker vorbei: RUDE",
        "Ich möchte das an Ihren Vorgesetzten eskalieren, am Techniker vorbei. RUDE ist er.",
        "Palun eskaleerige see insenerist mööda, RUDE on ta.",
        "Merci de faire remonter ce dossier sans passer par le technicien, RUDE.",
        "Quiero escalar esto por encima del técnico. RUDE.",
        f"{'It is a long story. ' * 100}\n\nPlease escalate this past the engineer: RUDE.\n\n{'There is more. ' * 100}",
    ],
)
def test_however_it_is_said_a_complaint_past_the_engineer_reaches_nobody_of_the_team(asked: str):
    story = _taken()
    decision = story.mail(CUSTOMER, asked, "2026-03-02 10:00")
    told = {notice.to for notice in decision.notices if "RUDE" in f"{notice.words} {notice.data}"}
    assert told == {CIA}
    assert [h.event.in_confidence for h in decision.happened if isinstance(h.event, Escalated)] == [True]
    assert "RUDE" not in str(decision.happened)


@pytest.mark.parametrize(
    "said",
    [
        "I do not want to escalate this past the engineer.",
        "We got past the engineer at your gate, and the printer prints.",
        "J'ai remplacé la carte sans passer par le technicien.",
    ],
)
def test_what_asks_for_nobody_higher_is_an_answer_to_the_engineer(said: str):
    decision = _taken().mail(CUSTOMER, said, "2026-03-02 10:00")
    assert not [h for h in decision.happened if isinstance(h.event, Escalated)]
    assert [notice.template for notice in decision.notices if notice.to == KIM] == ["customer_answered"]


def _taken() -> Story:
    people = [Person(address=CIA, role="customer-success-manager"), Person(address=COO, role="coo")]
    story = Story(process=load_process(MODERA_FILE.with_name("advendio.toml")), directory=a_directory(*people))
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00")
    story.mail(KIM, "take", "2026-03-02 09:30")
    return story


@pytest.mark.parametrize("to", [SUPPORT, ESCALATIONS])
def test_a_complaint_that_names_no_case_is_one_once_it_is_let_in_and_no_word_of_it_the_teams(process: Process, to: str):
    desk = Rehearsal(process, people=ABOVE).play(
        mail("2026-03-02 09:00", ANNA, f"escalate {RUDE}", subject="RUDE people", to=to)
    )
    assert desk.told.one("MailHeld")["reason"].startswith("unclear")
    desk.admit("2026-03-02 10:00", 1)
    told = desk.told
    desk.store.close()
    assert told.one("Escalated")["to"] == CIA
    assert "RUDE" in told.text("escalated", CIA)
    assert len(told.events("MailHeld")) == 1
    assert unseen(told)
