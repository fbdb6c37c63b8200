"""A burst of notices is one mail where the desk wants that, and every one of them is accounted for."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mailbot.engine.bundles import Bundles
from mailbot.facts import Reported, ThreadKeys
from mailbot.ports.records import OutboxMail, OutboxState
from mailbot.rules.case.evolve import evolve
from mailbot.store.outbox import letter_of
from mailbot.store.schema import outbox
from tests.builders import at
from tests.companies.rehearsal import ANNA, BOB, JAAN, MARI, Rehearsal, answer, mail, person

TEN = [f"2026-03-02 10:00:{second:02}" for second in (0, 20, 40)]


def opened(within: int = 60) -> Rehearsal:
    """Anna's case is Mari's, and nothing of it waits any more."""
    desk = Rehearsal("modera", people=[person(ANNA), person(BOB)], bundle_within=timedelta(seconds=within))
    return desk.play(
        mail("2026-03-02 09:00", ANNA, "The printer burns."),
        answer("2026-03-02 09:05", MARI, "take"),
        until="2026-03-02 09:30",
    )


@pytest.fixture
def burst() -> Rehearsal:
    """Anna sends three mails within a minute."""
    return opened().play(*(answer(when, ANNA, f"Word of {when}.") for when in TEN), until="2026-03-02 10:30")


def letters(desk: Rehearsal, *templates: str) -> list[OutboxMail]:
    """Mari's letters, whatever became of them."""
    rows = sa.select(outbox).where(outbox.c.recipient == MARI, outbox.c.template.in_(templates)).order_by(outbox.c.id)
    with desk.store.reading() as connection:
        return [letter_of(row) for row in connection.execute(rows)]


def test_three_mails_of_a_customer_are_one_mail_to_whose_case_it_is(burst: Rehearsal):
    (one,) = letters(burst, "bundle")
    assert (one.state, one.case, one.created) == (OutboxState.QUEUED, 1, at("2026-03-02 10:01"))
    assert one.text.startswith(f"##- Write above this line. Your answer goes to {ANNA}. -##")
    places = [one.text.index(f"Word of {when}.") for when in TEN]
    assert places == sorted(places)
    assert one.text.count("  take ") == 1
    parts = letters(burst, "customer_answered")
    assert [(part.state, part.bundled_into) for part in parts] == [(OutboxState.BUNDLED, one.id)] * 3
    shown = [step.what for step in burst.store.trace(parts[2].message_id)]
    assert f"letter {parts[2].id}: goes out in the mail of letter {one.id}" in shown
    assert burst.store.verify(evolve) == []


def test_an_answer_to_it_reaches_the_customer_and_each_of_its_notices_still_leads_to_the_case(burst: Rehearsal):
    (one,) = letters(burst, "bundle")
    (address,) = [value for name, value in one.fields if name == "Reply-To"]
    burst.trust = "verified"
    burst.play(mail("2026-03-02 11:00", MARI, "We come.", to=address, subject="Re: [HD-1] Printer"))
    assert "We come." in burst.told.text("answer", ANNA)
    for part in letters(burst, "customer_answered", "bundle"):
        assert burst.store.find(ThreadKeys(message_ids=(part.message_id,))).by_message_id == {part.message_id: 1}
        known = burst.store.find(ThreadKeys(), report_of=part.message_id).reported
        assert known == Reported(1, MARI, part.template, part.message_id)


@pytest.fixture
def cases() -> Rehearsal:
    """Three of Bob's cases begin within a minute."""
    mails = (mail(when, BOB, f"Lift of {when}.", subject=f"Lift {n}") for n, when in enumerate(TEN))
    return opened().play(*mails, until="2026-03-02 10:30")


def test_a_burst_over_several_cases_has_an_address_for_each(cases: Rehearsal):
    (one,) = letters(cases, "bundle")
    assert (one.case, one.subject) == (None, "3 notices on HD-2, HD-3, and HD-4")
    addresses = re.findall(r"goes to the customer:\n(support\+\w{44}@example\.com)", one.text)
    cases.trust = "verified"
    cases.play(mail("2026-03-02 11:00", MARI, "take", to=addresses[1], subject="Re: Lift"))
    assert [cases.case(number).assignee for number in (2, 3, 4)] == ["", MARI, ""]
    # Words in answer to all of them are nobody's.
    cases.trust = "session"
    cases.play(mail("2026-03-02 11:05", MARI, "I come.", fields={"In-Reply-To": one.message_id}))
    assert [cases.case(number).messages for number in (2, 3, 4)] == [1, 1, 1]


