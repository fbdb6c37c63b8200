"""Many machines at once against a whole desk: each promise is a sentence, and the desk is well again by itself.

Time is set, nothing is waited for. What comes in is what programs, forgers and other desks really write.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.rules.case.evolve import evolve
from tests.acceptance.bench import Bench, mail_of, new_id, reply_to, text_of

MARI, SUPPORT, BORDER = "mari@example.com", "support@example.com", "mx.example.com"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Far apart enough that everybody who is not proven is acknowledged (300 an hour).
APART = timedelta(seconds=20)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "desk", MARI, settings={"MAILBOT_IDENTITY__AUTHSERV_ID": BORDER})
    yield made
    made.close()


def told(bench: Bench, template: str) -> int:
    return sum(line.body.get("notice") == template for line in bench.lines())


def to_customers(bench: Bench, after: int = 0) -> list[tuple[str, EmailMessage]]:
    return [(path, mail) for path, mail in bench.relay.taken[after:] if mail["To"] != MARI]


# --- the vacation storm ---------------------------------------------------------------------------------------------

AWAY = "I am out of the office until 9 March. In urgent matters please write to boss@customer.test."


def by_the_book(path: str, letter: EmailMessage) -> EmailMessage:
    """RFC 3834: to the return path, with its field."""
    to = path or SUPPORT
    subject = f"Automatic reply: {letter['Subject']}"
    return mail_of(str(letter["To"]), to, subject, "Away until 9 March.", Auto_Submitted="auto-replied")


def without_fields(_path: str, letter: EmailMessage) -> EmailMessage:
    """A gateway took them off: only the words are left, in an answer as a person writes it."""
    return reply_to(letter, AWAY)


def with_a_subject_alone(_path: str, letter: EmailMessage) -> EmailMessage:
    """In a new thread, to the address that it knows."""
    return mail_of(str(letter["To"]), SUPPORT, "Out of office", AWAY)


def in_german(_path: str, letter: EmailMessage) -> EmailMessage:
    subject = f"Abwesenheitsnotiz: {letter['Subject']}"
    return mail_of(str(letter["To"]), str(letter["Reply-To"]), subject, "Ich bin bis 9. März im Urlaub.")


Responder = Callable[[str, EmailMessage], EmailMessage]
RESPONDERS: tuple[Responder, ...] = (by_the_book, without_fields, with_a_subject_alone, in_german)


def answered_by_all(bench: Bench, seen: int) -> int:
    """Let each customer's responder answer each letter from `seen` on, until there is none; return how many mails."""
    mails = 0
    while new := to_customers(bench, seen):
        seen = len(bench.relay.taken)
        for path, letter in new:
            number = int(str(letter["To"]).partition("@")[0])
            bench.write(RESPONDERS[number % len(RESPONDERS)](path, letter))
            mails += 1
        assert mails <= 2_000, "the storm does not end"
    return mails


def standing_of(bench: Bench) -> list[tuple[object, ...]]:
    """What an absence must not change: where each case is, its clocks, how long its customer is silent."""
    return [
        (
            *(case.number, case.status, case.status_since, case.clocks, case.answered_at),
            *(case.reminders, case.reminded_at, case.ladder_ended),
        )
        for case in bench.store.cases()
    ]


def test_five_hundred_absent_customers_are_no_case_no_answer_and_no_sign_of_life(bench: Bench):
    for number in range(500):
        bench.now += APART
        bench.write(mail_of(f"{number}@customer{number}.test", SUPPORT, "Printer", "It burns."))
    acknowledged = to_customers(bench)
    assert len(acknowledged) == 500
    before, sent = standing_of(bench), len(bench.relay.taken)
    assert answered_by_all(bench, 0) == 500
    assert len(bench.relay.taken) == sent
    assert standing_of(bench) == before
    assert bench.account() == {"received": 1_000, "new": 500, "threaded": 250, "ignored": 250}
    assert bench.events("AlarmRaised") == []
    assert bench.store.verify(evolve) == []


