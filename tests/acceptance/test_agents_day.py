"""An agent's day through real servers, from a mail program alone: no page, no log-in but the mail server's.

neomutt, or Thunderbird in the slow lane -> Postfix with Rspamd -> mailbot by LMTP -> Postfix -> mailboxes at Dovecot.
"""

import email
import email.policy
import json
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.desk import Home, body, new_mail, running, until
from tests.acceptance.stage import PASSWORD, Person, Stage, by_lmtp
from tests.servers.border import Border
from tests.servers.dovecot import Dovecot
from tests.servers.neomutt import Neomutt, require_neomutt
from tests.servers.postfix import Postfix
from tests.servers.thunderbird import Thunderbird, require_thunderbird

Program = Callable[[Path, str, str, Postfix], Person]
PROGRAMS: dict[str, tuple[Program, Callable[[], None]]] = {
    "neomutt": (Neomutt, require_neomutt),
    "thunderbird": (Thunderbird, require_thunderbird),
}
#: What modera lacks for the day: a status to put a case aside, and somebody to ask.
MORE = """
[[status]]
name = "On hold"
kind = "on-hold"
meaning = "Put aside until a date."

[[consultation]]
name = "Plumbing"
role = "plumbing"
"""


def furnish(home: Home, adviser: str) -> None:
    """Give the process a hold and the directory somebody to ask."""
    process = home.folder / "processes" / "modera.toml"
    text = process.read_text().replace('closed = "Closed"\n', 'closed = "Closed"\nheld = "On hold"\n', 1)
    process.write_text(text + MORE)
    directory = home.folder / "directory.json"
    people = json.loads(directory.read_text())
    table = people["people"]
    table[str(len(table) + 1)] = {"address": adviser, "role": "plumbing"}
    directory.write_text(json.dumps(people))


def writes(stage: Stage, subject: str, text: str) -> None:
    """Let the customer write, signed by the own domain."""
    address = stage.customer.address
    mail = new_mail(address, subject, text, stage.desk)
    signed = stage.border.sign(mail.as_bytes(policy=email.policy.SMTP), address.rpartition("@")[2])
    done = stage.border.hand_in(signed, reverse_path=address, to=stage.desk, address="127.0.0.1")
    assert done.returncode == 0, done.stdout


def case(stage: Stage, number: str, **wanted: Any) -> dict[str, Any]:
    """Wait until a case has these values."""

    def ask() -> dict[str, Any] | None:
        found = stage.home.case(number)
        return found if found and {key: found[key] for key in wanted} == wanted else None

    return until(f"{number} to be {wanted}", ask)


@pytest.fixture
def stage(request: pytest.FixtureRequest, border: Border, dovecot: Dovecot, tmp_path: Path) -> Iterator[Stage]:
    """A desk with one way in, an agent with a mail program, a customer and an adviser."""
    name = request.param
    program, require = PROGRAMS[name]
    require()
    company, customers = f"day-{name}.example.com", f"day-{name}-customer.test"
    desk, mari, anna, pia = f"desk@{company}", f"mari@{company}", f"anna@{customers}", f"pia@{company}"
    for domain in (company, customers):
        border.domain(domain, "127.0.0.1")
    for address in (mari, anna, pia):
        border.postfix.mailbox(address, PASSWORD)
    home = Home.init(tmp_path / "desk", mari, options=("--domain", company))
    furnish(home, pia)
    home.environ |= {
        "MAILBOT_DESK__ADDRESS": desk,
        "MAILBOT_RELAY__KIND": "smtp",
        "MAILBOT_RELAY__PORT": str(border.postfix.relay_port),
        "MAILBOT_RELAY__TLS": "none",
    }
    by_lmtp(home, border, desk)
    agent = program(tmp_path / "mari", mari, PASSWORD, border.postfix)
    customer = Neomutt(tmp_path / "anna", anna, PASSWORD, border.postfix)
    with running(home):
        yield Stage(home, border, dovecot, desk, customer, agent)


@pytest.mark.slow
@pytest.mark.parametrize(
    "stage",
    [
        pytest.param("neomutt", marks=pytest.mark.timeout(400)),
        pytest.param("thunderbird", marks=pytest.mark.timeout(1200)),
    ],
    indirect=True,
)
def test_an_agents_day_needs_nothing_but_a_mail_program(stage: Stage) -> None:
    mari = stage.agent
    writes(stage, "Printer on fire", "The printer on floor 2 burns.")
    first = stage.letter(mari, "The printer on floor 2 burns")
    writes(stage, "Printer again", "Did you get my mail? It burns.")
    second = stage.letter(mari, "Did you get my mail")

    mari.write(stage.desk, "What is there", "list team")
    listed = stage.letter(mari, "Printer again")
    assert "HD-1" in body(listed)

    stage.answer(mari, first, "take")
    case(stage, "HD-1", assignee=mari.address, status="In progress")
    stage.answer(mari, first, "ask: Is it the big one?")
    case(stage, "HD-1", status="Waiting for customer")
    question = stage.letter(stage.customer, "Is it the big one?")
    stage.answer(stage.customer, question, "Yes, the big one.")
    answered = stage.letter(mari, "Yes, the big one")

    stage.answer(mari, answered, "note: she rings every week")
    stage.answer(mari, answered, "consult Plumbing: can you bring water?")
    asked = until("the adviser to be asked", lambda: _first(stage, "pia@" + mari.address.partition("@")[2]))
    assert "can you bring water" in body(asked)

    stage.answer(mari, answered, "hold until 2030-04-01")
    case(stage, "HD-1", status="On hold")
    receipt = stage.letter(mari, "On hold")
    stage.answer(mari, receipt, "undo")
    case(stage, "HD-1", status="In progress")

    stage.answer(mari, second, "merge HD-1")
    merged = case(stage, "HD-2", status="Closed")
    assert merged["merged_into"] == 1

    stage.answer(mari, answered, "fix\n\nWe poured water on it.")
    case(stage, "HD-1", status="Fixed")
    fixed = stage.letter(stage.customer, "We poured water on it")
    assert "she rings every week" not in body(fixed)

    mari.write(stage.desk, "How are we", "report")
    numbers = stage.letter(mari, "last seven days")
    assert "closed" in body(numbers)


def _first(stage: Stage, address: str) -> EmailMessage | None:
    mails = stage.dovecot.messages(address)
    return email.message_from_bytes(mails[0], policy=email.policy.default) if mails else None
