"""An agent asks for cases by mail and answers them from the list; nobody sees what is not theirs."""

import re

import pytest

from tests.companies.rehearsal import ANNA, BOB, JAAN, MARI, SUPPORT, Rehearsal, Told, _arrival, answer, mail, person


@pytest.fixture
def desk() -> Rehearsal:
    """Two customers, two cases: Mari has the first and wrote a note into it."""
    rehearsal = Rehearsal("modera", people=[person(ANNA), person(BOB)])
    return rehearsal.play(
        mail("2026-03-02 09:00", ANNA, "The printer burns.", subject="Printer"),
        mail("2026-03-02 09:01", BOB, "The lift is stuck.", subject="Lift"),
        answer("2026-03-02 09:05", MARI, "take\nnote: her boss owes us money"),
    )


def said(desk: Rehearsal) -> Told:
    return Told(lines=(), letters=desk.store.queue_list())


def test_the_address_below_a_case_answers_that_case_for_who_asked_and_for_nobody_else(desk: Rehearsal):
    desk.play(mail("2026-03-02 10:00", MARI, "list team", subject="morning"))
    text = said(desk).text("case_list", MARI)
    addresses = re.findall(r"support\+\w{44}@example\.com", text)
    assert len(addresses) == 2
    assert "HD-1  Printer" in text
    desk.trust = "verified"
    desk.play(
        mail("2026-03-02 10:01", MARI, "priority P1", to=addresses[1], subject="Re: [HD-2] Lift"),
        mail("2026-03-02 10:02", JAAN, "priority P2", to=addresses[0], subject="Re: [HD-1] Printer"),
        mail("2026-03-02 10:03", BOB, "What do you say of her?", to=addresses[0], subject="Re: [HD-1] Printer"),
    )
    cases = {case.number: case for case in desk.store.cases()}
    assert (cases[2].priority, cases[1].priority, cases[1].messages) == ("P1", "P3", 2)


def test_a_case_that_was_asked_for_is_shown_and_answered_like_any_notice(desk: Rehearsal):
    desk.play(mail("2026-03-02 10:00", JAAN, "search owes money\nshow HD-1", subject="Anna"))
    assert "HD-1  Printer" in said(desk).text("case_list", JAAN)
    text = said(desk).text("case_shown", JAAN)
    assert f"Your answer goes to {ANNA}." in text
    assert text.index("The printer burns.") < text.index("(inside the team)\nher boss owes us money")


def test_a_report_counts_what_the_store_has(desk: Rehearsal):
    desk.play(mail("2026-03-02 10:00", MARI, "report", subject="numbers"))
    text = said(desk).text("report", MARI)
    assert text.startswith("Your numbers")
    assert "opened: 1\nclosed: 0\n" in text
    assert "open: 1\nwaiting for us: 1\n" in text


def test_who_goes_away_leaves_the_cases_to_the_team_which_hears_of_them_until_the_day(desk: Rehearsal):
    desk.play(mail("2026-03-02 10:00", MARI, "away until 2026-03-04", subject="off"))
    assert desk.store.case(1).assignee == ""  # type: ignore[union-attr]
    text = said(desk).text("case_list", JAAN)
    assert text.startswith("Mari Maasikas is away until Wednesday 4 March 2026: these cases need somebody else")
    assert "HD-1  Printer" in text
    desk.play(
        answer("2026-03-02 10:05", JAAN, f"assign {MARI}"),
        answer("2026-03-03 09:00", ANNA, "It burns again."),
    )
    assert "who is away until Wednesday 4 March 2026" in " ".join(said(desk).text("command_result", JAAN).split())
    assert "It burns again." in said(desk).text("customer_answered", JAAN)
    desk.play(answer("2026-03-04 09:00", ANNA, "It is out."))
    assert "It is out." in said(desk).text("customer_answered", MARI)
    assert "It is out." not in said(desk).all_text(JAAN)


def test_a_customer_sees_the_own_cases_and_nothing_of_the_team(desk: Rehearsal):
    desk.trust = "verified"
    desk.play(mail("2026-03-02 10:00", ANNA, "list", subject="list"))
    text = said(desk).text("case_list", ANNA)
    assert "HD-1" in text
    assert not re.search("HD-2|Lift|Mari|mari|owes|nobody", text)


@pytest.mark.parametrize("trust", ["claimed", "token", ""])
def test_who_proves_nothing_is_told_nothing(desk: Rehearsal, trust: str):
    desk.trust = trust
    before = len(desk.store.queue_list())
    desk.store.receive([_arrival(mail("2026-03-02 10:00", MARI, "show 1\nlist team", subject="x"))])
    desk.play(mail("2026-03-02 10:01", ANNA, "list", subject="list"))
    new = desk.store.queue_list()[before:]
    assert {one.template for one in new}.isdisjoint({"case_list", "case_shown"})
    assert not re.search("HD-2|Lift|owes", "".join(one.subject + one.text for one in new if one.to == ANNA))
    assert SUPPORT not in {one.to for one in new}


def test_a_snoozed_case_is_out_of_the_lists_until_its_day_and_no_customer_learns_of_it(desk: Rehearsal):
    desk.play(
        answer("2026-03-02 10:00", MARI, "snooze until 2026-03-09"),
        mail("2026-03-02 10:01", MARI, "list mine", subject="morning"),
        mail("2026-03-02 10:02", JAAN, "list snoozed", subject="morning"),
    )
    mine, those = said(desk).text("case_list", MARI), said(desk).text("case_list", JAAN)
    assert "Printer" not in mine
    assert '1 snoozed case is left out: "list snoozed" shows it.' in mine
    assert "HD-1  Printer" in those
    assert "out of sight until Monday 9 March 2026" in those
    desk.trust = "verified"
    desk.play(mail("2026-03-02 10:03", ANNA, "list", subject="list"), until="2026-03-09 09:00")
    assert "sight" not in said(desk).all_text(ANNA)
    assert "is back in sight: it was snoozed until now." in said(desk).text("snoozed", MARI)
