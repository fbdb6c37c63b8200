"""Replies that are broken, hostile or just unusual: nothing is lost, nothing fills our memory, no mailbox ends."""

import re
import resource
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from mailbot.ingest.imap.poller import Mailbox, Trouble
from tests.ingest.imap.conftest import MAIL, NOW, Desk
from tests.ingest.imap.server import ScriptedServer

MAILS = {3: MAIL % b"three", 5: MAIL % b"five", 9: MAIL % b"nine"}
LIST = r"UID FETCH ([\d,]+) \(UID RFC822"
BODY_OF_5 = r"UID FETCH 5 \(UID BODY"
Serve = Callable[..., ScriptedServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[ScriptedServer] = []

    def make(mails: dict[int, bytes] | None = None, **settings: Any) -> ScriptedServer:
        servers.append(ScriptedServer(dict(MAILS if mails is None else mails), **settings))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


def mailbox(server: ScriptedServer, **settings: Any) -> Mailbox:
    defaults = {"name": "support", "host": "127.0.0.1", "port": server.port, "tls": "none", "start": "all"}
    return Mailbox(**{**defaults, "user": "support", "password": "pw", **settings})


def says(answer: bytes | None) -> Callable[[re.Match[str]], bytes | None]:
    return lambda _found: answer


def test_the_scripted_server_is_well_when_nothing_is_broken(serve: Serve, desk: Desk):
    assert desk.poller(mailbox(serve())).poll() == 3
    assert desk.inbox.subjects == ["three", "five", "nine"]
    assert desk.inbox.mails[0].envelope.received_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


UNUSABLE = [
    pytest.param(b"* 2 FETCH (BODY[]<0> {5}\r\nwrong)\r\nTAG OK done\r\n", id="without-uid"),
    pytest.param(b"* 2 FETCH (UID 3 BODY[]<0> {5}\r\nwrong)\r\nTAG OK done\r\n", id="of-another-mail"),
    pytest.param(b"* 2 FETCH (UID 5 BODY[]<0> NIL)\r\nTAG OK done\r\n", id="nil-body"),
    pytest.param(b"* 2 FETCH (UID 5 FLAGS (\\Seen))\r\nTAG OK done\r\n", id="no-body"),
    pytest.param(b'* 2 FETCH (UID 5 BODY[]<0> "")\r\nTAG OK done\r\n', id="empty-body-of-a-mail-with-a-size"),
    pytest.param(b"TAG NO some other time\r\n", id="refused"),
    pytest.param(b"TAG BAD what\r\n", id="bad"),
    pytest.param(b"* 2 FETCH (UID 5 BODY " + b"(" * 2000 + b")" * 2000 + b")\r\nTAG OK done\r\n", id="parentheses"),
    pytest.param(b"* 2 FETCH (UID 5\r\nTAG OK done\r\n", id="unbalanced"),
    pytest.param(b"* 2 FETCH (UID x BODY[] y)\r\nTAG OK done\r\n", id="no-number"),
    pytest.param(b"* 2 FETCH (UID 5 ENVELOPE (1 2))\r\nTAG OK done\r\n", id="short-envelope"),
    pytest.param(b"* 2 FETCH (UID 5 FLAGS " + b"x" * 1_100_000 + b")\r\nTAG OK done\r\n", id="line-of-a-megabyte"),
]


@pytest.mark.parametrize("answer", UNUSABLE)
def test_a_mail_without_a_usable_answer_is_passed_over_after_three_tries_and_told(
    serve: Serve, desk: Desk, answer: bytes
):
    server = serve(broken={BODY_OF_5: says(answer)})
    desk.run(mailbox(server, after="delete"), 4)
    assert desk.inbox.subjects == ["three", "nine"]
    assert desk.inbox.bookmarks["support"].uid == 9
    first, second = desk.alarms
    assert first.endswith("the server gives no usable answer for the mail with UID 5")
    assert second.endswith("UID 5 cannot be read; it was passed over and stays on the server")
    assert "UID EXPUNGE 3,9" in " ".join(server.commands) or "UID EXPUNGE 9" in server.commands
    assert not any(re.match(r"UID (STORE|EXPUNGE) [\d,]*\b5\b", command) for command in server.commands)


def test_an_unusable_answer_that_gets_well_is_no_loss(serve: Serve, desk: Desk):
    server = serve()

    def once(_found: re.Match[str]) -> bytes:
        del server.broken[BODY_OF_5]
        return b"* 2 FETCH (UID 5 BODY[]<0> NIL)\r\nTAG OK done\r\n"

    server.broken[BODY_OF_5] = once
    desk.run(mailbox(server), 2)
    assert desk.inbox.subjects == ["three", "five", "nine"]


@pytest.mark.parametrize(
    ("pattern", "answer", "kind"),
    [
        pytest.param(BODY_OF_5, b"* 2 FETCH (UID 5 BODY[]<0> {400000000}\r\n", "unreachable", id="literal-of-400-mb"),
        pytest.param(BODY_OF_5, b"* 2 FETCH (UID 5 BODY[]<0> {500}\r\nhalf", "unreachable", id="half-a-literal"),
        pytest.param(BODY_OF_5, b"* 2 FETCH (UID 5 BODY[]<0> {50000}\r\n" + b"x" * 100, "unreachable", id="silence"),
        pytest.param(BODY_OF_5, None, "unreachable", id="hang-up-at-a-body"),
        pytest.param(BODY_OF_5, b"* BYE over\r\n", "unreachable", id="bye"),
        pytest.param(BODY_OF_5, b"* OK noise\r\n" * 1_000_000, "unreachable", id="endless-noise"),
        pytest.param(BODY_OF_5, b"garbage\r\n", "unreachable", id="no-imap"),
        pytest.param(LIST, b"* 1 FETCH (UID 3 BODYSTRUCTURE " + b"(" * 5000, "unreachable", id="list-parentheses"),
        pytest.param(LIST, b"TAG NO no\r\n", "broken", id="list-refused"),
        pytest.param(LIST, None, "unreachable", id="hang-up-at-a-list"),
        pytest.param("UID SEARCH", b"* SEARCH one two\r\nTAG OK done\r\n", "broken", id="search-without-numbers"),
        pytest.param("UID SEARCH", b"TAG NO no\r\n", "broken", id="search-refused"),
        pytest.param("EXAMINE", None, "unreachable", id="hang-up-at-the-folder"),
        pytest.param("EXAMINE", b"TAG NO [NONEXISTENT]\r\n", "folder", id="no-folder"),
        pytest.param("LOGIN", b"TAG NO [AUTHENTICATIONFAILED]\r\n", "password", id="password"),
        pytest.param("LOGIN", b"TAG NO [UNAVAILABLE] later\r\n", "unavailable", id="log-in-unavailable"),
        pytest.param("LOGIN", None, "unreachable", id="hang-up-at-the-log-in"),
    ],
)
def test_whatever_is_broken_is_trouble_that_is_told_once_and_over_when_it_is_well(
    serve: Serve, desk: Desk, pattern: str, answer: bytes | None, kind: str
):
    server = serve(broken={pattern: says(answer)})
    box = mailbox(server, read_timeout=0.2)
    poller = desk.poller(box)
    with pytest.raises(Trouble) as trouble:
        poller.poll()
    assert trouble.value.kind == kind
    before = list(desk.inbox.subjects)
    desk.run(box, 6 if kind == "unavailable" else 3)
    assert len(desk.alarms) == 1
    server.broken.clear()
    assert poller.poll() == 3 - len(before)
    assert desk.inbox.subjects == ["three", "five", "nine"]


@pytest.mark.parametrize("greeting", [b"* BYE too many\r\n", b"220 smtp\r\n", b"", b"\x00" * 100 + b"\r\n"])
def test_a_greeting_that_is_none_is_trouble(serve: Serve, desk: Desk, greeting: bytes):
    server = serve(greeting=greeting)
    with pytest.raises(Trouble):
        desk.poller(mailbox(server, connect_timeout=0.5, read_timeout=0.2)).poll()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"* 2 FETCH (UID 5 BODY[]<0> {400000000}\r\n" + b"x" * 2**20, id="one-literal"),
        pytest.param(b"* 2 FETCH (UID 5 BODY[]<0> {2000000}\r\n%b)\r\n" % (b"x" * 2_000_000) * 20, id="many-literals"),
        pytest.param(b"* 2 FETCH (UID 5 FLAGS (%b))\r\n" % (b"x" * 900_000) * 40, id="long-lines"),
        pytest.param(b"* OK noise\r\n" * 100_000, id="short-lines"),
    ],
)
def test_an_answer_that_is_too_long_is_not_read_to_its_end(serve: Serve, desk: Desk, answer: bytes):
    server = serve(broken={BODY_OF_5: says(answer)})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Cut off by us: a client that read on would wait for the rest.
    with pytest.raises(Trouble, match=r"the connection to 127\.0\.0\.1 port \d+ was lost"):
        desk.poller(mailbox(server, read_timeout=20)).poll()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_mails_that_are_found_but_vanished_before_they_are_listed_are_behind_us(serve: Serve, desk: Desk):
    server = serve(broken={LIST: says(b"TAG OK done\r\n")})
    assert desk.poller(mailbox(server)).poll() == 0
    assert desk.inbox.bookmarks["support"].uid == 9