def test_an_absent_customer_who_is_reminded_is_waited_for_as_ever_and_the_case_closes(bench: Bench):
    for number in range(len(RESPONDERS)):
        bench.write(mail_of(f"{number}@customer.test", SUPPORT, "Printer", "It burns."))
    for letter in bench.sent(MARI):
        bench.write(reply_to(letter, "ask: Which floor are you on?"), session=MARI)
    assert {case.status for case in bench.store.cases()} == {"Waiting for customer"}
    answered_by_all(bench, 0)
    for _ in range(60):
        before = len(bench.relay.taken)
        bench.rest(bench.now + DAY)
        answered_by_all(bench, before)
    assert {case.status for case in bench.store.cases()} == {"Closed"}
    assert len(bench.events("ReminderSent")) == 2 * len(RESPONDERS)
    assert len(to_customers(bench)) <= 6 * len(RESPONDERS)


def test_a_responder_that_nobody_would_know_begins_a_few_cases_an_hour_and_is_told_to_who_leads(bench: Bench):
    bench.write(mail_of("0@customer.test", SUPPORT, "Printer", "It burns."))
    seen = 0
    while new := to_customers(bench, seen):
        seen = len(bench.relay.taken)
        for _, letter in new:
            bench.write(mail_of(str(letter["To"]), SUPPORT, "Gone sailing", "The regatta calls!"))
    assert len(bench.store.cases()) == 4
    assert len(to_customers(bench)) == 3
    assert [line["kind"] for line in bench.events("AlarmRaised")] == ["notices"]
    bench.rest(bench.now + DAY)
    assert [line["kind"] for line in bench.events("AlarmEnded")] == ["notices"]
    assert bench.write(mail_of("0@customer.test", SUPPORT, "Lamp", "It is dark."))


# --- forged senders -------------------------------------------------------------------------------------------------


def proven(sender: str, subject: str) -> EmailMessage:
    mail = mail_of(sender, SUPPORT, subject, "It burns.")
    mail["Authentication-Results"] = f"{BORDER}; dmarc=pass header.from={sender.partition('@')[2]}"
    return mail


def test_four_hundred_forged_senders_in_an_hour_get_three_hundred_answers_and_who_is_proven_is_answered_at_once(
    bench: Bench,
):
    bench.write(proven("anna@known.test", "Lamp"), border=BORDER)
    (known,) = bench.sent("anna@known.test")
    for number in range(400):
        bench.now += timedelta(seconds=7)
        bench.write(mail_of(f"{number}@victim{number}.test", SUPPORT, f"Cheap watches {number}", f"Buy {number}"))
    assert len([mail for _, mail in to_customers(bench) if "victim" in str(mail["To"])]) <= 300
    assert len(bench.store.cases()) == 401
    assert [line["kind"] for line in bench.events("AlarmRaised")] == ["answers"]
    assert told(bench, "alarm") == 1
    for _, letter in to_customers(bench):
        assert "watches" not in str(letter) or letter["To"] == "anna@known.test"
    heard = {mail["To"] for mail in bench.write(proven("ben@new.test", "Door"), border=BORDER)}
    assert heard == {MARI, "ben@new.test"}
    (answer,) = [mail for mail in bench.write(reply_to(known, "status")) if mail["To"] == "anna@known.test"]
    assert "HD-1" in text_of(answer)
    bench.rest(bench.now + 3 * HOUR)
    assert [line["kind"] for line in bench.events("AlarmEnded")] == ["answers"]
    assert "eve@later.test" in {mail["To"] for mail in bench.write(mail_of("eve@later.test", SUPPORT, "Key", "Lost."))}


