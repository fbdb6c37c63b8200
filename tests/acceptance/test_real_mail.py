"""The mails of strangers through a whole desk, twice (all of them in the slow tests): accounted for, none doubled."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from benchmarks.mail.table import folder, whole
from mailbot.app.read import reader_of
from mailbot.ingest.parse import read_mail
from mailbot.rules.case.evolve import evolve
from mailbot.sources import mails
from tests.acceptance.bench import Bench

MARI = "mari@example.com"
#: What lies beside the mails and is none.
BESIDE = {"LICENSE", "SOURCE", "README.md", "expected.json"}
#: Seconds of the processor that one mail may take.
LONGEST = 1.0
#: An encoded word (RFC 2047) that nobody decoded.
UNDECODED = re.compile(r"=\?[\w*-]+\?[bqBQ]\?[^?]*\?=")
ENDINGS = ("threaded", "new", "held", "quarantined", "ignored")


@pytest.fixture(scope="module")
def strangers() -> list[bytes]:
    folder = Path(os.environ.get("MAILBOT_TEST_MAIL", "../shared/mail"))
    if not folder.is_dir():
        pytest.skip(f"the mails of MAILBOT_TEST_MAIL ({folder}) are not here")
    files = (f for f in sorted(folder.rglob("*")) if f.is_file() and f.name not in BESIDE and f.suffix != ".json")
    found = list(dict.fromkeys(mail.raw for file in files for mail in mails([file])))
    assert len(found) > 1_000
    return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "desk", MARI)
    yield bench
    bench.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("every", [pytest.param(5, id="a-fifth"), pytest.param(1, id="all", marks=pytest.mark.slow)])
def test_every_mail_is_accounted_for_and_a_second_time_changes_nothing(
    bench: Bench, strangers: list[bytes], every: int
) -> None:
    strangers = strangers[::every]
    for raw in strangers:
        bench.take_in(raw)
    bench.rest()
    first = bench.account()
    # A mail that differs from another by its trace fields alone is the same mail.
    assert 0.9 * len(strangers) < first["received"] <= len(strangers)
    assert sum(first.get(ending, 0) for ending in ENDINGS) == first["received"]
    assert first.get("waiting", 0) == 0
    crashed = [mail.reason for mail in bench.store.quarantine_list() if "crash" in mail.reason]
    assert crashed == []
    sent, cases, lines = len(bench.relay.taken), len(bench.store.cases()), len(bench.lines())
    assert cases == first["new"]

    for raw in strangers:
        bench.take_in(raw)
    assert bench.rest() == []
    assert bench.account() == first
    assert (len(bench.relay.taken), len(bench.store.cases()), len(bench.lines())) == (sent, cases, lines)
    no_answer_to_a_machine(bench, strangers)
    assert bench.store.verify(evolve) == []


def no_answer_to_a_machine(bench: Bench, strangers: list[bytes]) -> None:
    """No mail went to anybody in answer to an automatic mail, and none to a mail program's own address."""
    silent = {mail.message_id for mail in map(read_mail, strangers) if not mail.answerable and mail.message_id}
    spoken = {mail.message_id for mail in map(read_mail, strangers) if mail.answerable}
    assert len(silent) > len(strangers) // 15
    for reverse_path, mail in bench.relay.taken:
        answered = {str(mail["In-Reply-To"] or "")} & (silent - spoken)
        assert mail["To"] == MARI or not answered, mail["In-Reply-To"]
        assert reverse_path == "" or reverse_path.startswith("support+")
        assert str(mail["To"]).partition("@")[0] not in ("mailer-daemon", "postmaster")


def test_read_gives_a_line_for_each_mail(strangers: list[bytes], tmp_path: Path) -> None:
    chosen = strangers[:: max(1, len(strangers) // 300)]
    for number, raw in enumerate(chosen):
        # A mail that begins with the line of a mailbox file would be taken for one.
        (tmp_path / f"{number:04}.eml").write_bytes(raw)
    done = subprocess.run(
        [sys.executable, "-m", "mailbot", "read", "--json", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == [f"{number:04}.eml" for number in range(len(chosen))]
    assert not [d for line in lines for d in line["defects"] if "could not be read" in d]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_line_that_read_prints_is_text_that_is_decoded_and_soon_there() -> None:
    if not folder().is_dir():
        pytest.skip(f"the mails of MAILBOT_TEST_MAIL ({folder()}) are not here")
    reader, faults, count = reader_of(None), list[str](), 0
    for name, raw in whole(folder()):
        begun = process_time()
        line = reader(raw, name)
        # It goes out in UTF-8, in which no surrogate has a form.
        json.dumps(line, ensure_ascii=False).encode()
        if (took := process_time() - begun) > LONGEST:
            faults.append(f"{name}: {took:.1f} seconds of the processor")
        faults += [f"{name}: {shown!r}" for shown in fields_of(line) if UNDECODED.search(shown)]
        faults += [f"{name}: {defect}" for defect in line["defects"] if "could not be read" in defect]
        count += 1
    assert faults == []
    assert count > 1_000


def fields_of(line: Mapping[str, Any]) -> Iterator[str]:
    """What a mail's fields say, as far as they may hold encoded words."""
    yield (line["from"] or {"name": ""})["name"]
    for one in (line, *line["forwarded"]):
        yield one["subject"]
        yield from (attached["name"] for attached in one["attachments"])
