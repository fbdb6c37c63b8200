"""A whole conversation with each form of reply address: behind any delimiter, in a domain of its own, or none."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.app.check import vital_faults
from mailbot.config.file import load_config
from mailbot.ingest.intake import OwnAddresses
from mailbot.people import ReplyTokens
from mailbot.rules.identity.token import KeyRing, tokens_in_addresses
from tests.acceptance.bench import Bench, mail_of, reply_to, text_of

SUPPORT, ANNA, MARI = "support@example.com", "anna@customer.test", "mari@example.com"
BORDER = "mx.example.com"
TOKEN = "[a-z2-7]{44}"
PLAIN = SUPPORT.replace(".", r"\.")
FORMS = [
    *(
        pytest.param({"DELIMITER": sign}, rf"support[{sign}]{TOKEN}@example\.com", id=name)
        for sign, name in {"+": "plus", "=": "equals", "_": "underscore", ".": "dot", "-": "hyphen"}.items()
    ),
    pytest.param({"REPLY_TOKENS": "subdomain"}, rf"{TOKEN}@r\.example\.com", id="subdomain"),
    pytest.param(
        {"REPLY_TOKENS": "subdomain", "REPLY_DOMAIN": "Answers.test"}, rf"{TOKEN}@answers\.test", id="named-domain"
    ),
    pytest.param({"REPLY_TOKENS": "none"}, PLAIN, id="none"),
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(keys: dict[str, str]) -> Bench:
        settings = {f"MAILBOT_DESK__{key}": value for key, value in keys.items()}
        made.append(Bench(tmp_path / "desk", MARI, settings=settings))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


def verified(bench: Bench, mail: EmailMessage) -> list[EmailMessage]:
    """Send what a member wrote in their own mail program: no log-in with us, but the border vouches."""
    mail["Authentication-Results"] = f"{BORDER}; dmarc=pass header.from=example.com"
    return bench.write(mail, border=BORDER)


@pytest.mark.parametrize(("keys", "form"), FORMS)
def test_a_conversation_stays_one_case(desk: Callable[..., Bench], keys: dict[str, str], form: str):
    bench = desk(keys)
    bench.write(mail_of(ANNA, SUPPORT, "The printer is on fire", "Please help."))
    (notice,) = bench.sent(MARI)
    (acknowledgement,) = bench.sent(ANNA)
    for letter in (notice, acknowledgement):
        assert re.fullmatch(form, str(letter["Reply-To"]))
        assert OwnAddresses.of(bench.desk).purpose(str(letter["Reply-To"])) == SUPPORT

    verified(bench, reply_to(notice, "take\n\nIs it still burning, dear Anna?"))
    assert bench.case().assignee == MARI
    question = bench.sent(ANNA)[-1]
    assert "still burning" in text_of(question)

    bench.write(reply_to(question, "No, it is out now."))
    assert "it is out now" in text_of(bench.sent(MARI)[-1])
    verified(bench, reply_to(bench.sent(MARI)[-1], "note\nShe sounds relieved."))
    assert [str(line["visibility"]) for line in bench.events("MessageAdded")] == [
        "public",
        "public",
        "public",
        "internal",
    ]
    assert "relieved" not in "".join(text_of(letter) for letter in bench.sent(ANNA))
    assert bench.account() == {"received": 4, "new": 1, "threaded": 3}


@pytest.mark.parametrize(("keys", "form"), FORMS)
def test_a_member_s_address_without_a_proof_is_held_whatever_the_form(
    desk: Callable[..., Bench], keys: dict[str, str], form: str
):
    del form
    bench = desk(keys)
    bench.write(mail_of(ANNA, SUPPORT, "The printer is on fire", "Please help."))
    bench.write(reply_to(bench.sent(MARI)[0], "close: done"))
    assert bench.account()["held"] == 1
    stranger = mail_of("eve@evil.test", str(bench.sent(ANNA)[0]["Reply-To"]), "Re: [HD-1]", "close")
    bench.write(stranger)
    assert bench.case().status == "Open"


@pytest.mark.parametrize("keys", [{}, {"DELIMITER": "-"}, {"REPLY_TOKENS": "subdomain"}])
def test_an_address_of_one_form_is_valid_after_a_change_to_another(desk: Callable[..., Bench], keys: dict[str, str]):
    bench = desk(keys)
    bench.write(mail_of(ANNA, SUPPORT, "The printer is on fire", "Please help."))
    before = str(bench.sent(ANNA)[0]["Reply-To"])
    key = bytes.fromhex((bench.folder / "secrets/key").read_text())
    for name, value in (("DELIMITER", "="), *(("REPLY_TOKENS", place) for place in ReplyTokens)):
        now = load_config(bench.folder / "mailbot.toml", {f"MAILBOT_DESK__{name}": value}).outside()
        assert OwnAddresses.of(now).purpose(before) == SUPPORT
        assert len(tokens_in_addresses(KeyRing("example.com", (key,)), now, [before])) == 1


def test_an_address_that_leaves_no_room_for_a_token_is_a_fault(desk: Callable[..., Bench]):
    bench = desk({})
    long = {"MAILBOT_DESK__ADDRESS": "all-our-customers-services@example.com"}

    def faults(**more: str) -> list[str]:
        return [f.key for f in vital_faults(load_config(bench.folder / "mailbot.toml", {**long, **more}), {})]

    assert faults() == ["desk.address"]
    assert faults(MAILBOT_DESK__REPLY_TOKENS="subdomain") == []
    assert faults(MAILBOT_DESK__REPLY_TOKENS="none") == []
