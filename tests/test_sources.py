"""What a mail file holds, mail by mail, and when each mail arrived."""

import mailbox
import os
import threading
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.sources import arrival, mails, read_date

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAIL = b"Subject: one\n\nHello\n"


def box(folder: Path, content: bytes, name: str = "box.mbox") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def test_an_mbox_gives_each_mail_with_its_place_and_its_instant(tmp_path: Path):
    content = b"From a@example.com Mon Mar  2 09:00:00 2026\n" + MAIL + b"\n"
    content += b"From b@example.com Mon Mar  2 10:00:00 2026\nSubject: two\n\nBye\n"
    file = box(tmp_path, content)
    found = list(mails([file]))
    assert [mail.name for mail in found] == [f"{file}#1", f"{file}#2"]
    assert [mail.raw for mail in found] == [MAIL, b"Subject: two\n\nBye\n"]
    assert [mail.mbox_instant for mail in found] == [NINE, NINE.replace(hour=10)]


def test_what_the_standard_library_writes_is_read_back_unchanged(tmp_path: Path):
    texts = ["Hello\nFrom here on\n\nFrom there on\nBye\n", "Second\n", "\n\nThird\n\n"]
    written = mailbox.mbox(tmp_path / "lib.mbox")
    for text in texts:
        mail = EmailMessage()
        mail["Subject"] = "x"
        mail.set_content(text)
        written.add(mail)
    written.close()
    assert [mail.raw.partition(b"\n\n")[2].decode() for mail in mails([tmp_path / "lib.mbox"])] == texts


@pytest.mark.parametrize(
    ("line", "count"),
    [
        pytest.param(b"\nFrom now on we meet at 10:00 in 2026\n", 1, id="prose-after-an-empty-line"),
        pytest.param(b"\nFrom b@example.com\n", 1, id="no-date"),
        pytest.param(b">From b@example.com Mon Mar  2 10:00:00 2026\n", 1, id="quoted"),
        pytest.param(b"From b@example.com Mon Mar  2 10:00:00 2026\n", 2, id="without-the-empty-line"),
        pytest.param(b"From my notes of Mon Mar  2 10:00:00 2026\n", 1, id="prose-without-the-empty-line"),
        pytest.param(b'\nFrom "b c"@example.com Mon Mar  2 10:00:00 2026\n', 2, id="sender-with-a-blank"),
        pytest.param(b"\r\nFrom - Mon Mar 02 10:00:00 2026\r\n", 2, id="thunderbird-with-crlf"),
        pytest.param(b"\nFrom b Mon, 2 Mar 2026 10:00:00 +0000\n", 2, id="date-of-rfc-5322"),
        pytest.param(b"\nFrom b@example.com Sat Feb 30 10:00:00 2026\n", 2, id="impossible-date-divides-all-the-same"),
    ],
)
def test_only_a_from_line_with_sender_and_date_divides_two_mails(tmp_path: Path, line: bytes, count: int):
    head = b"From a@example.com Mon Mar  2 09:00:00 2026\n" + MAIL
    found = list(mails([box(tmp_path, head + line + b"Subject: two\n\nx\n")]))
    assert len(found) == count


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        pytest.param(b">From x\n", b"From x\n", id="one"),
        pytest.param(b">>From x\n", b">From x\n", id="two"),
        pytest.param(b"> From x\n", b"> From x\n", id="an-ordinary-quote"),
        pytest.param(b"a>From x\n", b"a>From x\n", id="inside-a-line"),
    ],
)
def test_the_quoting_of_from_is_taken_off(tmp_path: Path, stored: bytes, meant: bytes):
    file = box(tmp_path, b"From a Mon Mar  2 09:00:00 2026\nSubject: x\n\n" + stored)
    assert next(mails([file])).raw == b"Subject: x\n\n" + meant


def test_a_from_inside_a_line_longer_than_the_pieces_it_is_read_in_stays(tmp_path: Path):
    text = b"x" * 65536 + b">From y\n"
    file = box(tmp_path, b"From a Mon Mar  2 09:00:00 2026\nSubject: x\n\n" + text)
    assert next(mails([file])).raw.endswith(b"x>From y\n")


def test_an_eml_is_one_mail_even_with_a_line_of_an_mbox_on_top(tmp_path: Path):
    file = box(tmp_path, b"From a Mon Mar  2 09:00:00 2026\n" + MAIL + b"\nFrom b Mon Mar  2 10:00:00 2026\n", "a.eml")
    (found,) = mails([file])
    assert (found.name, found.mbox_instant) == (str(file), NINE)
    assert found.raw == MAIL + b"\nFrom b Mon Mar  2 10:00:00 2026\n"


def test_a_file_of_any_other_name_is_one_mail_if_it_is_no_mbox(tmp_path: Path):
    (found,) = mails([box(tmp_path, MAIL, "mail.txt")])
    assert (found.raw, found.mbox_instant) == (MAIL, None)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        pytest.param("box.mbox", "box.mbox#1", id="mbox"),
        pytest.param("Inbox", "Inbox#1", id="mbox-without-suffix"),
        pytest.param("bounce.txt", "bounce.txt", id="saved-with-its-line"),
    ],
)
def test_an_mbox_of_one_mail_is_known_by_its_name(tmp_path: Path, name: str, called: str):
    (found,) = mails([box(tmp_path, b"From a Mon Mar  2 09:00:00 2026\n" + MAIL, name)])
    assert (Path(found.name).name, found.raw, found.mbox_instant) == (called, MAIL, NINE)


