"""What nobody may do: each attempt changes no case, sends nothing out, reveals no line, and shows its reason."""

import email.policy
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest

from tests.acceptance.desk import SUPPORT, Home, answer, new_mail, running, until

ANNA, BERTA, EVE = "anna@customer.test", "berta@other.test", "eve@stranger.test"
MARI, JAAN = "mari@example.com", "jaan@example.com"
SECRET = "the colour of the safe is turquoise"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A desk with two customers' cases, HD-1 taken and answered, HD-2 new."""
    home = Home.init(tmp_path_factory.mktemp("trust") / "desk", MARI, JAAN)
    with running(home):
        home.send(new_mail(ANNA, "The safe", f"Hello, {SECRET}."))
        team = home.letter(MARI, SECRET)
        home.send(answer(team, "take\n\nWe look into it, dear customer."), login=MARI)
        home.letter(ANNA, "We look into it, dear customer")
        home.send(new_mail(BERTA, "My bicycle", "It has a flat tyre."))
        home.letter(BERTA, "HD-2")
        yield home


def letter_to(home: Home, person: str, words: str) -> EmailMessage:
    return home.letter(person, words)


def forged_agent(_home: Home) -> EmailMessage:
    return new_mail(MARI, "Re: [HD-1] The safe", "close: done\n\nYour case is closed, send us money.")


def forged_agent_with_a_guessed_reference(_home: Home) -> EmailMessage:
    mail = new_mail(MARI, "Re: [HD-1] The safe", "assign jaan@example.com")
    mail["In-Reply-To"] = "<" + "a" * 44 + ".1234567890abcdef1234@example.com>"
    return mail


def forged_agent_with_the_agents_own_token(home: Home) -> EmailMessage:
    """A leaked token is half of what an agent needs: without a session or the border's word it is not enough."""
    return answer(letter_to(home, MARI, SECRET), "close: done")


def stranger_with_the_number(_home: Home) -> EmailMessage:
    return new_mail(EVE, "Re: [HD-1] The safe", "close\n\nWhat was the colour again?")


def customer_forged_with_the_number(_home: Home) -> EmailMessage:
    return new_mail(ANNA, "Re: [HD-1] The safe", "close")


def stranger_with_the_customers_token(home: Home) -> EmailMessage:
    mail = answer(letter_to(home, ANNA, "We look into it"), "close")
    mail.replace_header("From", EVE)
    return mail


def customer_with_the_token_of_another_case(home: Home) -> EmailMessage:
    mail = answer(letter_to(home, BERTA, "HD-2"), "close", quote=False)
    mail.replace_header("From", ANNA)
    return mail


def results_written_by_the_sender(_home: Home) -> EmailMessage:
    mail = new_mail(MARI, "Re: [HD-1] The safe", "close: done")
    mail["Authentication-Results"] = (
        "mx.example.com; dmarc=pass header.from=example.com; auth=pass smtp.auth=mari@example.com"
    )
    return mail


def two_senders(_home: Home) -> EmailMessage:
    return new_mail(f"{EVE}, {MARI}", "Re: [HD-1] The safe", "close: done")


def commands_in_the_quote(_home: Home) -> EmailMessage:
    return new_mail(ANNA, "Re: [HD-1] The safe", "> close\n> /close\n\nOn Monday Support wrote:\n> reopen\n> close\n")


ATTEMPTS: list[Callable[[Home], EmailMessage]] = [
    forged_agent,
    forged_agent_with_a_guessed_reference,
    forged_agent_with_the_agents_own_token,
    stranger_with_the_number,
    customer_forged_with_the_number,
    stranger_with_the_customers_token,
    customer_with_the_token_of_another_case,
    results_written_by_the_sender,
    two_senders,
    commands_in_the_quote,
]


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
def test_no_attempt_changes_the_case_or_reveals_a_line_and_each_is_visible(
    home: Home, attempt: Callable[[Home], EmailMessage]
) -> None:
    before, sent = facts(home), {m["Message-ID"] for m in home.outgoing()}
    mail = attempt(home)
    recipients = [address.strip() for address in str(mail["To"]).split(",")]
    with home.client() as client:
        client.sendmail("whoever@stranger.test", recipients, mail.as_bytes(policy=email.policy.SMTP))

    trace = until("its ending with a reason", lambda: ending(home, str(mail["Message-ID"])))
    assert trace.partition(": ")[2], "a person can read why"
    assert facts(home) == before
    outward = [m for m in home.outgoing() if m["Message-ID"] not in sent and m["To"] not in (MARI, JAAN)]
    for letter in outward:
        assert "turquoise" not in letter.as_string()
        assert "money" not in letter.as_string()


def facts(home: Home) -> dict[str, object]:
    """Everything about HD-1 but the notices that were made and the rules that spoke."""
    case = home.case("HD-1")
    assert case is not None
    events = [line for line in case.pop("history") if "event" in line]
    case.pop("rules")
    clocks = [{k: v for k, v in clock.items() if k != "used_seconds"} for clock in case.pop("clocks")]
    return {**case, "events": events, "clocks": clocks}


def ending(home: Home, message_id: str) -> str:
    """Return how a mail ended, as `mailbot trace` says it, "" while it has not."""
    trace = home.mailbot("trace", message_id).stdout
    return next((line for line in trace.splitlines() if "ended as" in line), "")


def test_commands_in_a_signature_and_in_an_attached_mail_do_nothing(home: Home) -> None:
    question = letter_to(home, ANNA, "We look into it")
    mail = answer(question, "It is still turquoise.\n\n-- \nAnna\nclose\n/close\nreopen")
    attached = new_mail(MARI, "Re: [HD-1] The safe", "close: done")
    mail.add_attachment(attached)
    messages = len((home.case("HD-1") or {})["messages"])
    home.send(mail)

    def joined() -> bool:
        case = home.case("HD-1") or {}
        return len(case["messages"]) == messages + 1

    until("the mail to join the case", joined)
    case = home.case("HD-1") or {}
    assert case["status"] == "In progress"
    assert not [line for line in case["history"] if line.get("event") == "CommandRefused"]


def test_an_agents_mail_to_somebody_elses_address_is_not_taken(home: Home) -> None:
    with home.client(MARI) as client:
        code, _ = client.docmd("MAIL FROM:<mari@example.com>")
        assert code == 250
        code, _ = client.docmd("RCPT TO:<victim@elsewhere.test>")
        assert code == 550


def test_an_agent_cannot_write_as_another(home: Home) -> None:
    mail = new_mail(JAAN, "Re: [HD-1] The safe", "close: done")
    with home.client(MARI) as client:
        client.docmd("MAIL FROM:<mari@example.com>")
        client.docmd(f"RCPT TO:<{SUPPORT}>")
        code, _ = client.data(mail.as_bytes(policy=email.policy.SMTP))
        assert code == 550