def test_four_hundred_mails_of_one_sender_in_an_hour_are_all_kept_and_make_one_digest_case(bench: Bench):
    for number in range(400):
        bench.now += timedelta(seconds=7)
        bench.write(mail_of("shop@machine.test", SUPPORT, f"Out of stock {number}", f"Article {number} is sold out."))
    assert bench.account() == {"received": 400, "new": 21, "threaded": 379}
    digest = bench.case(21)
    assert digest.gathers
    kept = " ".join(str(line.body.get("text", "")) for line in bench.lines())
    assert [number for number in range(400) if f"Article {number} is sold out." not in kept] == []
    assert len(to_customers(bench)) == 3
    assert told(bench, "case_new") == 21
    assert {line["kind"] for line in bench.events("AlarmRaised")} == {"notices", "sender"}
    assert told(bench, "alarm") <= 2
    bench.rest(bench.now + 3 * HOUR)
    assert {line["kind"] for line in bench.events("AlarmEnded")} == {"notices", "sender"}
    bench.write(mail_of("shop@machine.test", SUPPORT, "A question", "Do you sell lamps?"))
    assert not bench.case(22).gathers


# --- delivery reports -----------------------------------------------------------------------------------------------


def a_report(to: str, named: str, words: str) -> bytes:
    about = f"Message-ID: {named}\r\nSubject: x\r\n" if named else "Subject: x\r\n"
    return (
        f"Return-Path: <>\r\nFrom: mailer-daemon@customer.test\r\nTo: <{to}>\r\nMessage-ID: {new_id('mx.test')}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{words}\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.test\r\n\r\n"
        "Final-Recipient: rfc822; anna@customer.test\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{about}\r\n--b--\r\n"
    ).encode()


def test_of_a_storm_of_delivery_reports_only_those_on_letters_of_ours_count_and_nobody_is_answered(
    bench: Bench, tmp_path: Path
):
    other = Bench(tmp_path / "other", MARI)
    for desk in (bench, other):
        for number in range(10):
            desk.write(mail_of(f"{number}@customer.test", SUPPORT, "Printer", "It burns."))
        for letter in desk.sent(MARI):
            desk.write(reply_to(letter, "ask: Which floor are you on?"), session=MARI)
    letters = [(path, mail) for path, mail in to_customers(bench) if path]
    foreign = [path for path, _ in to_customers(other) if path]
    other.close()
    assert len(letters) == len(foreign) == 10
    before, statuses = len(bench.relay.taken), {case.status for case in bench.store.cases()}
    for number in range(200):
        path, letter = letters[number % 10]
        begins, ends = path.index("+") + 1, path.index("@")
        place = begins + number % (ends - begins)
        flipped = path[:place] + ("a" if path[place] != "a" else "b") + path[place + 1 :]
        for to, named in (
            (path, ""),
            (path, str(letter["Message-ID"])),
            (flipped, ""),
            (foreign[number % 10], ""),
            (SUPPORT, f"<{number}.mailbot@example.com>"),
        ):
            bench.take_in(a_report(to, named, "close: done\r\n#priority P1\r\nescalate"))
    bench.rest()
    failed = bench.events("DeliveryFailed")
    assert len(failed) == 10
    assert {case.status for case in bench.store.cases()} == statuses
    assert len(bench.events("CommandsRun")) == 10, "those of the desk itself"
    assert bench.events("CommandRefused") == []
    assert {mail["To"] for _, mail in bench.relay.taken[before:]} == {MARI}
    assert len(bench.relay.taken) - before == 10
    assert bench.store.verify(evolve) == []


# --- a mailing list -------------------------------------------------------------------------------------------------


def test_a_list_to_which_the_desk_is_subscribed_hears_nothing_of_it(bench: Bench):
    for number in range(30):
        mail = mail_of(f"{number}@people.test", "talk@lists.test", f"[talk] Which lamp? {number}", "I need a lamp.")
        mail["List-Id"], mail["Precedence"] = "<talk.lists.test>", "list"
        mail["List-Post"], mail["Delivered-To"] = "<mailto:talk@lists.test>", SUPPORT
        bench.write(mail)
    assert to_customers(bench) == []
    assert bench.account()["received"] == 30
