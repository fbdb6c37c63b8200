"""An agent who signs, through the real reader, engine and store: what a signature does, and what a copy of it does."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.acceptance.bench import Bench, mail_of, new_id, reply_to, text_of
from tests.acceptance.desk import SUPPORT
from tests.ingest.signing import signed, signer

MARI, JAAN, ANNA, EVE = "mari@example.com", "jaan@example.com", "anna@customer.test", "eve@stranger.test"
PEOPLE = {
    "1": {"address": MARI, "role": "agent", "name": "Mari"},
    "2": {"address": JAAN, "role": "agent", "name": "Jaan"},
}
KEY = signer("mari")


def desk(folder: Path) -> Bench:
    """A desk that knows Mari's key; signatures are made now, so it is now there."""
    bench = Bench(folder, MARI, JAAN, people=json.dumps({"people": PEOPLE}))
    bench.now = datetime.now(UTC)
    keys = folder / "keys"
    keys.mkdir()
    (keys / f"{MARI}.asc").write_text(str(KEY.public))
    return bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The desk that the tests share; each has cases of its own."""
    bench = desk(tmp_path_factory.mktemp("signed") / "desk")
    yield bench
    bench.close()


@pytest.fixture
def number(bench: Bench) -> int:
    """A new case."""
    return opened(bench)


def opened(bench: Bench) -> int:
    bench.write(mail_of(ANNA, SUPPORT, "The pump", "Our pump makes a noise."))
    return max(case.number for case in bench.store.cases())


def notice(bench: Bench, number: int) -> EmailMessage:
    return next(letter for letter in bench.sent(MARI) if f"[HD-{number}]" in letter["Subject"])


def answer(letter: EmailMessage, text: str, **fields: str) -> bytes:
    """Answer a letter, signed."""
    thread = {"In_Reply_To": str(letter["Message-ID"]), "To": str(letter["Reply-To"])}
    head = {"Subject": f"Re: {letter['Subject']}", "Message_ID": new_id()} | thread | fields
    # No two are alike, also within one second.
    part = f"Content-Type: text/plain; charset=utf-8\r\nContent-ID: {new_id()}\r\n\r\n" + text.replace("\n", "\r\n")
    return signed(KEY, sender=MARI, part=part, **head)


def with_fields(raw: bytes, fields: Mapping[str, str]) -> bytes:
    """Copy a mail with other fields outside: what anybody can do who has it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if line.partition(b":")[0].decode() not in fields]
    lines += [f"{name}: {value}".encode() for name, value in fields.items() if value]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def held(bench: Bench) -> list[str]:
    """Why mails were held, in order."""
    return [str(event["reason"]) for event in bench.events("MailHeld")]


def test_a_signed_answer_runs_its_commands_and_its_words_reach_the_customer(bench: Bench, number: int):
    out = bench.write(answer(notice(bench, number), "take\n\nWe look into it."))
    assert bench.case(number).assignee == MARI
    (letter,) = [mail for mail in out if mail["To"] == ANNA]
    assert "We look into it." in text_of(letter)
    assert [part.get_content_type() for part in letter.walk() if part.get_filename()] == []
    assert any(
        hit.reason == "claimed + reference + signed + token" for line in bench.lines(number) for hit in line.hits
    )


def test_a_signature_is_enough_for_what_is_dangerous(bench: Bench, number: int):
    bench.write(answer(notice(bench, number), "cc add boss@customer.test"))
    assert "boss@customer.test" in str(bench.case(number).participants)


def test_a_signature_of_another_key_or_none_is_worth_nothing(bench: Bench, number: int):
    letter, before, count = notice(bench, number), bench.case(number), len(held(bench))
    bench.write(signed(signer("eve"), "take", sender=MARI, To=str(letter["Reply-To"]), Message_ID=new_id()))
    bench.write(reply_to(letter, "take"))
    assert bench.case(number) == before
    assert [reason.partition(":")[0] for reason in held(bench)[count:]] == ["unproven", "unproven"]


