"""`mailbot queue` and `mailbot quarantine`: an operator's hand on mail that waits."""

import json
from collections.abc import Callable

import pytest

from mailbot.daemon.wake import Doorbell
from mailbot.ports.records import InboxMail, InboxState, OutboxState
from mailbot.store.sql import SqlStore
from tests.cli.conftest import ALICE, MONDAY, Said, letter, open_case, opening

Mailbot = Callable[..., Said]


def states(store: SqlStore) -> list[OutboxState]:
    return [one.state for one in (store.queue_show(1), store.queue_show(2)) if one]


@pytest.fixture
def waiting(store: SqlStore) -> None:
    """Two letters that wait."""
    open_case(store, opening(1))
    open_case(store, opening(2), 2)


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("words", [(), ("list",)], ids=["bare", "list"])
def test_the_queue_lists_what_is_not_out_yet(mailbot: Mailbot, words: tuple[str, ...]):
    said = mailbot("queue", *words, "--json")
    assert said.code == 0
    first, second = json.loads(said.out)
    assert {
        "id": 1,
        "state": "queued",
        "case": 1,
        "notice": "received",
        "to": ALICE,
        "subject": "[HD-1] Printer on fire",
        "attempts": 0,
        "next_attempt_at": "2020-03-02T09:00:00Z",
    }.items() <= first.items()
    assert second["id"] == 2
    table = mailbot("queue", *words).out.splitlines()
    assert table[2].split()[:4] == ["1", "queued", ALICE, "received"]


def test_an_empty_queue_says_so(mailbot: Mailbot):
    assert mailbot("queue") == Said(0, "Nothing waits to go out.\n", "")
    assert mailbot("queue", "--json") == Said(0, "[]\n", "")


@pytest.mark.usefixtures("waiting")
def test_a_letter_is_shown_with_its_fields_and_text(mailbot: Mailbot):
    out = mailbot("queue", "show", "2").out
    assert "Support <support@example.com>" in out
    assert "    We have your request.\n" in out
    assert json.loads(mailbot("queue", "show", "2", "--json").out)["text"] == letter(2).text


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    ("turns", "state"),
    [
        pytest.param(["hold"], OutboxState.HELD, id="hold"),
        pytest.param(["hold", "retry"], OutboxState.QUEUED, id="retry"),
        pytest.param(["drop"], OutboxState.DROPPED, id="drop"),
    ],
)
def test_an_operator_turns_letters(store: SqlStore, mailbot: Mailbot, turns: list[str], state: OutboxState):
    said = [mailbot("queue", turn, "1", "2") for turn in turns]
    assert [one.code for one in said] == [0] * len(turns)
    assert states(store) == [state, state]
    assert said[-1].out.startswith("Mail 1 ")


@pytest.mark.usefixtures("waiting")
def test_what_cannot_be_turned_is_said_and_the_rest_is_done(store: SqlStore, mailbot: Mailbot):
    mailbot("queue", "drop", "1")
    said = mailbot("queue", "hold", "1", "2", "77")
    assert said.code == 1
    assert said.out == "Mail 2 is held until it is retried.\n"
    assert said.err == "Mail 1 is dropped: nothing changed.\nThere is no outgoing mail 77.\n"
    assert states(store) == [OutboxState.DROPPED, OutboxState.HELD]


@pytest.mark.parametrize("command", ["queue", "quarantine"])
@pytest.mark.parametrize(
    ("words", "fault"),
    [
        pytest.param(["show"], "name the mails", id="no-number"),
        pytest.param(["drop"], "name the mails", id="drop-without-number"),
        pytest.param(["burn", "1"], "burn", id="unknown-action"),
        pytest.param(["drop", "one"], "integer", id="no-numeral"),
        pytest.param(["drop", str(2**64)], "", id="beyond-any-number"),
    ],
)
def test_wrong_use_is_said_in_one_line(mailbot: Mailbot, command: str, words: list[str], fault: str):
    said = mailbot(command, *words)
    assert (said.code, said.out) == (2, "")
    assert fault in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(("command", "what"), [("queue", "outgoing mail"), ("quarantine", "mail")])
def test_a_mail_that_is_not_there_is_a_no(mailbot: Mailbot, command: str, what: str):
    assert mailbot(command, "show", "5") == Said(1, "", f"There is no {what} 5.\n")


@pytest.mark.usefixtures("waiting")
def test_a_retry_wakes_the_sender(config, mailbot: Mailbot):
    bell = Doorbell(config.store.folder, "send")
    mailbot("queue", "retry", "1")
    assert bell._socket.recv(16) == b"!"
    bell.close()