def test_what_was_to_be_marked_is_forgotten_when_the_numbers_mean_other_mails(serve: Serve, desk: Desk):
    server = serve(broken={"UID STORE": says(b"TAG NO no\r\n")})
    poller = desk.poller(mailbox(server, after="seen"))
    with pytest.raises(Trouble, match="stored mails cannot be marked"):
        poller.poll()
    assert len(desk.inbox.mails) == 3
    server.broken.clear()
    server.commands.clear()
    server.uid_validity = "[UIDVALIDITY 8]"
    server.mails = {100: MAIL % b"hundred"}
    assert poller.poll() == 1
    assert [command for command in server.commands if "STORE" in command] == [r"UID STORE 100 +FLAGS.SILENT (\Seen)"]


def test_a_connection_that_breaks_at_every_third_mail_still_gets_on(serve: Serve, desk: Desk):
    mails = {uid: MAIL % b"%d" % uid for uid in range(1, 41)}
    server = serve(mails)
    fetched: list[str] = []

    def third(found: re.Match[str]) -> bytes | None:
        fetched.append(found[1])
        return None if len(fetched) % 3 == 0 else server.piece(int(found[1]), 0, 10_000) + b"TAG OK done\r\n"

    server.broken[r"UID FETCH (\d+) \(UID BODY"] = third
    desk.run(mailbox(server, after="seen"), 40)
    assert desk.inbox.subjects == [str(uid) for uid in mails]
    assert len(desk.alarms) <= 20


