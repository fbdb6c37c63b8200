"""What joins cases, through the real parts: reply addresses, threads and the store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.rules.case.evolve import evolve
from tests.acceptance.bench import Bench, mail_of, reply_to, text_of

SUPPORT, ANNA, OLEV, MARI = "support@example.com", "anna@customer.test", "olev@other.test", "mari@example.com"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "desk", MARI)
    bench.write(mail_of(ANNA, SUPPORT, "The printer is on fire", "Flames on the left side."))
    bench.write(mail_of(OLEV, SUPPORT, "Smoke", "Smoke comes out of the printer."))
    yield bench
    assert bench.store.verify(evolve) == []
    bench.close()


def test_old_reply_addresses_lead_to_where_a_merged_case_goes_on(desk: Bench):
    old_to_olev, old_to_mari = desk.sent(OLEV)[-1], desk.sent(MARI)[-1]
    desk.write(reply_to(old_to_mari, "merge 1"), session=MARI)
    assert (desk.case(2).reason, desk.case(2).merged_into) == ("merged", 1)
    (told,) = desk.sent(OLEV)[1:]
    assert "HD-1" in str(told["Subject"])
    assert "Flames" not in text_of(told)
    desk.write(reply_to(old_to_olev, "It smokes again."))
    assert [event["from"] for event in desk.events("MessageAdded", 1)] == [ANNA, OLEV]
    desk.write(reply_to(old_to_mari, "We are on our way."), session=MARI)
    assert "We are on our way." in text_of(desk.sent(ANNA)[-1])
    assert "We are on our way." in text_of(desk.sent(OLEV)[-1])
    desk.write(reply_to(desk.sent(MARI)[-1], "unmerge HD-2"), session=MARI)
    desk.write(reply_to(old_to_olev, "And now?"))
    assert [event["from"] for event in desk.events("MessageAdded", 2)] == [OLEV, OLEV]
    assert OLEV not in desk.case(1).participants


def test_the_mail_that_is_answered_becomes_a_case_of_its_own(desk: Bench):
    desk.write(reply_to(desk.sent(ANNA)[-1], "And the lamp flickers."))
    about_the_lamp = desk.sent(MARI)[-1]
    desk.write(reply_to(desk.sent(ANNA)[-1], "The window does not shut."))
    desk.write(reply_to(about_the_lamp, "split: The lamp"), session=MARI)
    assert (desk.case(3).subject, desk.case(3).links) == ("The lamp", (1,))
    assert [event["text"] for event in desk.events("MessageAdded", 3)] == ["And the lamp flickers."]
    assert "HD-3" in text_of(desk.sent(ANNA)[-1])
    desk.write(reply_to(desk.sent(ANNA)[-1], "It is the one in the hall."))
    assert len(desk.events("MessageAdded", 3)) == 2


def test_an_answer_in_the_parent_reaches_each_customer_in_their_own_case(desk: Bench):
    in_parent, in_child = (next(m for m in desk.sent(MARI) if f"[HD-{n}]" in str(m["Subject"])) for n in (1, 2))
    desk.write(reply_to(in_child, "parent HD-1"), session=MARI)
    assert "HD-2" in text_of(desk.sent(MARI)[-1])
    desk.write(reply_to(in_parent, "all\nfix: It is out now."), session=MARI)
    assert [desk.case(number).status for number in (1, 2)] == ["Fixed", "Fixed"]
    to_anna, to_olev = desk.sent(ANNA)[-1], desk.sent(OLEV)[-1]
    assert ("[HD-1]" in str(to_anna["Subject"]), "[HD-2]" in str(to_olev["Subject"])) == (True, True)
    assert "It is out now." in text_of(to_anna)
    assert "It is out now." in text_of(to_olev)
    assert not {"HD-1", "Flames", ANNA} & set(text_of(to_olev).split())
    desk.write(reply_to(to_olev, "No, still the same."))
    assert (desk.case(1).status, desk.case(2).kind.value) == ("Fixed", "active")
    receipt = desk.sent(MARI)[-2]
    assert "HD-2 fix: It is out now." in text_of(receipt)
    desk.write(reply_to(receipt, "undo"), session=MARI)
    assert "nothing was taken back" in text_of(desk.sent(MARI)[-1])
