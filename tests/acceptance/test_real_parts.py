"""One whole conversation through real parts, from the customer's first mail to the all-clear.

swaks, neomutt and Thunderbird -> Postfix with Rspamd -> mailbot, by LMTP or by IMAP from Dovecot -> Postfix ->
mailboxes at Dovecot, read with neomutt or Thunderbird. Both people answer as people do: above the quote of what their
program shows. In the slow lane the customer's company has a Postfix of its own, which hands over to the desk's.
"""

import email.policy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.acceptance.desk import Home, body, new_mail, running
from tests.acceptance.stage import PASSWORD, Person, Stage, by_lmtp
from tests.servers.border import AUTHSERV_ID, Border
from tests.servers.dovecot import Dovecot
from tests.servers.neomutt import Neomutt, require_neomutt
from tests.servers.postfix import Postfix
from tests.servers.thunderbird import Thunderbird, require_thunderbird

SUBJECT = "Printer on fire"
WORDS = "Hello,\n\nthe printer on floor 2 burns.\n\nAnna"
NOTE = "Between us: she rings every week."


def begin_with_swaks(stage: Stage) -> None:
    """Let the customer write with swaks, signed by the own domain."""
    domain = stage.customer.address.rpartition("@")[2]
    first = new_mail(stage.customer.address, SUBJECT, WORDS, stage.desk)
    first["Date"] = "Mon, 2 Mar 2026 10:00:00 +0200"
    signed = stage.border.sign(first.as_bytes(policy=email.policy.SMTP), domain)
    # The copy that a mail program keeps.
    stage.dovecot.deliver(stage.customer.address, signed)
    done = stage.border.hand_in(signed, reverse_path=stage.customer.address, to=stage.desk, address="127.0.0.1")
    assert done.returncode == 0, done.stdout


def begin_with_own_program(stage: Stage) -> None:
    """Let the customer write with the own program: nobody signs, but SPF knows the server of the customer's company."""
    stage.customer.write(stage.desk, SUBJECT, WORDS)


def converse(stage: Stage) -> None:
    """Have the conversation, looking at every step."""
    anna, mari = stage.customer, stage.agent
    team = stage.letter(mari, "the printer on floor 2 burns")
    case = stage.settled("Open", "p", pickup="running")
    assert case["messages"][0]["proof"] == ["claimed", "verified"]
    assert (case["assignee"], case["requester"]) == (None, anna.address)
    received = stage.letter(anna, "HD-1")
    assert SUBJECT in received["Subject"], "the mail is the customer's by DKIM or SPF: the own words may go back"

    stage.answer(mari, team, "take")
    case = stage.settled("In progress", "p", pickup="met", resolution="running")
    assert case["assignee"] == mari.address
    receipt = stage.letter(mari, "the case is yours")
    stage.letter(anna, "working on", after=1)

    stage.answer(mari, receipt, "ask\n\nIs it the big one or the small one?")
    stage.settled("Waiting for customer", "pp", resolution="paused")
    question = stage.letter(anna, "the big one or the small one")

    stage.answer(anna, question, "The small one, next to the window.")
    stage.settled("In progress", "ppp", resolution="running")
    answered = stage.letter(mari, "next to the window")

    stage.answer(mari, answered, f"note\n\n{NOTE}")
    stage.settled("In progress", "pppi", resolution="running")

    stage.answer(mari, answered, "fix\n\nWe poured water on it.")
    stage.settled("Fixed", "pppip", pickup="met", resolution="met")
    fixed = stage.letter(anna, "We poured water on it")

    stage.answer(anna, fixed, "No, still the same")
    stage.settled("In progress", "pppipp", resolution="running")
    objection = stage.letter(mari, "No, still the same")

    stage.answer(mari, objection, "fix\nNow it is switched off.")
    stage.settled("Fixed", "pppippp", resolution="met")
    again = stage.letter(anna, "Now it is switched off")

    stage.answer(anna, again, "All good now, thanks!")
    case = stage.settled("Closed", "pppipppp", pickup="met", resolution="met")
    assert case["reason"] == "Confirmed"
    stage.letter(anna, "reopen", after=5)