@pytest.mark.parametrize(
    "date", [b"NIL", b'"yesterday"', b'"99-Foo-2026 10:00:00 +0000"', b""], ids=["nil", "prose", "impossible", "none"]
)
def test_a_mail_without_a_date_arrived_now(serve: Serve, desk: Desk, date: bytes):
    item = b"INTERNALDATE " + date if date else b"FLAGS ()"
    server = serve(
        {3: MAILS[3]}, broken={LIST: says(b"* 1 FETCH (UID 3 RFC822.SIZE 90 " + item + b")\r\nTAG OK done\r\n")}
    )
    assert desk.poller(mailbox(server)).poll() == 1
    assert desk.inbox.mails[0].envelope.received_at == NOW


@pytest.mark.parametrize("size", [b"RFC822.SIZE 1", b"RFC822.SIZE 100000", b"RFC822.SIZE NIL", b"FLAGS ()"])
def test_a_size_that_is_wrong_changes_nothing(serve: Serve, desk: Desk, size: bytes):
    server = serve({3: MAILS[3]}, broken={LIST: says(b"* 1 FETCH (UID 3 " + size + b")\r\nTAG OK done\r\n")})
    assert desk.poller(mailbox(server)).poll() == 1
    assert desk.inbox.mails[0].raw == MAILS[3]


def test_a_mail_that_is_larger_than_its_size_said_is_cut_all_the_same(serve: Serve, desk: Desk):
    big = {3: MAILS[3] + b"y" * 400_000}
    server = serve(big, broken={LIST: says(b"* 1 FETCH (UID 3 RFC822.SIZE 10)\r\nTAG OK done\r\n")})
    desk.poller(mailbox(server, message_size=300_000, after="delete")).poll()
    assert desk.inbox.mails[0].raw == big[3][: 256 * 1024]
    assert not any("EXPUNGE" in command for command in server.commands)


