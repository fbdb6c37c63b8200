"""One whole conversation as its people have it: the same by SMTP, by IMAP from a real Dovecot, and rehearsed."""

import email.policy
import json
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.desk import SUPPORT, Home, answer, body, new_mail, running, until
from tests.servers.dovecot import Dovecot

ANNA, MARI, JAAN = "anna@customer.test", "mari@example.com", "jaan@example.com"
#: How a mail reaches the desk: who sends it, logged in or not, is the mail's From.
Send = Callable[[EmailMessage], None]


def settled(home: Home, status: str, messages: int) -> dict[str, Any]:
    """Wait until the case has this status and so many messages, and return it."""

    def ask() -> dict[str, Any] | None:
        case = home.case("HD-1")
        return case if case and case["status"] == status and len(case["messages"]) == messages else None

    return until(f"HD-1 to be {status} with {messages} messages", ask)


def clock(case: dict[str, Any], name: str) -> dict[str, Any]:
    return next(c for c in case["clocks"] if c["clock"] == name)


def converse(home: Home, send: Send) -> dict[str, Any]:
    """Have the conversation, looking at every step; return the case at its end."""
    send(new_mail(ANNA, "Printer on fire", "Hello,\n\nthe printer on floor 2 burns.\n\nAnna"))
    team = home.letter(MARI, "the printer on floor 2 burns")
    case = settled(home, "Open", 1)
    assert (case["assignee"], clock(case, "pickup")["state"]) == (None, "running")
    assert clock(case, "pickup")["due"] is not None
    received = home.letter(ANNA, "HD-1")
    assert "burns" not in body(received), "an unproven stranger's words are not sent back to them"
    assert received["Auto-Submitted"] == "auto-replied"

    send(answer(team, "take"))
    case = settled(home, "In progress", 1)
    assert case["assignee"] == MARI
    assert (clock(case, "pickup")["state"], clock(case, "resolution")["state"]) == ("met", "running")
    receipt = home.letter(MARI, "the case is yours")
    taken = home.letter(ANNA, "working on", after=1)

    send(answer(receipt, "ask\n\nIs it the big one or the small one?"))
    case = settled(home, "Waiting for customer", 2)
    assert (clock(case, "resolution")["state"], clock(case, "resolution")["due"]) == ("paused", None)
    question = home.letter(ANNA, "the big one or the small one")
    assert "HD-1" in question["Subject"]
    assert question["Auto-Submitted"] is None, "a person's own words"

    send(answer(question, "The small one, next to the window."))
    case = settled(home, "In progress", 3)
    assert clock(case, "resolution")["state"] == "running"
    answered = home.letter(MARI, "next to the window")
    assert "the printer on floor 2 burns" not in body(answered), "the customer's quote is not their words"

    send(answer(answered, "fix\n\nWe poured water on it."))
    case = settled(home, "Fixed", 4)
    assert clock(case, "resolution")["state"] == "met"
    fixed = home.letter(ANNA, "We poured water on it")

    send(answer(fixed, "No, still the same"))
    case = settled(home, "In progress", 5)
    assert clock(case, "resolution")["state"] == "running"
    objection = home.letter(MARI, "No, still the same")

    send(answer(objection, "fix\nNow it is switched off."))
    settled(home, "Fixed", 6)
    fixed_again = home.letter(ANNA, "Now it is switched off")

    send(answer(fixed_again, "All good now, thanks!"))
    case = settled(home, "Closed", 7)
    assert case["reason"] == "Confirmed"
    closed = home.letter(ANNA, "reopen", after=7)

    chain = [received, taken, question, fixed, fixed_again, closed]
    looks_like_one_thread(chain)
    no_agent_in(chain)
    return case


