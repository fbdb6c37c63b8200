"""Somebody tries numbers: in subjects, addresses, references and texts, proven as themselves or not at all.

The real reader, engine, templates and store. No case of others changes, and no byte of one is in what is sent to who
tries; nor does any answer tell a number that is there from one that is not.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.acceptance.bench import Bench, mail_of, reply_to, text_of
from tests.acceptance.desk import SUPPORT
from tests.acceptance.test_canary import everything
from tests.lives import LIVES

MARI, ANNA = "mari@example.com", "anna.quillfeather@customer.test"
BORDER = "mx.example.com"
#: What only the cases of others hold.
SECRETS = ("quillfeather", "turquoise", "zwickel", "vermilion", "okapi", "customer.test")
PEOPLE = {"1": {"address": MARI, "role": "agent", "name": "Mari"}, "2": {"address": ANNA, "name": "Anna Quillfeather"}}

Form = Callable[[int, str], EmailMessage]


def subject(number: int, sender: str) -> EmailMessage:
    return mail_of(sender, SUPPORT, f"Re: [HD-{number}] The safe", "What was it again?")


def bare(number: int, sender: str) -> EmailMessage:
    return mail_of(sender, SUPPORT, f"HD-{number}", f"status\n\nWhat about HD-{number}?")


def subaddress(number: int, sender: str) -> EmailMessage:
    return mail_of(sender, f"support+{number}@example.com", "Re: The safe", "What was it again?")


def tagged_address(number: int, sender: str) -> EmailMessage:
    return mail_of(sender, f"support+HD-{number}@example.com", "Re: The safe", "close")


def forged_token(number: int, sender: str) -> EmailMessage:
    letters = "".join("abcdefghijklmnopqrstuvwxyz234567"[number * prime % 32] for prime in range(3, 91, 2))
    return mail_of(sender, f"support+{letters}@example.com", "Re: The safe", "reopen")


def reference(number: int, sender: str) -> EmailMessage:
    ids = f"<{number}@example.com>"
    return mail_of(sender, SUPPORT, "Re: The safe", "status", In_Reply_To=ids, References=ids)


def forged_reference(number: int, sender: str) -> EmailMessage:
    ids = f"<{'a' * 43}b.{number:020x}@example.com>"
    return mail_of(sender, SUPPORT, f"Re: [hd-{number}] The safe", "close", In_Reply_To=ids, References=ids)


def commands(number: int, sender: str) -> EmailMessage:
    return mail_of(sender, SUPPORT, "Hello", f"HD-{number} close: done\nHD-{number} cc add {sender}\n#show HD-{number}")


def from_a_list(number: int, _sender: str) -> EmailMessage:
    return mail_of(MARI, SUPPORT, f"Re: [HD-{number}] The safe", "Tell me its word.", List_Id="<all.example.com>")


def from_a_program(number: int, _sender: str) -> EmailMessage:
    fields = {"Auto_Submitted": "auto-generated"}
    return mail_of(MARI, SUPPORT, f"[HD-{number}] The safe", "take", In_Reply_To=f"<{number}@example.com>", **fields)


def on_leave(number: int, _sender: str) -> EmailMessage:
    fields = {"Auto_Submitted": "auto-replied"}
    return mail_of(MARI, SUPPORT, f"Automatic reply: [HD-{number}] The safe", "I am out of the office.", **fields)


def report(number: int, _sender: str, about: str = "delivery-status") -> EmailMessage:
    mail = mail_of(MARI, SUPPORT, f"Re: [HD-{number}] The safe", "The mail to the safe's owner did not arrive.")
    mail.make_mixed()
    mail.set_type("multipart/report")
    mail.set_param("report-type", about)
    return mail


def receipt(number: int, sender: str) -> EmailMessage:
    return report(number, sender, "disposition-notification")


#: Automatic mail of every kind in a member's name, with what becomes of it.
AUTOMATIC: dict[Form, str] = {
    from_a_list: "unproven: From names a member",
    from_a_program: "unproven: From names a member",
    on_leave: "automatic mail (vacation) in a member's name, and nothing proves it",
    report: "automatic mail (report) in a member's name, and nothing proves it",
    receipt: "automatic mail (receipt) in a member's name, and nothing proves it",
}
FORMS: tuple[Form, ...] = (
    subject,
    bare,
    subaddress,
    tagged_address,
    forged_token,
    reference,
    forged_reference,
    commands,
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A desk with three cases of Anna's: new, answered, and closed."""
    bench = Bench(tmp_path / "desk", MARI, people=json.dumps({"people": PEOPLE}))
    for number in (1, 2, 3):
        bench.write(mail_of(ANNA, SUPPORT, "The turquoise safe", "Its word is zwickel, I think."))
        letter = next(one for one in bench.sent(MARI) if f"[HD-{number}]" in one["Subject"])
        if number > 1:
            bench.write(reply_to(letter, "take\n\nThe word was vermilion okapi."), session=MARI)
        if number > 2:
            bench.write(reply_to(letter, "close: done"), session=MARI)
    yield bench
    bench.close()