def test_a_server_that_gives_all_instead_of_a_piece_is_understood(serve: Serve, desk: Desk):
    whole = b"* 1 FETCH (UID 3 BODY[] {%d}\r\n%s)\r\nTAG OK done\r\n" % (len(MAILS[3]), MAILS[3])
    server = serve({3: MAILS[3]}, broken={r"UID FETCH 3 \(UID BODY": says(whole)})
    desk.poller(mailbox(server)).poll()
    assert desk.inbox.mails[0].raw == MAILS[3]


def test_an_empty_mail_is_a_mail(serve: Serve, desk: Desk):
    assert desk.poller(mailbox(serve({3: b""}))).poll() == 1


def test_news_of_other_mails_in_between_change_nothing(serve: Serve, desk: Desk):
    server = serve()
    noise = b"* 3 FETCH (FLAGS (\\Seen))\r\n* 9 EXISTS\r\n* 1 FETCH (UID 3 FLAGS ())\r\n"
    server.broken[BODY_OF_5] = lambda _found: noise + server.piece(5, 0, 1000) + noise + b"TAG OK done\r\n"
    assert desk.poller(mailbox(server)).poll() == 3
    assert desk.inbox.subjects == ["three", "five", "nine"]


def test_a_folder_without_uidvalidity_is_not_read(serve: Serve, desk: Desk):
    with pytest.raises(Trouble, match="no UIDVALIDITY"):
        desk.poller(mailbox(serve(uid_validity=""))).poll()
    assert desk.inbox.mails == []


def test_without_uidnext_the_first_start_looks_for_the_last_mail_itself(serve: Serve, desk: Desk):
    server = serve()
    poller = desk.poller(mailbox(server, start="now"))
    assert poller.poll() == 0
    assert desk.inbox.bookmarks["support"].uid == 9
    # `10:*` names the last mail again; it is not taken for a new one.
    assert poller.poll() == 0
    server.mails[12] = MAIL % b"twelve"
    assert poller.poll() == 1
    assert desk.inbox.subjects == ["twelve"]


def test_with_uidnext_a_quiet_mailbox_is_not_searched(serve: Serve, desk: Desk):
    server = serve(uid_next="[UIDNEXT 10]")
    poller = desk.poller(mailbox(server))
    poller.poll()
    searches = sum("SEARCH" in command for command in server.commands)
    assert poller.poll() == 0
    assert sum("SEARCH" in command for command in server.commands) == searches == 1


def test_a_very_full_folder_is_searched_in_parts(serve: Serve, desk: Desk):
    server = serve(uid_next="[UIDNEXT 120001]")
    server.broken["EXAMINE"] = says(
        b"* 90000 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [UIDNEXT 120001]\r\nTAG OK [READ-ONLY]\r\n"
    )
    server.broken[r"UID SEARCH UID (5|10)0001:"] = says(b"* SEARCH\r\nTAG OK done\r\n")
    assert desk.poller(mailbox(server)).poll() == 3
    searches = [command for command in server.commands if "SEARCH" in command]
    assert searches == [f"UID SEARCH UID {span}" for span in ("1:50000", "50001:100000", "100001:120000")]


@pytest.mark.parametrize(
    ("capabilities", "commands"),
    [
        pytest.param("IMAP4rev1 MOVE UIDPLUS", ["UID MOVE 3,5,9 Done"], id="move"),
        pytest.param(
            "IMAP4rev1 UIDPLUS",
            ["UID COPY 3,5,9 Done", r"UID STORE 3,5,9 +FLAGS.SILENT (\Deleted)", "UID EXPUNGE 3,5,9"],
            id="copy-and-expunge",
        ),
        pytest.param(
            "IMAP4rev1",
            ["UID COPY 3,5,9 Done", r"UID STORE 3,5,9 +FLAGS.SILENT (\Deleted)"],
            id="never-an-expunge-of-what-others-deleted",
        ),
    ],
)
def test_moving_uses_what_the_server_can_do(serve: Serve, desk: Desk, capabilities: str, commands: list[str]):
    server = serve(capabilities=capabilities)
    desk.poller(mailbox(server, after="move", move_to="Done")).poll()
    done = [command.replace('"', "") for command in server.commands if re.match(r"UID (MOVE|COPY|STORE|EXP)", command)]
    assert done == commands