def test_the_quarantine_lists_held_and_quarantined_mail(mailbot: Mailbot, held: InboxMail, quarantined: InboxMail):
    listed = json.loads(mailbot("quarantine", "--json").out)
    assert [(one["id"], one["state"], one["reason"], one["from"]) for one in listed] == [
        (held.id, "held", "unproven", "eve@elsewhere.test"),
        (quarantined.id, "quarantined", "three crashes", None),
    ]
    assert listed[0]["received_at"] == "2020-03-02T09:00:00Z"
    out = mailbot("quarantine").out
    assert "three crashes" in out
    assert "\x1b" not in out


def test_an_empty_quarantine_says_so(mailbot: Mailbot):
    assert mailbot("quarantine", "list") == Said(0, "Nothing is held or quarantined.\n", "")


def test_a_quarantined_mail_is_shown_as_it_came_but_harmless(mailbot: Mailbot, quarantined: InboxMail):
    out = mailbot("quarantine", "show", str(quarantined.id)).out
    assert "three crashes" in out
    assert "    Subject: poison\ufffd[2J\n\n    boom\n" in out
    raw = json.loads(mailbot("quarantine", "show", str(quarantined.id), "--json").out)["raw"]
    assert raw == "Subject: poison\x1b[2J\n\nboom\n"


@pytest.mark.parametrize(
    ("action", "state", "admitted"),
    [
        pytest.param("admit", InboxState.WAITING, True, id="admit"),
        pytest.param("release", InboxState.WAITING, False, id="release"),
        pytest.param("drop", InboxState.DROPPED, False, id="drop"),
    ],
)
def test_an_operator_says_what_becomes_of_a_mail(
    store: SqlStore, mailbot: Mailbot, held: InboxMail, action: str, state: InboxState, *, admitted: bool
):
    said = mailbot("quarantine", action, str(held.id))
    assert (said.code, said.err) == (0, "")
    mail = store.quarantine_show(held.id)
    assert mail is not None
    assert (mail.state, mail.admitted, mail.envelope.received_at) == (state, admitted, MONDAY)
    again = mailbot("quarantine", action, str(held.id))
    assert again == Said(1, "", f"Mail {held.id} is {state}: nothing changed.\n")


def test_as_json_an_action_says_what_was_done_and_what_not(mailbot: Mailbot, held: InboxMail):
    said = mailbot("quarantine", "admit", "99", str(held.id), "--json")
    assert said.code == 1
    assert json.loads(said.out) == {"done": [held.id], "refused": [99]}


def test_a_mail_is_shown_as_mailbot_reads_it(mailbot: Mailbot, held: InboxMail):
    out = mailbot("quarantine", "show", str(held.id)).out
    assert "own words" in out
    assert "    take HD-1" in out


def test_raw_is_the_bytes_as_they_came(mailbot: Mailbot, held: InboxMail, quarantined: InboxMail):
    said = mailbot("quarantine", "show", "--raw", str(held.id))
    assert said == Said(0, "From: eve@elsewhere.test\nSubject: take\n\ntake HD-1\n", "")
    assert mailbot("quarantine", "show", "--raw", str(quarantined.id)).out == "Subject: poison\x1b[2J\n\nboom\n"
    assert mailbot("quarantine", "show", "--raw", "99") == Said(1, "", "There is no mail 99.\n")


def test_all_that_have_a_reason_are_listed_and_turned_together(
    store: SqlStore, mailbot: Mailbot, held: InboxMail, quarantined: InboxMail
):
    listed = json.loads(mailbot("quarantine", "--reason", "unproven", "--json").out)
    assert [one["id"] for one in listed] == [held.id]
    said = mailbot("quarantine", "drop", "--all", "--reason", "unproven")
    assert said == Said(0, f"Mail {held.id} is left out for good.\n", "")
    assert mailbot("quarantine", "release", "--all").out.startswith(f"Mail {quarantined.id} is worked on again")
    assert store.quarantine_list() == []


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("words", "right"),
    [
        (["drop", "--reason", "spam"], "write `mailbot quarantine drop --all --reason spam`"),
        (["release", "--all", "3"], "write `mailbot quarantine release --all`, not both"),
    ],
)
def test_all_and_numbers_are_told_apart(mailbot: Mailbot, words: list[str], right: str):
    said = mailbot("quarantine", *words)
    assert (said.code, said.out) == (2, "")
    assert right in said.err