def looks_like_one_thread(letters: list[EmailMessage]) -> None:
    """RFC 5322 section 3.6.4: each letter names one that its reader has seen, back to the first."""
    seen = {str(letters[0]["Message-ID"])}
    for letter in letters[1:]:
        references = str(letter["References"]).split()
        assert seen & set(references), f"{letter['Subject']} stands alone"
        assert str(letter["In-Reply-To"]) in references
        seen.add(str(letter["Message-ID"]))


def no_agent_in(letters: list[EmailMessage]) -> None:
    """Nothing of the team's mail reaches the customer: no address, no command list, no marker of theirs."""
    for letter in letters:
        text = letter.as_string()
        assert MARI not in text
        assert JAAN not in text
        assert "assign ADDRESS" not in text


def happened(lines: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What happened, without when: to hold a daemon's history against a rehearsal's."""
    keys = (
        "event",
        "notice",
        "case",
        "status",
        "old",
        "new",
        "reason",
        "assignee",
        "from",
        "visibility",
        "clock",
        "to",
    )
    return [tuple((key, str(line[key])) for key in keys if line.get(key) is not None) for line in lines]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.init(tmp_path / "desk", MARI, JAAN, options=("--timezone", "Europe/Tallinn", "--holidays", "EE"))


def test_a_case_lives_by_smtp_from_the_first_mail_to_the_all_clear(home: Home) -> None:
    sent: list[tuple[float, EmailMessage]] = []

    def send(mail: EmailMessage) -> None:
        sender = str(mail["From"])
        home.send(mail, login=sender if sender in home.passwords else "")
        sent.append((time.time(), mail))

    with running(home):
        case = converse(home, send)
        verified = home.mailbot("verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert home.stop() == 0
    rehearsed = rehearse(home, sent)
    assert happened(rehearsed) == happened(case["history"])


def rehearse(home: Home, sent: list[tuple[float, EmailMessage]]) -> list[dict[str, Any]]:
    """Play the same mails as an mbox, twice, and hold one against the other to the byte."""
    mbox = home.folder / "past.mbox"
    with mbox.open("wb") as file:
        for at, mail in sent:
            when = time.strftime("%a %b %d %H:%M:%S %Y", time.gmtime(at))
            file.write(f"From {mail['From']} {when}\n".encode())
            file.write(
                mail.as_bytes(policy=email.policy.default.clone(linesep="\n")).replace(b"\nFrom ", b"\n>From ") + b"\n"
            )
    runs = [home.mailbot("rehearse", str(mbox), "--trust", "session", "--json") for _ in range(2)]
    assert runs[0].returncode == 0, runs[0].stderr
    assert runs[0].stdout == runs[1].stdout
    return [json.loads(line) for line in runs[0].stdout.splitlines()]


def test_a_case_lives_by_imap_from_a_real_dovecot(home: Home, dovecot: Dovecot) -> None:
    dovecot.add_user("desk-conversation", "pw")
    secret = home.folder / "secrets" / "imap"
    secret.write_text("pw")
    secret.chmod(0o600)
    with home.config.open("a") as config:
        config.write(
            f"""
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {dovecot.imap_port}
tls = "none"
user = "desk-conversation"
password_file = "secrets/imap"
start = "all"
poll_seconds = 1
authserv_id = "mx.example.com"
"""
        )

    def send(mail: EmailMessage) -> None:
        domain = str(mail["From"]).rpartition("@")[2]
        session = f"; auth=pass smtp.auth={mail['From']}" if domain == "example.com" else ""
        raw = mail.as_bytes(policy=email.policy.SMTP)
        results = f"Authentication-Results: mx.example.com; dmarc=pass header.from={domain}{session}\r\n"
        delivered = f"Delivered-To: {mail['To']}\r\n"
        # The customer's first mail is a stranger's: the border does not vouch for it.
        proof = results if domain == "example.com" else ""
        dovecot.deliver("desk-conversation", (delivered + proof).encode() + raw)

    with running(home):
        case = converse(home, send)
        assert case["requester"] == ANNA
    assert SUPPORT not in [m["To"] for m in home.outgoing()]