def what_is_known(bench: Bench) -> list[object]:
    """All of the three cases that a mail could change."""
    cases = [bench.case(number) for number in (1, 2, 3)]
    return [(c.status, c.assignee, c.requester, c.participants, c.messages, c.subject, c.reason) for c in cases]


def attempt(bench: Bench, form: Form, number: int, count: int) -> EmailMessage | None:
    """Let somebody new try a number, under their own name or a member's; return what goes to that address."""
    mail = form(number, f"eve{count}@stranger.test")
    sender = str(mail["From"])
    if count % 2:
        mail["Authentication-Results"] = f"{BORDER}; dmarc=pass header.from=stranger.test"
    # What a clock sends to who works on a case is no answer to anybody.
    bench.rest(until=bench.now + timedelta(seconds=13))
    before = what_is_known(bench)
    out = bench.write(mail, border=BORDER)
    assert what_is_known(bench) == before, (form.__name__, number)
    mine = [letter for letter in out if letter["To"] == sender]
    for letter in mine:
        assert not [secret for secret in SECRETS if secret in everything(letter).lower()], everything(letter)
    assert not [one for one in out if one["To"] not in (sender, MARI, ANNA)]
    assert len(mine) <= 1
    return mine[0] if mine else None


def shape(letter: EmailMessage | None) -> str:
    """What somebody learns from an answer, without its own number and its hours."""
    said = f"{letter['Subject']}\n{text_of(letter)}" if letter else ""
    return re.sub(r"\d+|support\+\S+|eve\S*", "#", said)


def test_no_answer_tells_a_number_that_is_there_from_one_that_is_not(bench: Bench):
    counts = itertools.count()
    for form in FORMS:
        # Not proven at a new case, proven as themselves at a closed one.
        for proven, number in ((0, 1), (1, 3)):
            there, absent = (shape(attempt(bench, form, one, next(counts) * 2 + proven)) for one in (number, 90_001))
            assert there == absent, form.__name__
            assert there, form.__name__


def test_automatic_mail_in_a_members_name_reaches_no_case_by_its_number(bench: Bench):
    tries = itertools.product(AUTOMATIC.items(), (1, 2, 3))
    for count, ((form, becomes), number) in enumerate(tries, 1):
        attempt(bench, form, number, count)
        ended = [*bench.events("MailHeld"), *bench.events("MailIgnored")]
        assert len(ended) == count
        assert sum(str(line["reason"]).startswith(becomes) and line["case"] is None for line in ended) >= number


@pytest.mark.slow
@pytest.mark.timeout(2_400)
def test_ten_thousand_tries_change_no_case_and_are_told_no_byte_of_one(bench: Bench):
    forms, answers = (*FORMS, *AUTOMATIC), 0
    for count in range(LIVES):
        answers += attempt(bench, forms[count % len(forms)], count // len(forms) % 800 + 1, count) is not None
    assert answers > LIVES // 10
