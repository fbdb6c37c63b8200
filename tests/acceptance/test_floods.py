"""Loops and floods against a whole desk: bounded, alarmed, over by themselves. Time is set, nothing is waited for."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.rules.case.evolve import evolve
from tests.acceptance.bench import Bench

MARI, SHOP = "mari@example.com", "shop@machine.test"
HOUR = timedelta(hours=1)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "desk", MARI)
    yield made
    made.close()


def a_mail(sender: str, number: int, subject: str = "Out of stock", **fields: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "support@example.com", f"{subject} {number}"
    mail["Message-ID"] = f"<{number}.{sender}>"
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"Article {number} of the shop is out of stock.")
    return mail


def told(bench: Bench, template: str) -> int:
    return sum(line.body.get("notice") == template for line in bench.lines())


def test_a_flood_of_one_sender_is_twenty_cases_and_one_that_keeps_the_rest(bench: Bench):
    for number in range(60):
        bench.write(a_mail(SHOP, number))
    assert len(bench.store.cases()) == 21
    assert bench.case(21).gathers
    assert bench.case(21).messages == 40
    assert bench.account() == {"received": 60, "new": 21, "threaded": 39}
    assert told(bench, "case_received") == 3
    assert (told(bench, "case_new"), told(bench, "alarm")) == (21, 2)
    bench.rest(bench.now + 2 * HOUR)
    assert [line["kind"] for line in bench.events("AlarmEnded")] == ["notices", "sender"]
    bench.write(a_mail(SHOP, 99))
    assert len(bench.store.cases()) == 22
    assert not bench.case(22).gathers
    assert bench.store.verify(evolve) == []


def test_a_responder_that_strips_its_marks_and_the_thread_gets_three_answers_an_hour(bench: Bench):
    waiting = [a_mail(SHOP, 0, "I am not at my desk")]
    sent = 0
    while waiting and sent < 200:
        sent += 1
        bench.write(waiting.pop())
        if len(bench.sent(SHOP)) >= sent:
            waiting.append(a_mail(SHOP, sent, "I am not at my desk"))
    assert len(bench.sent(SHOP)) == 3
    assert len(bench.store.cases()) == 4
    assert [line["kind"] for line in bench.events("AlarmRaised")] == ["notices"]


def test_two_desks_answer_each_other_no_more_than_once(bench: Bench, tmp_path: Path):
    other = Bench(tmp_path / "other", "ott@example.org", domain="example.org")
    first = a_mail("support@example.org", 1, "Question")
    out, desks = bench.write(first), [other, bench]
    sent = 0
    for place in range(20):
        back = [mail for mail in out if str(mail["To"]).endswith(desks[place % 2].desk.domain)]
        back = [mail for mail in back if str(mail["To"]).startswith("support")]
        if not back:
            break
        sent += len(back)
        out = [mail for one in back for mail in desks[place % 2].write(one)]
    assert sent <= 2
    other.close()


def test_reports_count_only_where_they_are_bound_to_a_letter_and_then_nothing_more_is_written(bench: Bench):
    bench.write(a_mail("jaan@customer.test", 1))
    for number in (1, 2):
        bench.write(said_by_mari(bench, f"Is it better now? {number}"), session=MARI)
        path, letter = next(
            (path, one) for path, one in reversed(bench.relay.taken) if one["To"] == "jaan@customer.test"
        )
        for forged in ("support+" + "a" * 44 + "@example.com", "support@example.com"):
            bench.write(a_report(forged, "<unknown@example.com>", number))
        assert len(bench.events("DeliveryFailed")) == number - 1
        for _ in range(2):
            bench.write(a_report(path, "", number))
        assert len(bench.events("DeliveryFailed")) == number, letter["Subject"]
    assert [event["to"] for event in bench.events("AddressStopped")] == ["jaan@customer.test"]
    before = len(bench.sent("jaan@customer.test"))
    bench.write(said_by_mari(bench, "And now?"), session=MARI)
    assert len(bench.sent("jaan@customer.test")) == before
    assert bench.store.deliver("jaan@customer.test", bench.now)
    bench.write(said_by_mari(bench, "And today?"), session=MARI)
    assert len(bench.sent("jaan@customer.test")) == before + 1


def said_by_mari(bench: Bench, words: str) -> EmailMessage:
    seen = bench.sent(MARI)[0]
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = MARI, str(seen["Reply-To"]), f"Re: {seen['Subject']}"
    mail["In-Reply-To"] = str(seen["Message-ID"])
    mail.set_content(words)
    return mail


def a_report(to: str, named: str, number: int) -> bytes:
    about = f"Message-ID: {named}\r\nSubject: x\r\n" if named else "Subject: x\r\n"
    return (
        f"From: mailer-daemon@customer.test\r\nTo: <{to}>\r\nSubject: Undelivered Mail {number}\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.test\r\n\r\n"
        "Final-Recipient: rfc822; jaan@customer.test\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{about}\r\n--b--\r\n"
    ).encode()