def test_a_copy_of_what_was_signed_has_no_effect_whatever_stands_outside(bench: Bench, number: int):
    second = opened(bench)
    original = answer(notice(bench, number), "take\n\nWe look into it.")
    bench.write(original)
    cases = [bench.case(one) for one in (number, second)]
    copies: list[dict[str, str]] = [
        {"X-Copy": "a field more"},
        {"Message-ID": "<copy@evil.test>"},
        {"Message-ID": "<copy2@evil.test>", "Subject": f"Re: [HD-{second}] x", "To": SUPPORT, "In-Reply-To": ""},
        {"Message-ID": "<copy3@evil.test>", "Subject": "Hello", "To": SUPPORT, "In-Reply-To": ""},
        {"Message-ID": "<copy4@evil.test>", "To": str(notice(bench, second)["Reply-To"])},
        {"Message-ID": "<copy5@evil.test>", "Reply-To": EVE},
    ]
    for fields in copies:
        count = len(held(bench))
        out = bench.write(with_fields(original, fields))
        assert [bench.case(one) for one in (number, second)] == cases, fields
        assert {mail["To"] for mail in out} <= {MARI}, fields
        assert [reason.partition(":")[0] for reason in held(bench)[count:]] == ["unproven"], fields


def test_a_copy_whose_original_never_came_goes_into_no_other_case(bench: Bench, number: int):
    """Caught on its way: neither its Subject nor its address is signed, its text is."""
    second = opened(bench)
    before, count = bench.case(second), len(held(bench))
    original = answer(notice(bench, number), f"close: done\n\n> [HD-{number}] The pump")
    fields = {"Subject": f"Re: [HD-{second}] The pump", "To": SUPPORT, "In-Reply-To": ""}
    bench.write(with_fields(original, fields))
    # Even with what only Mari can have: the address for her answers about the second case.
    bench.write(with_fields(original, fields | {"To": str(notice(bench, second)["Reply-To"])}))
    assert bench.case(second) == before
    assert len(held(bench)) == count + 2


def test_what_names_no_case_goes_where_mari_alone_could_send_it(bench: Bench, number: int):
    bench.write(with_fields(answer(notice(bench, number), "take"), {"To": SUPPORT, "In-Reply-To": ""}))
    assert bench.case(number).assignee == ""
    bench.write(answer(notice(bench, number), "take"))
    assert bench.case(number).assignee == MARI


def test_a_held_copy_does_not_use_up_the_original(bench: Bench, number: int):
    original = answer(notice(bench, number), "take")
    fields = {"Subject": f"Re: [HD-{opened(bench)}] x", "To": SUPPORT, "In-Reply-To": ""}
    bench.write(with_fields(original, fields))
    bench.write(original)
    assert bench.case(number).assignee == MARI


def test_only_what_stands_inside_of_the_signature_is_read(bench: Bench, number: int):
    """A part that somebody put beside what Mari signed takes the proof away from all of it."""
    before = bench.case(number)
    head, _, body = answer(notice(bench, number), "note: for us").partition(b"\r\n\r\n")
    kind = next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Type"))
    outer = head.replace(kind, b'Content-Type: multipart/mixed; boundary="out"')
    inside = b"--out\r\nContent-Type: text/plain\r\n\r\nclose: done\r\n--out\r\n" + kind + b"\r\n\r\n" + body
    bench.write(outer + b"\r\n\r\n" + inside + b"--out--\r\n")
    assert held(bench)[-1] == "unproven: From names a member of the team and nothing proves it"
    assert bench.case(number) == before


def test_a_member_who_signs_in_cleartext_is_heard_and_the_customer_gets_no_armor(bench: Bench, number: int):
    letter = notice(bench, number)
    mail = mail_of(MARI, str(letter["Reply-To"]), f"Re: {letter['Subject']}", KEY.clear("take\n\nWe look into it."))
    out = bench.write(mail)
    (to_customer,) = [one for one in out if one["To"] == ANNA]
    assert bench.case(number).assignee == MARI
    assert "PGP" not in text_of(to_customer)


def test_an_old_signature_and_a_key_that_was_taken_away_are_worth_nothing(tmp_path: Path):
    bench = desk(tmp_path / "desk")
    number = opened(bench)
    raw = answer(notice(bench, number), "take")
    bench.now += timedelta(hours=73)
    bench.write(raw)
    assert bench.case(number).assignee == ""
    bench.now -= timedelta(hours=73)
    (tmp_path / "desk" / "keys" / f"{MARI}.asc").unlink()
    bench.write(answer(notice(bench, number), "take"))
    assert bench.case(number).assignee == ""
    assert [reason.partition(":")[0] for reason in held(bench)] == ["unproven", "unproven"]
    bench.close()