def test_a_folder_that_may_only_be_read_is_told(serve: Serve, desk: Desk):
    server = serve()
    server.broken["SELECT"] = says(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7]\r\nTAG OK [READ-ONLY]\r\n")
    with pytest.raises(Trouble, match="may only be read"):
        desk.poller(mailbox(server, after="seen")).poll()


def test_the_waits_grow_and_end_with_the_trouble(serve: Serve, desk: Desk):
    server = serve(broken={"EXAMINE": says(None)})
    stop = desk.run(mailbox(server), 12, fraction=lambda: 0.999999)
    assert [round(wait) for wait in stop.waited] == [1, 2, 4, 8, 16, 32, 45, 45, 45, 45, 45, 45]
    assert server.calls == 12
    server.broken.clear()
    assert desk.run(mailbox(server, poll_seconds=60), 2).waited == [60, 60]
    least = desk.run(mailbox(serve(broken={"EXAMINE": says(None)})), 4, fraction=lambda: 0.0)
    assert least.waited == [1, 1, 2, 4]


def test_a_log_in_that_cannot_be_checked_is_told_only_when_it_lasts(serve: Serve, desk: Desk):
    server = serve(broken={"LOGIN": says(b"TAG NO [UNAVAILABLE] x\r\n")})
    stop = desk.run(mailbox(server), 5)
    assert desk.alarms == []
    assert sum(stop.waited) > 20
    desk.run(mailbox(server), 9)
    assert desk.alarms == ["mailbox support: 127.0.0.1 cannot check log-ins just now"]


def test_a_fault_of_our_own_ends_nothing(serve: Serve, desk: Desk):
    def digest(raw: bytes) -> str:
        raise KeyError(raw)

    stop = desk.run(mailbox(serve()), 3, digest=digest)
    assert len(stop.waited) == 3
    assert desk.alarms == ["mailbox support: a fault in mailbot (KeyError); see the log"]


@pytest.mark.parametrize(
    ("fields", "reverse_path", "arrivals"),
    [
        pytest.param("Return-Path: <>", "", {"support@example.com": ()}, id="null-path"),
        pytest.param("To: x@example.net", None, {"support@example.com": ()}, id="nobody-of-ours"),
        pytest.param(
            "Received: from a\r\nReturn-Path: <forged@example.net>", None, {"support@example.com": ()}, id="too-low"
        ),
        pytest.param("Return-Path: nonsense", None, {"support@example.com": ()}, id="no-path"),
        pytest.param(
            "Delivered-To: support@example.com\r\nX-Original-To: escalations+t@example.com",
            None,
            {"escalations@example.com": ("escalations+t@example.com",)},
            id="alias",
        ),
        pytest.param(
            "Delivered-To: Support+A@example.com\r\nTo: Desk <support+b@example.com>, ada@example.net\r\n"
            "Cc: escalations@example.com",
            None,
            {
                "support@example.com": ("support+a@example.com", "support+b@example.com"),
                "escalations@example.com": ("escalations@example.com",),
            },
            id="two-purposes",
        ),
        pytest.param(
            "Delivered-To: escalations@example.com",
            None,
            {"escalations@example.com": ("escalations@example.com",)},
            id="bcc",
        ),
    ],
)
def test_the_trace_fields_stand_for_the_envelope(
    serve: Serve, desk: Desk, fields: str, reverse_path: str | None, arrivals: dict[str, tuple[str, ...]]
):
    server = serve({3: f"{fields}\r\nSubject: x\r\n\r\ny\r\n".encode()})
    assert desk.poller(mailbox(server)).poll() == len(arrivals)
    assert {mail.purpose: mail.envelope.forward_paths for mail in desk.inbox.mails} == arrivals
    assert {mail.envelope.reverse_path for mail in desk.inbox.mails} == {reverse_path}
