"""A lead works in the quarantine by mail: looks, releases, drops. Nobody else can, whatever the mail says it is."""

import json
import re
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailbot.ports.records import InboxState
from tests.acceptance.bench import Bench, mail_of, reply_to, text_of

SUPPORT, BORDER = "support@example.com", "mx.example.com"
MARI, LEA, BOB, ANN = "mari@example.com", "lea@example.com", "bob@client.test", "ann@client.test"
PEOPLE = {
    "1": {"address": MARI, "role": "agent"},
    "2": {"address": LEA, "role": "lead", "name": "Lea Lead"},
}
SPAM, FORGED, LIMIT = 1, 2, 3


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A desk with three mails set aside: spam, a command in the lead's name, and one over the limits."""
    bench = Bench(tmp_path / "desk", MARI, people=json.dumps({"people": PEOPLE}))
    spam = mail_of(BOB, SUPPORT, "Offer", "Buy at https://evil.test now.", X_Spam_Flag="YES")
    spam.add_alternative("<p onclick='x()'>Buy <script>alert(1)</script></p>", subtype="html")
    spam.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="offer.exe")
    bench.write(spam)
    bench.write(mail_of(LEA, SUPPORT, "quarantine", "quarantine drop 1: forged"))
    bench.write(b"From: x@y.test\nTo: support@example.com\n" + b"X-A: b\n" * 20_000 + b"\nbody\n")
    assert [mail.id for mail in bench.store.quarantine_list()] == [SPAM, FORGED, LIMIT]
    return bench


def says(bench: Bench, text: str, sender: str = LEA, **fields: str) -> list[EmailMessage]:
    return bench.write(mail_of(sender, SUPPORT, "The quarantine", text, **fields), session=sender)


def state(bench: Bench, number: int) -> InboxState:
    mail = bench.store.quarantine_show(number)
    assert mail is not None
    return mail.state


def html_of(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def links(letter: EmailMessage) -> dict[str, str]:
    """What each link of a mail writes, to which address."""
    found = [urlsplit(unescape(link)) for link in re.findall(r'href="(mailto:[^"]+)"', html_of(letter))]
    return {parse_qs(link.query)["body"][0].partition("\r\n")[0]: unquote(link.path) for link in found}


def test_a_lead_lists_looks_releases_and_drops(bench: Bench):
    (listed,) = says(bench, "quarantine")
    assert all(f"\n{number}  " in text_of(listed) for number in (SPAM, FORGED, LIMIT))
    (shown,) = bench.write(reply_to(listed, f"quarantine show {SPAM}"), session=LEA)
    assert "> Buy at https://evil.test now." in text_of(shown)
    assert "offer.exe" in text_of(shown)
    assert "<script" not in html_of(shown)
    assert "onclick" not in html_of(shown)
    assert not list(shown.iter_attachments())
    (unread,) = says(bench, f"quarantine show {LIMIT}")
    assert "> From: x@y.test" in text_of(unread)
    assert f"mailbot quarantine show --raw {LIMIT}" in text_of(unread)
    raw = bench.store.raw(SPAM)
    (receipt,) = bench.write(
        reply_to(shown, f"quarantine drop {SPAM}: an offer\nquarantine release {FORGED}"), session=LEA
    )
    assert "left out for good" in text_of(receipt)
    assert state(bench, SPAM) is InboxState.DROPPED
    assert bench.store.raw(SPAM) == raw
    assert bench.store.case(1) is None
    assert bench.account()["dropped"] == 1
    bench.close()


def test_what_is_released_is_judged_anew_and_no_command_in_it_runs(bench: Bench):
    before = len(bench.events("MailHeld"))
    (receipt,) = [one for one in says(bench, f"quarantine release {FORGED}") if "judged anew" in text_of(one)]
    assert receipt["To"] == LEA
    # It still proves nothing, so it is held again, and what it says is not done.
    assert len(bench.events("MailHeld")) == before + 1
    assert state(bench, FORGED) is InboxState.HELD
    assert state(bench, SPAM) is InboxState.HELD
    # Let in by a colleague it does nothing either.
    says(bench, f"admit {FORGED}", MARI)
    assert state(bench, FORGED) is InboxState.DONE
    assert state(bench, SPAM) is InboxState.HELD
    bench.close()


def test_a_link_does_what_it_says_without_a_log_in_where_the_readers_server_vouches(bench: Bench):
    (listed,) = says(bench, "quarantine")
    line = f"quarantine release {SPAM}"
    address = links(listed)[line]
    assert re.fullmatch(r"support\+[a-z2-7]{44}@example\.com", address)
    clicked = mail_of(LEA, address, line, f"{line}\n\n##- Send this mail as it is, or do nothing. -##")
    bench.write(clicked)
    assert state(bench, SPAM) is InboxState.HELD
    before = len(bench.sent(LEA))
    clicked = mail_of(LEA, address, line, f"{line}\n\n##- Send this mail as it is, or do nothing. -##")
    clicked["Authentication-Results"] = f"{BORDER}; dmarc=pass header.from=example.com"
    bench.write(clicked, border=BORDER)
    assert "is judged anew" in text_of(bench.sent(LEA)[before])
    bench.close()


def test_nobody_else_does_or_learns_anything(bench: Bench):
    told: list[EmailMessage] = []
    for line in ("quarantine", f"quarantine show {SPAM}", f"quarantine release {SPAM}", f"quarantine drop {SPAM}: no"):
        verified = mail_of(LEA, SUPPORT, "The quarantine", line)
        verified["Authentication-Results"] = f"{BORDER}; dmarc=pass header.from=example.com"
        told += [*says(bench, line, MARI), *says(bench, line, ANN)]
        told += [*bench.write(mail_of(LEA, SUPPORT, "The quarantine", line)), *bench.write(verified, border=BORDER)]
    assert [(mail.id, mail.state) for mail in bench.store.quarantine_list()][:3] == [
        (SPAM, InboxState.HELD),
        (FORGED, InboxState.HELD),
        (LIMIT, InboxState.QUARANTINED),
    ]
    assert told
    assert not any("evil.test" in text_of(letter) or "Offer" in text_of(letter) for letter in told)
    bench.close()
