"""The links in our letters, clicked as mail programs do: what RFC 6068 makes of them is sent, and does one thing."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.acceptance.bench import Bench, mail_of, text_of

SUPPORT, ANNA, MARI = "support@example.com", "anna@customer.test", "mari@example.com"
BORDER = "mx.example.com"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "desk", MARI)
    bench.write(mail_of(ANNA, SUPPORT, "The printer is on fire", "Please help."))
    yield bench
    bench.close()


def html_of(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def links(letter: EmailMessage) -> dict[str, str]:
    """The words that a letter's HTML offers, with the link of each."""
    found = re.findall(r'<a\s+href="([^"]*)"[^>]*>\s*<code[^>]*>([\w-]+)', html_of(letter))
    return {word: unescape(link) for link, word in found}


def clicked(link: str, sender: str, above: str = "") -> EmailMessage:
    """The mail that a program writes for a link, with its reader's words above what stands there."""
    parts = urlsplit(link)
    fields = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
    assert parts.scheme == "mailto"
    assert "+" not in parts.query, "a plus is no space in a mailto (RFC 6068 section 5)"
    assert "\r\n" in fields["body"]
    return mail_of(sender, unquote(parts.path), fields["subject"], above + fields["body"].replace("\r\n", "\n"))


def verified(bench: Bench, mail: EmailMessage) -> list[EmailMessage]:
    mail["Authentication-Results"] = f"{BORDER}; dmarc=pass header.from=example.com"
    return bench.write(mail, border=BORDER)


def test_a_case_is_taken_mended_and_closed_by_clicks_alone(desk: Bench):
    offered = links(desk.sent(MARI)[-1])
    assert list(offered) == ["take", "ask", "fix", "estimate", "status"]
    verified(desk, clicked(offered["take"], MARI))
    assert (desk.case().assignee, desk.case().status) == (MARI, "In progress")
    verified(desk, clicked(links(desk.sent(MARI)[0])["fix"], MARI, "It was the cable.\n"))
    fixed = desk.sent(ANNA)[-1]
    assert "It was the cable." in text_of(fixed)
    assert "nobody's words" not in text_of(fixed)
    desk.write(clicked(links(fixed)["confirm"], ANNA))
    assert desk.case().status == "Closed"
    closed = desk.sent(ANNA)[-1]
    desk.write(clicked(links(closed)["reopen"], ANNA, "It smokes again.\n"))
    assert desk.case().status == "In progress"
    assert "It smokes again." in text_of(desk.sent(MARI)[-1])


def test_nothing_of_a_link_goes_on_to_anybody(desk: Bench):
    """Not what it writes into the mail, nor its address, which some programs write beside the words of our HTML."""
    offered = links(desk.sent(MARI)[0])
    for link in offered.values():
        assert "printer" not in link.lower()
        assert len(unquote(urlsplit(link).path).rpartition("@")[0]) <= 64
    verified(desk, clicked(offered["fix"], MARI))
    said = f"You said take<{offered['take']}> to me."
    verified(desk, mail_of(MARI, str(desk.sent(MARI)[0]["Reply-To"]), "Re: [HD-1]", said))
    letters = desk.sent(ANNA)
    assert any("You said take" in text_of(letter) for letter in letters)
    for letter in letters:
        assert "Send this mail" not in text_of(letter)
        assert text_of(letter).count("##-") == 1
        assert re.search("[a-z2-7]{44}", text_of(letter)) is None


def test_a_desk_whose_addresses_hold_no_token_offers_words_alone(tmp_path: Path):
    bench = Bench(tmp_path / "plain", MARI, settings={"MAILBOT_DESK__REPLY_TOKENS": "none"})
    bench.write(mail_of(ANNA, SUPPORT, "The printer is on fire", "Please help."))
    assert links(bench.sent(MARI)[-1]) == {}
    assert "take" in text_of(bench.sent(MARI)[-1])
    bench.close()


def test_a_yes_by_the_link_of_the_question_lets_the_waiting_mail_run(desk: Bench):
    notice = desk.sent(MARI)[-1]
    said = "cc add bob@customer.test\nBob helps us from now on."
    verified(desk, mail_of(MARI, str(notice["Reply-To"]), f"Re: {notice['Subject']}", said))
    question = desk.sent(MARI)[-1]
    assert "cc add bob@customer.test" in text_of(question)
    assert "within 1 hour" in text_of(question).replace("\n", " ")
    assert not desk.case().watchers
    verified(desk, clicked(links(question)["yes"], MARI))
    assert desk.case().watchers == ("bob@customer.test",)
    assert any("Bob helps us" in text_of(letter) for letter in desk.sent(ANNA))