def test_an_empty_mbox_holds_no_mail_and_an_empty_eml_is_one(tmp_path: Path):
    assert list(mails([box(tmp_path, b"")])) == []
    assert [mail.raw for mail in mails([box(tmp_path, b"", "empty.eml")])] == [b""]


def test_a_maildir_gives_new_and_cur_in_the_order_of_delivery(tmp_path: Path):
    for part, name, text in (
        ("cur", "2.b:2,S", b"b"),
        ("new", "1.a", b"a"),
        ("new", "3.c", b"c"),
        ("tmp", "0.t", b"t"),
    ):
        (tmp_path / part).mkdir(exist_ok=True)
        (tmp_path / part / name).write_bytes(text)
    (tmp_path / "new" / ".hidden").write_bytes(b"no mail")
    assert [mail.raw for mail in mails([tmp_path])] == [b"a", b"b", b"c"]
    assert sorted(file.name for file in (tmp_path / "cur").iterdir()) == ["2.b:2,S"]


def test_a_folder_gives_its_mails_by_name_and_those_of_the_folders_below(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    box(tmp_path, b"b", "b.eml")
    box(tmp_path, b"a", "a.EML")
    box(tmp_path / "deep", b"c", "c.eml")
    box(tmp_path, b"no mail", "README.md")
    assert [mail.raw for mail in mails([tmp_path])] == [b"a", b"b", b"c"]


def test_a_pipe_is_read_like_a_file(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(MAIL,))
    writer.start()
    assert [mail.raw for mail in mails([pipe])] == [MAIL]
    writer.join(timeout=10)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        list(mails([tmp_path / "away.eml"]))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        pytest.param("Mon Mar  2 09:00:00 2026", NINE, id="asctime"),
        pytest.param("Mon Mar  2 09:00 2026", NINE, id="asctime-without-seconds"),
        pytest.param("Mon Mar  2 10:00:00 2026 +0100", NINE, id="asctime-zone-last"),
        pytest.param("Mon Mar  2 10:00:00 +0100 2026", NINE, id="asctime-zone-before-the-year"),
        pytest.param("Mon Mar  2 09:00:00 GMT 2026", NINE, id="asctime-gmt"),
        pytest.param("Mon, 02 Mar 2026 10:00:00 +0100", NINE, id="rfc-5322"),
        pytest.param("2 Mar 2026 04:00 -0500 (EST)", NINE, id="rfc-5322-short-with-comment"),
        pytest.param("Mon, 02 Mar 2026 09:00:00 -0000", NINE, id="zone-unknown"),
        pytest.param("Mon, 02 Mar 2026 09:00:00", NINE, id="zone-missing"),
        pytest.param("Mon, 30 Feb 2026 09:00:00 +0000", None, id="no-such-day"),
        pytest.param("Mon, 02 Mar 2026 09:00:00 +9999", None, id="no-such-zone"),
        pytest.param("Thu, 01 Jan 1903 00:00:00 +0000", None, id="before-mail"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 -0100", None, id="beyond-the-calendar"),
        pytest.param("yesterday", None, id="prose"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_date_is_read_in_the_forms_that_stand_in_mails(text: str, instant: datetime | None):
    assert read_date(text) == instant


@pytest.mark.parametrize(
    ("head", "instant"),
    [
        pytest.param("Received: b; 2 Mar 2026 09:00 +0000\nReceived: a; 1 Mar 2026 09:00 +0000", NINE, id="topmost"),
        pytest.param("received: from x\n\tby y;\n Mon, 2 Mar 2026\n 09:00:00 +0000", NINE, id="folded"),
        pytest.param("Received: by b; Mon, 2 Mar 2026 09:00:00 +0000 (a; (b))", NINE, id="semicolon-in-a-comment"),
        pytest.param("Date: Mon, 2 Mar 2026 09:00:00 +0000", NINE, id="date-alone"),
        pytest.param("Received: by b; soon\nDate: Mon, 2 Mar 2026 09:00:00 +0000", NINE, id="unreadable-received"),
        pytest.param("Date: 2 Mar 2026 09:00 +0000\nDate: 3 Mar 2026 09:00 +0000", NINE, id="first-of-two-dates"),
        pytest.param("Subject: x\n\nDate: 2 Mar 2026 09:00 +0000", None, id="date-in-the-text"),
        pytest.param("", None, id="nothing"),
    ],
)  # fmt: skip
def test_a_mail_arrived_when_its_topmost_trace_says_else_when_it_was_written(head: str, instant: datetime | None):
    assert arrival(head.encode() + b"\n\nHello\n") == instant
    assert arrival(head.replace("\n", "\r\n").encode() + b"\r\n\r\nHello\r\n") == instant


def test_the_line_of_the_mbox_comes_before_all_fields():
    assert arrival(b"Date: 3 Mar 2026 09:00 +0000\n\n", NINE) == NINE


@pytest.mark.parametrize(
    "received", [pytest.param("(" * 100_000, id="parentheses"), pytest.param("x\n " * 60_000, id="folds")]
)
def test_a_hostile_field_costs_no_time(received: str):
    assert arrival(f"Received: {received};\nDate: Mon, 2 Mar 2026 09:00:00 +0000\n\n".encode()) == NINE