def what_lies_there_is_right(stage: Stage) -> None:
    """One thread for each, only the customer's own for the customer, and each text once."""
    for person in (stage.customer, stage.agent):
        (thread,) = person.threads()
        assert len(thread) == len(stage.mailbox(person)), thread
        assert len([line for line in thread if "─>" not in line and not line.startswith(" ")]) == 1, thread
    for letter in stage.letters(stage.customer):
        text = letter.as_string() + body(letter)
        for internal in (stage.agent.address, NOTE, "assign ADDRESS"):
            assert internal not in text, f"{internal!r} in {letter['Subject']}"
    answered = stage.letter(stage.agent, "next to the window")
    assert "the printer on floor 2 burns" not in body(answered), "the customer's quote is not the customer's words"


def by_imap(home: Home, border: Border, desk: str) -> None:
    """Let Postfix deliver into a mailbox of its own, which mailbot fetches over verified TLS."""
    border.postfix.mailbox(desk, PASSWORD)
    secret = home.folder / "secrets" / "imap"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    with home.config.open("a") as config:
        config.write(
            f"""
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {border.postfix.imaps_port}
user = "{desk}"
password_file = "secrets/imap"
start = "all"
authserv_id = "{AUTHSERV_ID}"
border_hosts = ["imap.example.com"]
trust = "{border.postfix.cert}"
"""
        )


class Variant(NamedTuple):
    """How mail comes to the desk, how the customer begins, and what both people have."""

    way: Callable[[Home, Border, str], None]
    begin: Callable[[Stage], None]
    program: Callable[[Path, str, str, Postfix], Person]
    require: Callable[[], None]


VARIANTS = {
    "lmtp": Variant(by_lmtp, begin_with_swaks, Neomutt, require_neomutt),
    "imap": Variant(by_imap, begin_with_own_program, Neomutt, require_neomutt),
    "thunderbird": Variant(by_lmtp, begin_with_own_program, Thunderbird, require_thunderbird),
}


@pytest.fixture
def stage(request: pytest.FixtureRequest, border: Border, dovecot: Dovecot, tmp_path: Path) -> Iterator[Stage]:
    """A desk with one way in, at domains of its own, and two people with a mail program."""
    name = request.param
    variant = VARIANTS[name]
    variant.require()
    company, customers = f"{name}.example.com", f"{name}-customer.test"
    desk, mari, anna = f"desk-{name}@{company}", f"mari-{name}@{company}", f"anna-{name}@{customers}"
    for domain in (company, customers):
        # Both send from this machine.
        border.domain(domain, "127.0.0.1")
    for address in (mari, anna):
        border.postfix.mailbox(address, PASSWORD)
    hand_in = border.postfix
    if variant.begin is begin_with_own_program:
        hand_in = request.getfixturevalue("postfix")
        hand_in.mailbox(anna, PASSWORD)
        hand_in.route(company, f"smtp:[127.0.0.1]:{border.postfix.mx_port}")
    home = Home.init(tmp_path / "desk", mari, options=("--domain", company, "--holidays", "EE"))
    home.environ |= {
        "MAILBOT_DESK__ADDRESS": desk,
        "MAILBOT_RELAY__KIND": "smtp",
        "MAILBOT_RELAY__PORT": str(border.postfix.relay_port),
        "MAILBOT_RELAY__TLS": "none",
    }
    variant.way(home, border, desk)
    agent = variant.program(tmp_path / "mari", mari, PASSWORD, border.postfix)
    customer = variant.program(tmp_path / "anna", anna, PASSWORD, hand_in)
    with running(home):
        stage = Stage(home, border, dovecot, desk, customer, agent)
        variant.begin(stage)
        yield stage


@pytest.mark.parametrize(
    "stage",
    [
        pytest.param("lmtp", marks=pytest.mark.timeout(300)),
        pytest.param("imap", marks=[pytest.mark.slow, pytest.mark.timeout(300)]),
        pytest.param("thunderbird", marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
    indirect=True,
)
def test_a_case_lives_through_real_servers_and_real_clients(stage: Stage) -> None:
    converse(stage)
    what_lies_there_is_right(stage)
