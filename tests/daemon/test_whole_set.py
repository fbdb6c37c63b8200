"""Strangers' mails, all there are, through the running daemon, twice: accounted for, none doubled, no machine told."""

import email
import email.policy
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.mail.machines import bounces_of, says_machine
from benchmarks.mail.table import folder, whole
from mailbot.app.root import store_of
from mailbot.config.file import load_config
from mailbot.decision import Ending
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.parse import read_mail
from mailbot.mail import Mail
from mailbot.ports.records import InboxState, OutboxState
from mailbot.store.schema import inbox, outbox
from mailbot.store.sql import SqlStore
from tests.commands import command
from tests.daemon.desk import AGENT, DESK, Daemon, Home
from tests.daemon.loops import eventually
from tests.daemon.senders import Posted, bring, posted

#: Seconds that the desk may take for all of them on a machine that does much else.
LONG = 420.0
#: What may be refused while the sender's server waits, and what such a mail must hold.
REFUSALS: dict[str, Callable[[bytes], bool]] = {
    "550 5.6.11": lambda raw: b"\r" in raw.replace(b"\r\n", b""),
    "550 5.6.0": lambda raw: b"\0" in raw,
}


@pytest.fixture(scope="module")
def mails() -> list[Posted]:
    """Every mail once; those of machines come first, before a limit on answers hides that one is answered."""
    if not folder().is_dir():
        pytest.skip(f"the mails of MAILBOT_TEST_MAIL ({folder()}) are not here")
    raws = {raw: name for name, raw in whole(folder())}
    ordered = sorted(raws.items(), key=lambda named: not is_automatic(*named))
    return [posted(name, raw, author(raw)) for raw, name in ordered]


def author(raw: bytes) -> str:
    mailbox = read_mail(raw).from_
    return mailbox.address if mailbox else ""


def is_automatic(raw: bytes, name: str) -> bool:
    """Is it a bounce by the expectations of its set, or do its own fields say that a machine wrote it?"""
    return name in bounces_of(folder()) or says_machine(raw)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "desk")


@pytest.fixture
def store(home: Home) -> Iterator[SqlStore]:
    store = store_of(load_config(home.folder / "mailbot.toml", {}), {}, "test")
    yield store
    store.close()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_mail_is_accounted_for_and_a_second_time_changes_nothing(
    home: Home, store: SqlStore, mails: list[Posted]
) -> None:
    with home.run() as daemon:
        daemon.ready()
        answers = bring(home.port, DESK, mails)
        at_rest(store)
        every_mail_is_accounted_for(home, store, mails, answers)
        no_machine_is_told(daemon, mails)

        before = state(home, store)
        assert bring(home.port, DESK, mails) == answers
        at_rest(store)
        assert state(home, store) == before
        assert daemon.stop() == 0
        assert '"level": "error"' not in daemon.log()
        assert "Traceback" not in daemon.log()


def at_rest(store: SqlStore) -> None:
    """Wait until no mail waits and no letter is under way; one that failed for good is at rest, too."""
    mails = sa.exists().where(inbox.c.state.in_((InboxState.WAITING, InboxState.WORKING)))
    letters = sa.exists().where(outbox.c.state.not_in((OutboxState.SENT, OutboxState.FAILED)))

    def rests() -> bool:
        with store.reading() as connection:
            return not connection.execute(sa.select(mails | letters)).scalar_one()

    eventually(rests, "every mail is worked on and every letter is out", LONG)


def every_mail_is_accounted_for(home: Home, store: SqlStore, mails: list[Posted], answers: Mapping[str, str]) -> None:
    assert set(answers) == {mail.name for mail in mails}
    taken = [mail for mail in mails if answers[mail.name].startswith("250")]
    for mail in mails:
        if mail not in taken:
            said = answers[mail.name]
            assert any(said.startswith(code) and holds(mail.raw) for code, holds in REFUSALS.items()), (mail.name, said)
    with store.reading() as connection:
        rows = connection.execute(sa.select(inbox.c.digest, inbox.c.ending, inbox.c.reason, inbox.c.case)).all()
    assert Counter(row.digest for row in rows) == Counter({intake_digest(mail.raw) for mail in taken})
    for row in rows:
        assert row.ending in frozenset(Ending)
        assert row.reason
        assert "crash" not in row.reason
        assert (row.case is not None) is (row.ending in (Ending.NEW, Ending.THREADED))
    ended = Counter(row.ending for row in rows)
    assert len(told_of(home, "cases")) == ended[Ending.NEW] > len(rows) // 2
    assert len(told_of(home, "quarantine", "list")) == ended[Ending.HELD] + ended[Ending.QUARANTINED]
    told = told_of(home, "verify")
    assert (told["whole"], told["faults"]) == (True, [])
    assert told["account"] == {"received": len(rows), **{str(e): ended[e] for e in Ending}, "waiting": 0}


def no_machine_is_told(daemon: Daemon, mails: list[Posted]) -> None:
    """Nothing went to an address that machines alone write from, and nothing in answer to what a machine wrote."""
    read = [(mail, read_mail(mail.raw), is_automatic(mail.raw, mail.name)) for mail in mails]
    people = {address for mail, seen, automatic in read if not automatic for address in writers(mail, seen)}
    spoken = {seen.message_id for _, seen, automatic in read if not automatic}
    silent = {seen.message_id for _, seen, automatic in read if automatic and seen.message_id} - spoken
    letters = [letter for letter in sent(daemon) if letter["To"] != AGENT]
    assert len(letters) > 200
    assert len(silent) > 200
    assert {str(letter["To"]) for letter in letters} - people == set()
    assert {str(letter["In-Reply-To"]) for letter in letters} & silent == set()


def writers(mail: Posted, seen: Mail) -> Iterator[str]:
    yield mail.sender.lower()
    yield from seen.reply_to
    if seen.from_:
        yield seen.from_.address


def sent(daemon: Daemon) -> list[EmailMessage]:
    """Every letter that left."""
    files = (daemon.home / "outgoing" / "new").iterdir()
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


def state(home: Home, store: SqlStore) -> tuple[object, ...]:
    """All that a mail could change: what happened, what was said to whom, how each mail and each case stand."""
    with store.reading() as connection:
        letters = connection.execute(sa.select(outbox.c.id, outbox.c.state).order_by(outbox.c.id)).all()
        mails = connection.execute(sa.select(inbox.c.id, inbox.c.ending).order_by(inbox.c.id)).all()
    return list(store.history()), letters, mails, told_of(home, "cases"), told_of(home, "verify")


def told_of(home: Home, *words: str) -> Any:
    """What a command of an operator's says beside the running daemon."""
    done = command([*words, "--json", "-c", str(home.folder / "mailbot.toml")], os.environ)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
