"""IDLE: mail is there at once; a server that dies, hangs or chatters in it costs neither mail nor processor time."""

import re
import ssl
import time

import pytest

from tests.daemon.loops import eventually
from tests.ingest.imap.conftest import MAIL, Box, Desk, running
from tests.ingest.imap.test_broken import Serve, mailbox, serve
from tests.servers.dovecot import Dovecot

__all__ = ["serve"]

#: Far beyond what a test waits: what comes sooner came by IDLE.
LONG = 3600


@pytest.mark.parametrize("tls", ["none", "implicit", "starttls"])
def test_a_new_mail_is_there_at_once(dovecot: Dovecot, user: str, box: Box, desk: Desk, tls: str):
    port = dovecot.imaps_port if tls == "implicit" else dovecot.imap_port
    trust = ssl.create_default_context(cafile=str(dovecot.cert))
    with running(desk, box(poll_seconds=LONG, tls=tls, port=port, host="localhost"), tls=trust) as run:
        run.idles()
        for count in (1, 2):
            rounds = len(run.waits)
            dovecot.deliver(user, MAIL % b"%d" % count)
            run.idles(beyond=rounds)
            assert len(desk.inbox.subjects) == count
        assert desk.alarms == []
        assert {seconds for seconds, idle in run.waits if idle} == {300}


@pytest.mark.parametrize("settings", [{"idle": False}, {"poll_seconds": 1}])
def test_a_mailbox_is_looked_at_every_now_and_then_whatever_idle_says(
    dovecot: Dovecot, user: str, box: Box, desk: Desk, settings: dict[str, object]
):
    with running(desk, box(**settings)) as run:
        eventually(lambda: len(run.waits) > 2, "it was looked at some times")
        assert any(idle for _, idle in run.waits) == ("idle" not in settings)
        dovecot.deliver(user, MAIL % b"x")
        eventually(lambda: desk.inbox.subjects == ["x"], "the mail is there")


def test_a_server_without_idle_is_polled(serve: Serve, desk: Desk):
    server = serve()
    with running(desk, mailbox(server, poll_seconds=77)) as run:
        eventually(lambda: len(run.waits) > 2, "it was looked at some times")
        assert set(run.waits) == {(77, False)}
    assert "IDLE" not in server.commands


def test_an_end_that_is_asked_for_ends_idle_at_once(box: Box, desk: Desk):
    with running(desk, box(poll_seconds=LONG)) as run:
        run.idles()
        before = time.monotonic()
        run.worker.stop(200)
        assert time.monotonic() - before < 60


