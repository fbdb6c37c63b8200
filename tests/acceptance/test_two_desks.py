"""Two desks that write to each other over a gateway that takes off what would tell them: a few mails, then silence.

The bound that is stated is that of the weakest case: three answers in an hour from each desk.
"""

import email
import email.policy
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.acceptance.bench import Bench, mail_of, new_id, reply_to, text_of
from tests.acceptance.desk import Home, new_mail, running, until

MARI, OTT = "mari@example.com", "ott@example.org"
SUPPORT, OTHERS, FOREIGN = "support@example.com", "support@example.org", "help@foreign.test"
DAY = timedelta(days=1)
#: What tells a program's mail.
MARKS = ("X-Mailbot-Loop", "Auto-Submitted", "X-Auto-Response-Suppress", "Precedence")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "desk", MARI)
    yield made
    made.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "other", OTT, domain="example.org")
    yield made
    made.close()


def without_marks(letter: EmailMessage) -> EmailMessage:
    """A gateway that lets no unknown field through."""
    mail = email.message_from_bytes(letter.as_bytes(policy=email.policy.SMTP), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    for name in MARKS:
        del mail[name]
    return mail


def without_thread(letter: EmailMessage) -> EmailMessage:
    """One that writes the subject anew and breaks the thread, too."""
    mail = without_marks(letter)
    subject = str(mail["Subject"]).rpartition("] ")[2]
    for name in ("References", "In-Reply-To", "Subject"):
        del mail[name]
    mail["Subject"] = f"[EXTERNAL] {subject}"
    return mail


def bare(letter: EmailMessage) -> EmailMessage:
    """One that leaves the words alone, without their first line, under a Message-ID of its own."""
    words = "\n".join(line for line in text_of(letter).splitlines() if not line.startswith("##-"))
    return mail_of(str(letter["From"]), str(letter["To"]), "[EXTERNAL] Message", words)


Gateway = Callable[[EmailMessage], EmailMessage]


def exchanged(desks: dict[str, Bench], first: EmailMessage, gateway: Gateway) -> dict[str, int]:
    """Carry mails between the desks until none goes any more; return how many each desk wrote to the other."""
    waiting, wrote = [first], dict.fromkeys(desks, 0)
    while waiting:
        mail = waiting.pop(0)
        address = str(mail["To"]).rpartition("@")[2]
        desk = desks[address]
        desk.now = max(one.now for one in desks.values())
        out = [one for one in desk.write(gateway(mail)) if str(one["To"]) in (SUPPORT, OTHERS)]
        wrote[address] += len(out)
        waiting += out
        assert sum(wrote.values()) < 50, "it does not end"
    return wrote


@pytest.mark.parametrize(
    ("gateway", "most"),
    [
        pytest.param(without_marks, 1, id="marks are taken off"),
        pytest.param(without_thread, 1, id="the subject and the thread, too"),
        pytest.param(bare, 3, id="nothing is left but the words"),
    ],
)
def test_two_mailbots_fall_silent_after_three_answers_each_at_most(
    bench: Bench, other: Bench, gateway: Gateway, most: int
):
    desks = {"example.com": bench, "example.org": other}
    wrote = exchanged(desks, mail_of(OTHERS, SUPPORT, "Question", "Do you sell lamps?"), gateway)
    assert max(wrote.values()) == most
    alarmed = [desk for desk in desks.values() if desk.events("AlarmRaised")]
    assert bool(alarmed) is (most > 1)
    for desk in desks.values():
        desk.rest(max(one.now for one in desks.values()) + DAY)
        assert len(desk.events("AlarmEnded")) == len(desk.events("AlarmRaised"))
    again = exchanged(desks, mail_of(OTHERS, SUPPORT, "Another question", "And bulbs?"), gateway)
    assert again["example.com"] >= 1
    assert max(again.values()) <= 3


# --- another desk's program -----------------------------------------------------------------------------------------


def in_a_new_thread(letter: EmailMessage, number: int) -> EmailMessage:
    """Each of our mails is a new ticket of theirs, which they acknowledge to the address that they know."""
    text = f"We have got your message. Its number is {4_000 + number}."
    return mail_of(FOREIGN, SUPPORT, f"[Ticket#{4_000 + number}] {str(letter['Subject']).rpartition('] ')[2]}", text)


def in_the_thread(letter: EmailMessage, number: int) -> EmailMessage:
    """They answer in the thread, in words that ask for an answer each time."""
    del number
    return reply_to(letter, "status")


@pytest.mark.parametrize(
    ("answer", "most"),
    [
        pytest.param(in_a_new_thread, 3, id="a new ticket of each mail"),
        pytest.param(in_the_thread, 10, id="in the thread, with a word that is answered"),
    ],
)
def test_a_foreign_desk_that_answers_everything_gets_a_bounded_number_of_mails(
    bench: Bench, answer: Callable[[EmailMessage, int], EmailMessage], most: int
):
    for day in range(2):
        before = len(bench.sent(FOREIGN))
        bench.write(mail_of(FOREIGN, SUPPORT, f"Question {day}", "Do you sell lamps?"))
        answered = before
        while len(bench.sent(FOREIGN)) > answered and answered - before < 50:
            letter, answered = bench.sent(FOREIGN)[answered], answered + 1
            bench.write(answer(letter, answered))
        assert len(bench.sent(FOREIGN)) - before == most
        assert [line["kind"] for line in bench.events("AlarmRaised")] == ["notices"] * (day + 1)
        bench.rest(bench.now + DAY)
        assert [line["kind"] for line in bench.events("AlarmEnded")] == ["notices"] * (day + 1)


# --- processes ------------------------------------------------------------------------------------------------------


def settled(home: Home, mails: int) -> None:
    """Wait until a desk has decided so many mails and sent what follows."""
    log = home.folder / "log"
    until(f"{mails} decisions", lambda: log.read_text().count("mail.decided") >= mails)
    until("an empty queue", lambda: home.mailbot("queue", "--json").stdout.strip() in ("", "[]"))


def test_two_running_mailbots_over_a_gateway_that_leaves_the_words_alone_fall_silent(tmp_path: Path):
    homes = {
        "example.com": Home.init(tmp_path / "one", MARI),
        "example.org": Home.init(tmp_path / "two", OTT, options=("--domain", "example.org")),
    }
    with running(homes["example.com"]), running(homes["example.org"]):
        waiting = [new_mail(OTHERS, "Question", "Do you sell lamps?")]
        got, wrote, seen = dict.fromkeys(homes, 0), dict.fromkeys(homes, 0), set[str]()
        while waiting:
            mail = waiting.pop(0)
            domain = str(mail["To"]).rpartition("@")[2]
            home = homes[domain]
            passed = bare(mail)
            passed.replace_header("Message-ID", new_id("gateway.test"))
            home.send(passed)
            got[domain] += 1
            settled(home, got[domain])
            out = [one for to in (SUPPORT, OTHERS) for one in home.outgoing(to) if str(one["Message-ID"]) not in seen]
            seen |= {str(one["Message-ID"]) for one in out}
            wrote[domain] += len(out)
            waiting += out
            assert sum(wrote.values()) <= 6, "it does not end"
        assert wrote == {"example.com": 3, "example.org": 3}
        until("the alarm", lambda: [one for one in homes["example.com"].outgoing(MARI) if "Alarm" in one["Subject"]])
