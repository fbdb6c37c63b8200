"""`quarantine`: what a lead is shown of mail that was set aside, and what becomes of it; nobody else does anything."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.decision import Decision, Ending, MailArrived, Notice, Turned
from mailbot.facts import Aside, SetAside
from mailbot.mail import Mail, Mailbox
from mailbot.people import Proof
from mailbot.process.file import load_process
from mailbot.rules.command.escalation import ASTRAY
from mailbot.rules.command.words_quarantine import LONGEST_TEXT, Asked, is_readable
from mailbot.rules.decide import decide
from mailbot.rules.mail.asking import wanted
from mailbot.shipped import shipped
from tests.builders import (
    ANNA,
    CLAIMED,
    CUSTOMER,
    DESK,
    LEA,
    MAX,
    NOON,
    SESSION,
    STRANGER,
    VERIFIED,
    a_case,
    a_desk,
    a_directory,
    a_mail,
    an_attachment,
    an_envelope,
    facts,
    modera,
    told,
)

SUPPORT_FLOW = load_process(shipped("processes") / "support-flow.toml")
ADVENDIO = load_process(shipped("processes") / "advendio.toml")


def aside(number: int = 12, **keys: Any) -> SetAside:
    known: dict[str, Any] = {"held": False, "reason": "spam: X-Spam-Flag says so", "sender": STRANGER, "subject": "Win"}
    return SetAside(number=number, envelope=keys.pop("envelope", an_envelope()), **known | keys)


HELD = aside(13, held=True, reason="unproven: nothing proves it", sender=ANNA, subject="close it all")
STORED = (aside(), HELD)


def says(
    text: str, sender: str = LEA, *, stored: tuple[SetAside, ...] = STORED, more: bool = False, **keys: Any
) -> Decision:
    """A mail to the desk, with what the engine would have looked up for it."""
    process, admitted = keys.pop("process", modera()), keys.pop("admitted", False)
    case = keys.pop("case", None)
    known: dict[str, Any] = {"proofs": SESSION, "directory": a_directory()} | keys
    given = facts(*([case] if case else []), sender=sender, **known)
    mail = a_mail(text, sender=sender, subject="[HD-1] Printer" if case else "quarantine")
    cause = MailArrived(mail=mail, envelope=an_envelope(), admitted=admitted)
    if asked := wanted(cause, given, process).aside:
        listed = stored if any(not one.number for one in asked) else ()
        named = {one.number: one for one in stored if one.number in {a.number for a in asked}}
        given = replace(given, aside=Aside(latest=listed, more=more, named=named))
    return decide({1: case} if case else {}, cause, given, process, NOON)


def shown(decision: Decision) -> Notice:
    (notice,) = [one for one in decision.notices if one.template == "quarantine"]
    return notice


def refusals(decision: Decision) -> list[str]:
    (receipt,) = [one for one in decision.notices if one.template == "command_result"]
    lines: Any = receipt.data["lines"]
    return [line["said"] for line in lines if not line["ok"]]


def page(one: SetAside, **keys: Any) -> Any:
    pages: Any = shown(says(f"quarantine show {one.number}", stored=(one,), **keys)).data["shown"]
    assert len(pages) == 1
    return pages[0]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        pytest.param("quarantine", Asked(), id="the list"),
        pytest.param("Quarantine.", Asked(), id="as a phone writes it"),
        pytest.param("quarantine show 12", Asked(verb="show", number=12), id="one of them"),
        pytest.param("Quarantine Release #012", Asked(verb="release", number=12), id="judged anew"),
        pytest.param("#quarantine drop 12: It is spam.", Asked(verb="drop", number=12, why="It is spam."), id="why"),
        pytest.param("quarantine drop 12 spam", Asked(verb="drop", number=12, why="spam"), id="without a colon"),
        pytest.param("quarantine drop 12", Asked(verb="drop", number=12), id="without a reason"),
    ],
)
def test_what_a_lead_writes_is_looked_up(line: str, asked: Asked):
    given = facts(sender=LEA, proofs=SESSION)
    cause = MailArrived(mail=a_mail(line, sender=LEA), envelope=an_envelope())
    assert wanted(cause, given, modera()).aside == (asked,)


@pytest.mark.parametrize(
    ("sender", "proofs", "admitted"),
    [
        pytest.param(ANNA, SESSION, False, id="an agent"),
        pytest.param(CUSTOMER, VERIFIED, False, id="a customer"),
        pytest.param(STRANGER, SESSION, False, id="a stranger"),
        pytest.param(LEA, CLAIMED, False, id="a lead whom nothing proves"),
        pytest.param(LEA, CLAIMED | {Proof.TOKEN}, False, id="a lead's address alone"),
        pytest.param(LEA, SESSION, True, id="a mail that somebody let in"),
    ],
)
def test_nothing_is_looked_up_for_anybody_else(sender: str, proofs: frozenset[Proof], admitted: bool):
    cause = MailArrived(mail=a_mail("quarantine", sender=sender), envelope=an_envelope(), admitted=admitted)
    assert wanted(cause, facts(sender=sender, proofs=proofs), modera()).aside == ()


@pytest.mark.parametrize("sender", [LEA, MAX])
def test_a_lead_or_manager_gets_the_list_at_the_registered_address_and_no_case_begins(sender: str):
    decision = says("quarantine", sender, more=True)
    assert told(decision) == {(sender, "quarantine")}
    assert (decision.ending, decision.turned) == (Ending.IGNORED, ())
    notice = shown(decision)
    assert (notice.case, notice.in_reply_to) == (None, "<m1@customer.test>")
    assert notice.data["listed"] is True
    assert notice.data["more"] is True
    assert notice.data["mails"] == [
        {
            "number": 12,
            "held": False,
            "reason": "spam: X-Spam-Flag says so",
            "heading": f"{STRANGER}, Monday 2 March 2026, 10:00 (UTC)",
            "subject": "Win",
        },
        {
            "number": 13,
            "held": True,
            "reason": "unproven: nothing proves it",
            "heading": f"{ANNA}, Monday 2 March 2026, 10:00 (UTC)",
            "subject": "close it all",
        },
    ]


def test_a_mail_without_a_sender_is_listed_by_its_return_path_or_as_nobodys():
    unknown = aside(sender="", envelope=an_envelope(reverse_path="a@b.test"))
    rows: Any = shown(says("quarantine", stored=(unknown, aside(13, sender="")))).data["mails"]
    assert [row["heading"].partition(",")[0] for row in rows] == ["a@b.test", "nobody who could be told"]


@pytest.mark.parametrize(
    ("line", "turned"),
    [
        pytest.param("quarantine release 12", Turned(inbox_id=12, is_dropped=False, said=f"{LEA} released it")),
        pytest.param(
            "quarantine drop 12: it is\tspam",
            Turned(inbox_id=12, is_dropped=True, said=f"{LEA} dropped it: it is spam"),
        ),
    ],
    ids=["released", "dropped"],
)
def test_a_mail_is_released_or_dropped_and_its_reader_told(line: str, turned: Turned):
    decision = says(line)
    assert decision.turned == (turned,)
    assert told(decision) == {(LEA, "command_result")}
    assert not refusals(decision)
    assert (decision.ending, decision.admitted, decision.happened[0].case) == (Ending.IGNORED, 0, None)
    assert decision.hits[-1].reason == f"mail 12: {turned.said}"


def test_several_lines_are_done_together_and_answered_by_one_list_and_one_receipt():
    decision = says("quarantine release 12\nquarantine drop 13: forged\nquarantine")
    assert [one.inbox_id for one in decision.turned] == [12, 13]
    assert told(decision) == {(LEA, "quarantine"), (LEA, "command_result")}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("quarantine release 14", "there is no mail 14 that is held or quarantined", id="not set aside"),
        pytest.param("quarantine show 14", "there is no mail 14 that is held or quarantined", id="not to be shown"),
        pytest.param("quarantine drop 12", "say why: write 'quarantine drop 12: REASON'", id="no reason"),
        pytest.param("quarantine release 12\nquarantine drop 12: no", "mail 12 is named twice", id="twice"),
        pytest.param(
            "quarantine release",
            "'quarantine' does not take 'release'; it takes show NUMBER, release NUMBER or drop NUMBER: REASON",
            id="no number",
        ),
        pytest.param(
            "quarantine release 12\n\nWhat is this?",
            "these words are for nobody: your mail answers no case",
            id="words for nobody",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_of_the_mail_is_done(text: str, why: str):
    decision = says(text)
    assert refusals(decision) == [why]
    assert decision.turned == ()
    assert told(decision) == {(LEA, "command_result")}


@pytest.mark.parametrize(
    "line", ["quarantine", "quarantine show 12", "quarantine release 12", "quarantine drop 12: no"]
)
def test_an_agent_is_refused(line: str):
    decision = says(line, ANNA)
    assert refusals(decision) == ["only leads and managers look after the quarantine"]
    assert decision.turned == ()


@pytest.mark.parametrize(
    "line", ["quarantine", "quarantine show 12", "quarantine release 12", "quarantine drop 12: no"]
)
def test_a_lead_whom_nothing_proves_is_held_and_does_nothing(line: str):
    decision = says(line, proofs=CLAIMED)
    assert (decision.ending, decision.turned) == (Ending.HELD, ())
    assert told(decision) == {(LEA, "unproven")}


@pytest.mark.parametrize(
    "line", ["quarantine", "quarantine show 12", "quarantine release 12", "quarantine drop 12: no"]
)
def test_who_lets_a_mail_in_a_leads_name_in_lets_none_of_this_happen(line: str):
    decision = says(line, proofs=CLAIMED, admitted=True)
    assert refusals(decision) == ["'quarantine' is answered to somebody whose own mail proves who they are"]
    assert decision.turned == ()


@pytest.mark.parametrize("line", ["quarantine", "quarantine release 12"])
def test_a_customers_line_is_words_for_a_new_case(line: str):
    decision = says(line, CUSTOMER, proofs=VERIFIED)
    assert (decision.ending, decision.turned) == (Ending.NEW, ())


def test_in_answer_to_a_case_nothing_is_done():
    decision = says("quarantine release 12", case=a_case())
    assert refusals(decision) == ["'quarantine' stands in a mail of its own to the desk, not in answer to a case"]
    assert decision.turned == ()


def test_a_dry_run_turns_nothing():
    decision = says("dry-run\nquarantine release 12")
    assert decision.turned == ()
    assert told(decision) == {(LEA, "command_result")}


READ = Mail(
    digest="d",
    from_=Mailbox(address=STRANGER),
    subject="You have won",
    text="Click <https://evil.test> now",
    new_text="Click <https://evil.test> now",
    html="<script>alert(1)</script>",
    attachments=(an_attachment("prize.exe"),),
    defects=("no date",),
)


def test_a_look_has_the_plain_text_and_the_names_of_what_is_attached_and_nothing_active():
    one = page(aside(mail=READ, size=900, envelope=an_envelope(reverse_path="")))
    assert one == {
        "number": 12,
        "held": False,
        "reason": "spam: X-Spam-Flag says so",
        "heading": f"{STRANGER}, Monday 2 March 2026, 10:00 (UTC)",
        "subject": "You have won",
        "reverse_path": "<>",
        "to": [DESK],
        "size": 900,
        "proven": ["claimed"],
        "text": READ.text,
        "cut": False,
        "is_read": True,
        "is_private": False,
        "attachments": [{"name": "prize.exe", "size": 3}],
        "defects": ["no date"],
    }


def test_a_long_text_is_cut_and_no_address_of_ours_keeps_its_token():
    secret = "support+" + 44 * "a" + "@example.com"
    one = page(
        aside(mail=replace(READ, text=secret + LONGEST_TEXT * "x"), envelope=an_envelope(forward_paths=(secret,)))
    )
    assert one["cut"] is True
    assert len(one["text"]) == LONGEST_TEXT
    assert one["text"].startswith("support@example.comxxx")
    assert one["to"] == [DESK]


def test_what_broke_its_reader_is_shown_by_how_its_bytes_begin():
    one = page(aside(reason="crash: KeyError in each of 3 tries", start="From: x\n"))
    assert (one["is_read"], one["text"], one["attachments"], one["proven"]) == (False, "From: x\n", [], [])


@pytest.mark.parametrize(
    ("reason", "readable"), [("crash: KeyError", False), ("limit: 900 parts", False), ("spam: so it says", True)]
)
def test_what_broke_its_reader_is_not_read_for_a_look(reason: str, readable: bool):
    assert is_readable(reason) is readable


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[Private]\nThe talk was: ...", id="marked"),
        pytest.param("Please escalate this past the engineer, he is rude.", id="a complaint past the engineer"),
    ],
)
def test_what_must_not_be_passed_on_is_not_shown(text: str):
    process = SUPPORT_FLOW if "Private" in text else ADVENDIO
    one = page(aside(mail=replace(READ, text=text, new_text=text)), process=process)
    assert (one["is_private"], one["text"], one["subject"]) == (True, "", "")


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(aside(held=True, reason=f"unclear: {ASTRAY}"), id="a complaint past the engineer"),
        pytest.param(aside(envelope=an_envelope(forward_paths=("up@example.com",))), id="to the escalations address"),
    ],
)
@pytest.mark.parametrize("line", ["quarantine show 12", "quarantine release 12", "quarantine drop 12: no"])
def test_what_may_be_about_the_lead_is_counted_and_left_to_an_operator(one: SetAside, line: str):
    desk = a_desk(purposes={"up@example.com": "escalation"})
    notice = shown(says("quarantine", stored=(one, HELD), desk=desk))
    rows: Any = notice.data["mails"]
    assert ([row["number"] for row in rows], notice.data["hidden"]) == ([13], 1)
    decision = says(line, stored=(one,), desk=desk)
    assert refusals(decision) == ["mail 12 is not for the team to read; an operator looks at it"]
    assert decision.turned == ()
