"""`mailbot read`: one report per mail, without a store, however odd the mail."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.cli import main
from mailbot.cli.read import reports
from mailbot.sources import SourceMail
from tests.cli.conftest import Said

Mailbot = Callable[..., Said]

KEYS = [
    "file", "message_id", "subject", "from", "to", "cc", "date", "text", "new_text", "quoted", "signature", "html",
    "attachments", "forwarded", "automatic", "answerable", "report", "spam", "defects",
]  # fmt: skip

REPLY = """\
From: "Alice \N{SNOWMAN}" <Alice@Customer.test>
To: support@example.com, Bob <bob@customer.test>
Subject: Re: Printer
Message-ID: <r1@customer.test>
Date: Mon, 2 Mar 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

It still burns.

On Mon, 2 Mar 2026, Support wrote:
> Is it out?

--\N{SPACE}
Alice
--b
Content-Type: image/png; name="[red].png"
Content-Disposition: attachment; filename="[red].png"
Content-Transfer-Encoding: base64

aGVsbG8=
--b--
""".encode()

REPORT = b"""\
From: MAILER-DAEMON@mx.customer.test
To: support@example.com
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Nobody of that name.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.customer.test

Final-Recipient: rfc822; bob@customer.test
Action: failed
Status: 5.1.1

--b--
"""


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command line in a folder without any configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILBOT_CONFIG", raising=False)

    def run(*words: str) -> Said:
        capsys.readouterr()
        code = main(words)
        return Said(code, *capsys.readouterr())

    return run


def test_a_mail_is_a_line_of_the_contract(alone: Mailbot, tmp_path: Path):
    (tmp_path / "a.eml").write_bytes(REPLY)
    said = alone("read", "a.eml", "--json")
    assert (said.code, said.err) == (0, "")
    (line,) = said.out.splitlines()
    report = json.loads(line)
    assert [key for key in KEYS if key not in report] == []
    assert report["file"] == "a.eml"
    assert report["from"] == {"address": "alice@customer.test", "name": "Alice \N{SNOWMAN}"}
    assert report["to"] == ["support@example.com", "bob@customer.test"]
    assert report["new_text"] == "It still burns."
    assert [(one["name"], one["type"], one["size"]) for one in report["attachments"]] == [("[red].png", "image/png", 5)]
    assert (report["automatic"], report["answerable"], report["report"]) == (None, True, None)


def test_a_mail_is_shown_to_people(alone: Mailbot, tmp_path: Path):
    (tmp_path / "a.eml").write_bytes(REPLY)
    said = alone("read", "a.eml")
    assert (said.code, said.err) == (0, "")
    for words in ("a.eml", "alice@customer.test", "own words\n    It still burns.\n", "[red].png", "> Is it out?"):
        assert words in said.out
    assert "\x1b" not in said.out


def test_a_delivery_report_is_shown_with_its_recipients(alone: Mailbot, tmp_path: Path):
    (tmp_path / "report.eml").write_bytes(REPORT)
    report = json.loads(alone("read", "report.eml", "--json").out)["report"]
    assert report["recipients"] == [
        {"address": "bob@customer.test", "action": "failed", "status": "5.1.1", "kind": "hard"}
    ]
    out = alone("read", "report.eml").out
    assert "bob@customer.test failed 5.1.1 (hard)" in out
    assert "answerable  no" in out


@pytest.mark.parametrize(
    ("field", "spam", "shown"),
    [
        pytest.param("X-Spam-Flag: YES", {"by": "X-Spam-Flag", "score": None}, "says X-Spam-Flag\n", id="flag"),
        pytest.param(
            "X-Spam-Status: Yes, score=9.5 required=5.0",
            {"by": "X-Spam-Status", "score": 9.5},
            "says X-Spam-Status, 9.5 points",
            id="points",
        ),
        pytest.param("X-Spam-Flag: NO", None, "", id="none"),
    ],
)
def test_the_verdict_of_a_server_in_front_is_told(alone: Mailbot, tmp_path: Path, field: str, spam: object, shown: str):
    (tmp_path / "a.eml").write_bytes(field.encode() + b"\n" + REPLY)
    assert json.loads(alone("read", "a.eml", "--json").out)["spam"] == spam
    out = alone("read", "a.eml").out
    assert shown in out
    assert ("says X-Spam" in out) is bool(shown)


def test_each_mail_of_an_mbox_is_named_by_its_place(alone: Mailbot, tmp_path: Path):
    line = b"From a Mon Mar  2 09:00:00 2026\n"
    (tmp_path / "box").write_bytes(line + b"Subject: one\n\nx\n\n" + line + b"Subject: two\n\nx\n")
    found = [json.loads(one) for one in alone("read", "box", "--json").out.splitlines()]
    assert [(one["file"], one["subject"]) for one in found] == [("box#1", "one"), ("box#2", "two")]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00" * 1000, id="nothing-but-null-bytes"),
        pytest.param(b"prose without any field\n", id="no-header"),
        pytest.param(b"Subject: \xff\xfe\n\n\x80\x81\n", id="eight-bit-rubbish"),
        pytest.param(b"From: " + b"(" * 1000 + b"\n\nx\n", id="open-comments"),
        pytest.param(b"From: a@x.test\nFrom: b@x.test\n\nx\n", id="two-senders"),
        pytest.param(b"Content-Type: text/html" + b" ;" * 7000 + b"\n\n<b>x", id="empty-parameters"),
        pytest.param(
            b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)),
            id="nested-too-deep",
        ),
    ],
)
def test_an_odd_mail_is_a_report_like_any_other(alone: Mailbot, tmp_path: Path, raw: bytes):
    (tmp_path / "odd.eml").write_bytes(raw)
    said = alone("read", "odd.eml", "--json")
    assert (said.code, said.out.count("\n")) == (0, 1)
    report = json.loads(said.out)
    assert [key for key in KEYS if key not in report] == []
    assert alone("read", "odd.eml").code == 0


def test_a_mail_that_breaks_the_reader_hides_no_other():
    def reader(raw: bytes, file: str) -> dict[str, object]:
        if raw == b"bad":
            raise RecursionError("too deep")
        return {"file": file, "defects": []}

    found = list(reports((SourceMail(name=name, raw=name.encode()) for name in ("bad", "good")), reader))
    assert found[0]["defects"] == ["could not be read: RecursionError: too deep"]
    assert set(found[0]) == set(KEYS)
    assert found[1] == {"file": "good", "defects": []}


def test_files_that_are_not_there_are_all_said_before_anything_is_read(alone: Mailbot, tmp_path: Path):
    (tmp_path / "a.eml").write_bytes(REPLY)
    said = alone("read", "a.eml", "away.eml", "gone", "--json")
    assert said == Said(2, "", "away.eml: no such file or folder\ngone: no such file or folder\n")


def test_no_file_at_all_is_wrong_use(alone: Mailbot):
    said = alone("read")
    assert (said.code, said.out) == (2, "")


def test_a_folder_without_mails_gives_nothing_and_says_so(alone: Mailbot, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    said = alone("read", "empty", "--json")
    assert said == Said(0, "", "No mail found; a folder is searched for .eml and .mbox files and Maildirs.\n")


def test_a_file_name_that_is_no_text_is_printed_all_the_same(tmp_path: Path):
    name = os.fsencode(tmp_path) + b"/\xff.eml"
    with open(name, "wb") as file:  # noqa: PTH123 - the name is bytes
        file.write(REPLY)
    for options in ([], [b"--json"]):
        words = [os.fsencode(sys.executable), b"-m", b"mailbot", b"read", name, *options]
        done = subprocess.run(words, capture_output=True, check=True, cwd=tmp_path, timeout=60)
        assert b"It still burns." in done.stdout


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path):
    line = b"From a Mon Mar  2 09:00:00 2026\n"
    (tmp_path / "box").write_bytes((line + b"Subject: one\n\n" + b"x\n" * 5000 + b"\n") * 50)
    words = f"{sys.executable} -m mailbot read box | head -n 1"
    done = subprocess.run(["sh", "-c", words], capture_output=True, check=True, cwd=tmp_path, timeout=60)
    assert (done.stdout, done.stderr) == (b"box#1\n", b"")


def test_the_configuration_that_is_named_must_be_there(alone: Mailbot, tmp_path: Path):
    (tmp_path / "a.eml").write_bytes(REPLY)
    said = alone("read", "a.eml", "-c", "away.toml")
    assert (said.code, said.out) == (2, "")
    assert "away.toml" in said.err


def test_reading_makes_no_store(mailbot: Mailbot, home: Path):
    (home / "a.eml").write_bytes(REPLY)
    assert mailbot("read", "a.eml", "--json").code == 0
    assert not (home / "state").exists()


def test_progress_is_shown_on_a_terminal_only(tmp_path: Path):
    (tmp_path / "a.eml").write_bytes(REPLY)
    words = [sys.executable, "-m", "mailbot", "read", "a.eml", "--json"]
    environment = {**os.environ, "TERM": "xterm"}
    master, slave = pty.openpty()
    done = subprocess.run(
        words, check=True, stdout=subprocess.PIPE, stderr=slave, cwd=tmp_path, env=environment, timeout=60
    )
    os.close(slave)
    assert b"1 mails" in os.read(master, 65536)
    os.close(master)
    assert json.loads(done.stdout)["file"] == "a.eml"
    done = subprocess.run(words, capture_output=True, check=True, cwd=tmp_path, env=environment, timeout=60)
    assert done.stderr == b""