def test_a_server_that_dies_in_idle_costs_no_processor_time_and_is_told_once(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    dovecot.deliver(user, MAIL % b"before")
    # The waits are as in earnest: 1, 1 and 2 seconds.
    with running(desk, box(poll_seconds=LONG), longest=LONG, fraction=lambda: 0.0) as run:
        run.idles()
        rounds, used = len(run.waits), run.cpu_seconds()
        dovecot.kill()
        try:
            dovecot.deliver(user, MAIL % b"meanwhile")
            eventually(lambda: len(run.waits) - rounds == 3, "it was tried some times")
            assert [wait for wait, _ in run.waits[rounds:]] == [1, 1, 2]
            assert run.cpu_seconds() - used < 0.5
        finally:
            dovecot.start()
        eventually(lambda: desk.inbox.subjects == ["before", "meanwhile"], "the mail is there")
        (alarm,) = desk.alarms
        # For a moment the kernel still takes connections that nobody will ever answer.
        assert re.fullmatch(r"mailbox support: (nothing listens on|the connection to) 127\.0\.0\.1 port .*", alarm)


def test_a_server_that_was_restarted_in_idle_is_nobodys_business(serve: Serve, desk: Desk):
    server = serve(capabilities="IMAP4rev1 IDLE", broken={"IDLE": lambda _found: b"+ go on\r\n"})
    with running(desk, mailbox(server, poll_seconds=LONG)) as run:
        run.idles()
        rounds = len(run.waits)
        server.mails[12] = MAIL % b"twelve"
        server.hang_up()
        run.idles(beyond=rounds)
        assert desk.inbox.subjects == ["three", "five", "nine", "twelve"]
        assert desk.alarms == []


@pytest.mark.parametrize("what", ["imap", ""], ids=["its-session", "all-of-it"])
def test_a_server_that_hangs_in_idle_is_found_out_told_once_and_left(
    dovecot: Dovecot, user: str, box: Box, desk: Desk, what: str
):
    dovecot.deliver(user, MAIL % b"before")
    with running(desk, box(poll_seconds=1, read_timeout=0.5, connect_timeout=0.5)) as run:
        run.idles()
        frozen = dovecot.freeze(what)
        try:
            dovecot.deliver(user, MAIL % b"meanwhile")
            eventually(lambda: desk.alarms, "the trouble is told")
            if what:
                eventually(lambda: desk.inbox.subjects == ["before", "meanwhile"], "a new session has the mail")
            else:
                rounds = len(run.waits)
                eventually(lambda: len(run.waits) > rounds + 2, "it was tried some times")
        finally:
            dovecot.thaw(frozen)
        eventually(lambda: desk.inbox.subjects == ["before", "meanwhile"], "the mail is there")
        assert desk.alarms == [f"mailbox support: 127.0.0.1 port {dovecot.imap_port} does not answer"]


def test_what_is_told_before_and_with_the_go_ahead_is_heard(serve: Serve, desk: Desk):
    told = iter([b"* 4 EXISTS\r\n+ go on\r\n", b"+ go on\r\n* 5 EXISTS\r\n"])

    def idle(_found: re.Match[str]) -> bytes:
        uid = 12 + len(server.mails)
        if said := next(told, b""):
            server.mails[uid] = MAIL % b"%d" % uid
        return said or b"+ go on\r\n"

    server = serve(capabilities="IMAP4rev1 IDLE", broken={"IDLE": idle, "DONE": lambda _found: b"LAST OK done\r\n"})
    with running(desk, mailbox(server, poll_seconds=LONG)) as run:
        run.idles()
        assert desk.inbox.subjects == ["three", "five", "nine", "15", "16"]
        assert len([command for command in server.commands if command == "IDLE"]) == 3


def test_a_server_that_chatters_in_idle_is_not_asked_in_haste(serve: Serve, desk: Desk):
    chatter = b"+ go on\r\n* OK still here\r\n"
    server = serve(
        capabilities="IMAP4rev1 IDLE",
        broken={"IDLE": lambda _found: chatter, "DONE": lambda _found: b"LAST OK done\r\n"},
    )
    with running(desk, mailbox(server, poll_seconds=LONG), longest=0.01) as run:
        eventually(lambda: len(run.waits) > 6, "it was woken some times")
    assert [wait for wait, _ in run.waits[:6]] == [0.25, 0.5, 1, 2, 2, 2]


@pytest.mark.parametrize(
    "answer", [pytest.param(b"TAG NO not now\r\n", id="refused"), pytest.param(None, id="hangs-up")]
)
def test_a_server_whose_idle_breaks_is_polled_for_a_while(serve: Serve, desk: Desk, answer: bytes | None):
    server = serve(capabilities="IMAP4rev1 IDLE", broken={"IDLE": lambda _found: answer})
    with running(desk, mailbox(server, poll_seconds=77), longest=0.001) as run:
        eventually(lambda: len(run.waits) > 70, "IDLE was tried again")
    assert [wait for wait, _ in run.waits[:63]] == [1, 1, *[77] * 59, 1, 1]
    (alarm, *_) = desk.alarms
    assert alarm == (
        "mailbox support: the connection breaks whenever the server is to tell of new mail (IDLE); "
        "for the next 60 rounds mailbot asks every 77 seconds instead"
    )
    assert server.calls < 12