def test_a_report_that_it_did_not_arrive_is_told_to_a_case_of_it(cases: Rehearsal):
    (one,) = letters(cases, "bundle")
    known = cases.store.find(ThreadKeys(), report_of=one.message_id).reported
    assert known == Reported(2, MARI, "case_new", one.message_id)


def test_where_its_mail_fails_each_notice_goes_out_by_itself_and_is_told_once(cases: Rehearsal):
    (one,) = letters(cases, "bundle")
    claimed = cases.store.claim_letters(cases.now, 50)
    (whole,) = [letter for letter in claimed if letter.id == one.id]
    cases.store.finish_letter(whole, OutboxState.FAILED, "552 too large", cases.now)
    assert {part.state for part in letters(cases, "case_new")[1:]} == {OutboxState.QUEUED}
    assert cases.store.undelivered(9) == []
    assert len(cases.store.claim_letters(cases.now, 50)) >= 3


def test_nothing_waits_alone_for_longer_and_goes_out_as_it_is():
    desk = opened().play(answer(TEN[0], ANNA, "One word."), until="2026-03-02 10:00:59")
    (one,) = letters(desk, "customer_answered")
    assert one.state is OutboxState.GATHERING
    desk.until("2026-03-02 10:01")
    assert [part.state for part in letters(desk, "customer_answered", "bundle")] == [OutboxState.QUEUED]


def test_what_does_not_wait_comes_at_once_and_behind_what_was_before_it():
    desk = opened().play(answer(TEN[0], ANNA, "One word."), answer(TEN[1], MARI, "priority P1"))
    assert [part.state for part in letters(desk, "customer_answered", "command_result")] == [OutboxState.QUEUED] * 3
    desk.play(answer(TEN[2], ANNA, "Hurry!"))
    assert letters(desk, "customer_answered")[-1].state is OutboxState.QUEUED


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_customers_never_wait(burst: Rehearsal):
    burst.play(answer("2026-03-02 11:00", MARI, "ask: Which?"), answer("2026-03-02 11:00:10", MARI, "On floor 2?"))
    own = [letter for letter in burst.told.letters if letter.to == ANNA]
    assert {letter.state for letter in own} == {OutboxState.QUEUED}


def test_without_the_key_every_notice_goes_at_once():
    desk = opened(0).play(*(answer(when, ANNA, "Word.") for when in TEN))
    assert [part.state for part in letters(desk, "customer_answered", "bundle")] == [OutboxState.QUEUED] * 3


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_what_waited_when_the_key_was_taken_away_goes_out():
    desk = opened().play(*(answer(when, ANNA, "Word.") for when in TEN[:2]))
    desk.bundle_within = timedelta(0)
    desk.until("2026-03-02 10:30")
    assert {part.state for part in letters(desk, "customer_answered")} == {OutboxState.BUNDLED}


def test_what_cannot_be_put_together_goes_out_one_by_one(monkeypatch: pytest.MonkeyPatch):
    desk = opened().play(*(answer(when, ANNA, "Word.") for when in TEN[:2]))

    def breaks(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Bundles, "_settle", breaks)
    desk.until("2026-03-02 10:30")
    assert [part.state for part in letters(desk, "customer_answered", "bundle")] == [OutboxState.QUEUED] * 2


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_letter_that_an_operator_sends_off_is_in_no_bundle():
    desk = opened().play(*(answer(when, ANNA, "Word.") for when in TEN))
    first = letters(desk, "customer_answered")[0]
    assert desk.store.queue_retry(first.id, desk.now)
    desk.until("2026-03-02 10:30")
    states = [part.state for part in letters(desk, "customer_answered")]
    assert states == [OutboxState.QUEUED, OutboxState.BUNDLED, OutboxState.BUNDLED]
    assert desk.told.notices(JAAN, "bundle") == []
