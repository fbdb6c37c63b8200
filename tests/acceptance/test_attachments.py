"""What is attached goes on byte for byte to the other side, under a clean name; and what agents do beside answering."""

import json
import random
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.acceptance.bench import Bench, mail_of, reply_to, text_of, with_words
from tests.acceptance.desk import DOMAIN, SUPPORT, Home, answer, running, until

MARI, JAAN, ANNA = "mari@example.com", "jaan@example.com", "anna@customer.test"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "desk", MARI, JAAN)
    yield bench
    bench.close()


def noise(size: int) -> bytes:
    """Bytes of all kinds, the same every time."""
    return random.Random(size).randbytes(size)


def carried(mail: EmailMessage) -> dict[str, bytes]:
    """The attachments of a mail by name."""
    found = {}
    for part in mail.iter_attachments():
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        found[part.get_filename() or ""] = payload
    return found


def with_file(mail: EmailMessage, name: str, content: bytes, kind: str = "application/octet-stream") -> EmailMessage:
    main, _, sub = kind.partition("/")
    mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail


def team_notice(bench: Bench, to: str = MARI) -> EmailMessage:
    return bench.sent(to)[0]


@pytest.mark.parametrize("size", [0, 1, 997, 65_537, 1_500_000])
def test_a_customers_attachment_reaches_the_team_and_an_agents_the_customer_byte_for_byte(
    bench: Bench, size: int
) -> None:
    photo, plan = noise(size), noise(size + 1)
    bench.write(with_file(mail_of(ANNA, SUPPORT, "The pump", "See the photo."), "photo.jpg", photo, "image/jpeg"))
    for member in (MARI, JAAN):
        assert carried(team_notice(bench, member)) == {"photo.jpg": photo}
    (received,) = bench.sent(ANNA)
    assert carried(received) == {}, "an acknowledgement to a stranger gives nothing back"
    mail = with_file(reply_to(team_notice(bench), "Please look at the plan."), "plan.pdf", plan, "application/pdf")
    (sent,) = [m for m in bench.write(mail, session=MARI) if m["To"] == ANNA]
    assert carried(sent) == {"plan.pdf": plan}
    assert "plan.pdf" in text_of(sent)


def test_a_file_alone_is_an_answer(bench: Bench) -> None:
    bench.write(mail_of(ANNA, SUPPORT, "The pump", "Send the plan."))
    out = bench.write(with_file(reply_to(team_notice(bench), ""), "plan.pdf", noise(99)), session=MARI)
    assert [carried(m) for m in out if m["To"] == ANNA] == [{"plan.pdf": noise(99)}]


def test_an_attached_mail_goes_along_as_a_mail(bench: Bench) -> None:
    inner = mail_of("berta@other.test", ANNA, "Fwd: what Berta wrote", "close\n\nIt hums.")
    outer = mail_of(ANNA, SUPPORT, "The pump", "See what Berta wrote to me.")
    outer.add_attachment(inner)
    bench.write(outer)
    notice = team_notice(bench)
    (part,) = list(notice.iter_attachments())
    assert part.get_content_type() == "message/rfc822"
    inside = part.get_content()
    assert (inside["Subject"], inside["Message-ID"]) == (inner["Subject"], inner["Message-ID"])
    assert "It hums." in text_of(inside)
    assert "It hums" not in text_of(notice)
    assert bench.case().status == "Open"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("../../etc/passwd", "passwd", id="path"),
        pytest.param("C:\\Users\\anna\\photo.jpg", "photo.jpg", id="windows-path"),
        pytest.param("photo\u202egpj.exe", "photogpj.exe", id="right-to-left"),
        pytest.param("\u200b.htaccess", "htaccess", id="hidden-behind-an-invisible-sign"),
        pytest.param("käyrä 1.pdf", "käyrä 1.pdf", id="letters-and-a-space"),
    ],
)
def test_names_are_cleaned_on_their_way(bench: Bench, name: str, shown: str) -> None:
    bench.write(with_file(mail_of(ANNA, SUPPORT, "The pump", "See the file."), name, b"x"))
    notice = team_notice(bench)
    (found,) = carried(notice)
    assert not re.search("[/\\\\\x00-\x1f\u200b-\u200f\u202a-\u202e]", found)
    assert found.lstrip("._") == shown
    assert shown in text_of(notice)


def test_a_case_is_opened_for_a_customer_who_called_earlier(bench: Bench) -> None:
    called = "2026-03-02T08:15+00:00"
    mail = mail_of(MARI, SUPPORT, "The pump hums", f"for {ANNA} opened {called}\n\nShe called: it hums.")
    out = bench.write(mail, session=MARI)
    case = bench.case()
    assert (case.requester, case.opened.isoformat()) == (ANNA, "2026-03-02T08:15:00+00:00")
    assert {str(m["To"]) for m in out} == {ANNA, MARI, JAAN}
    (opened,) = bench.events("CaseOpened", 1)
    assert opened["at"] != opened["opened"]
    assert "it hums" in text_of(next(m for m in out if m["To"] == JAAN))


def test_a_note_stays_inside_and_an_answer_to_it_too(bench: Bench) -> None:
    bench.write(mail_of(ANNA, SUPPORT, "The pump", "It hums."))
    out = bench.write(reply_to(team_notice(bench), "note\n\nHas she paid?"), session=MARI)
    assert {str(m["To"]) for m in out} == {MARI, JAAN}, "a receipt, and the note to the others"
    (noted,) = with_words(bench.sent(JAAN), "Has she paid?")
    with_file(answer_inside := reply_to(noted, "Yes, in May."), "bill.pdf", b"secret")
    out = bench.write(answer_inside, session=JAAN)
    assert ANNA not in [m["To"] for m in out]
    assert bench.case().status == "Open", "words inside the team start no work"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.init(tmp_path / "desk", MARI, JAAN)


def test_an_operator_takes_a_case_and_lets_a_held_mail_in(home: Home) -> None:
    with running(home):
        home.send(mail_of(ANNA, SUPPORT, "The pump", "It hums."))
        team = home.letter(MARI, "It hums")
        forged = answer(team, "This was me indeed, dear Anna.")
        home.send(forged)  # not logged in
        held = until("the mail to be held", lambda: quarantine(home))
        done = home.mailbot("do", "HD-1", "take", "--as", JAAN)
        assert (done.returncode, "the case is yours" in done.stdout) == (0, True), done.stderr
        assert (home.case("HD-1") or {})["assignee"] == JAAN
        home.letter(ANNA, "working on")
        assert not with_words(home.outgoing(ANNA), "This was me indeed")
        done = home.mailbot("quarantine", "admit", held)
        assert (done.returncode, "is let in" in done.stdout) == (0, True), done.stderr
        home.letter(ANNA, "This was me indeed, dear Anna.")
        assert DOMAIN in str(home.outgoing(ANNA)[-1]["From"])
        assert not quarantine(home)
        refused = home.mailbot("quarantine", "admit", held)
        assert (refused.returncode, "nothing changed" in refused.stderr + refused.stdout) == (1, True)
    verified = home.mailbot("verify")
    assert verified.returncode == 0, verified.stdout


def quarantine(home: Home) -> str:
    """Return the number of the mail that waits for a word, "" for none."""
    done = home.mailbot("quarantine", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return str(found[0]["id"]) if found else ""
