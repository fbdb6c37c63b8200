"""The DATA reader: where a mail ends, what is refused, how much memory it may cost."""

import gc
import resource
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.ingest.smtp.data import DataFault, DataReader, DataRoom
from mailbot.ingest.smtp.listener import SmtpLimits, SmtpSettings
from tests.ingest.smtp.conftest import MAIL, Desk, OpenDesk, Wire

LIMIT = 1000


def read(*chunks: bytes, limit: int = LIMIT, room: int = 10**6) -> DataReader:
    reader = DataReader(limit, DataRoom(room))
    for chunk in chunks:
        reader.feed(chunk)
    return reader


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        pytest.param(b".\r\n", b"", id="empty"),
        pytest.param(b"\r\n.\r\n", b"\r\n", id="one-empty-line"),
        pytest.param(b"a\r\n.\r\n", b"a\r\n", id="a-line"),
        pytest.param(b"..\r\n.\r\n", b".\r\n", id="stuffed-dot-alone"),
        pytest.param(b"...\r\n.\r\n", b"..\r\n", id="two-dots"),
        pytest.param(b".a\r\n.\r\n", b"a\r\n", id="dot-that-was-not-stuffed"),
        pytest.param(b"a\r\n..b\r\n\r\n..\r\nc\r\n.\r\n", b"a\r\n.b\r\n\r\n.\r\nc\r\n", id="dots-inside"),
        pytest.param(b"a.\r\n.\r\n", b"a.\r\n", id="dot-at-the-end-of-a-line"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_mail_is_read_as_it_was_meant_however_it_is_cut(wire: bytes, message: bytes, size: int):
    pieces = [(wire + b"QUIT\r\n")[start : start + size] for start in range(0, len(wire) + 6, size)]
    reader = DataReader(LIMIT, DataRoom(LIMIT))
    while not reader.complete:
        reader.feed(pieces.pop(0))
    assert reader.message() == message
    assert reader.fault is None
    assert reader.rest + b"".join(pieces) == b"QUIT\r\n"


@given(
    lines=st.lists(st.text(alphabet=".ab", max_size=4)),
    cuts=st.lists(st.integers(min_value=1, max_value=9), min_size=1),
)
def test_stuffing_and_reading_give_the_mail_back(lines: list[str], cuts: list[int]):
    message = "".join(f"{line}\r\n" for line in lines).encode()
    wire = "".join(f"{'.' if line.startswith('.') else ''}{line}\r\n" for line in lines).encode() + b".\r\nNOOP\r\n"
    reader = DataReader(LIMIT, DataRoom(LIMIT))
    position = 0
    while not reader.complete:
        cut = cuts[position % len(cuts)]
        reader.feed(wire[position : position + cut])
        position += cut
    assert reader.message() == message
    assert reader.rest + wire[position:] == b"NOOP\r\n"


@pytest.mark.parametrize(
    ("wire", "fault"),
    [
        pytest.param(b"a\nb\r\n.\r\n", DataFault.BARE_LINE_END, id="bare-lf"),
        pytest.param(b"a\rb\r\n.\r\n", DataFault.BARE_LINE_END, id="bare-cr"),
        pytest.param(b"a\r\r\n.\r\n", DataFault.BARE_LINE_END, id="cr-before-crlf"),
        pytest.param(b"a\n\r\n.\r\n", DataFault.BARE_LINE_END, id="lf-before-crlf"),
        pytest.param(b"\n\r\r\n.\r\n", DataFault.BARE_LINE_END, id="swapped"),
        pytest.param(b"a\0b\r\n.\r\n", DataFault.NUL, id="nul"),
        pytest.param(b"a" * (LIMIT + 1) + b"\r\n.\r\n", DataFault.TOO_LARGE, id="too-large"),
        pytest.param(b"a\n" * LIMIT + b"\r\n.\r\n", DataFault.TOO_LARGE, id="too-large-and-bare"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_its_end(wire: bytes, fault: DataFault):
    reader = read(wire)
    assert reader.complete
    assert reader.message() == b""
    assert reader.fault is fault


def test_a_mail_of_exactly_the_limit_is_taken():
    reader = read(b"a" * (LIMIT - 2) + b"\r\n.\r\n")
    assert len(reader.message()) == LIMIT


def test_mails_in_hand_share_the_room_and_give_it_back():
    room = DataRoom(1500)
    first, second = DataReader(LIMIT, room), DataReader(LIMIT, room)
    first.feed(b"a" * 900)
    second.feed(b"a" * 900)
    assert second.fault is DataFault.NO_ROOM
    second.feed(b"a\r\n.\r\n")
    assert second.complete
    first.close()
    first.close()
    second.close()
    assert room.take(1500)
    assert not room.take(1)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(b"\n.\n", id="lf-dot-lf"),
        pytest.param(b"\r.\r", id="cr-dot-cr"),
        pytest.param(b"\r\n.\n", id="crlf-dot-lf"),
        pytest.param(b"\n.\r\n", id="lf-dot-crlf"),
        pytest.param(b"\r.\r\n", id="cr-dot-crlf"),
        pytest.param(b"\r\n.\r", id="crlf-dot-cr"),
        pytest.param(b"\r\n\0.\r\n", id="nul-before-the-dot"),
    ],
)
def test_no_other_end_of_data_smuggles_a_second_mail_in(desk: Desk, end: bytes):
    wire = desk.wire()
    wire.begin_data()
    second = b"MAIL FROM:<forged@example.net>\r\nRCPT TO:<support@example.com>\r\nDATA\r\nFrom: forged\r\n\r\nx"
    wire.send(MAIL[:-2] + end + second + b"\r\n.\r\n")
    assert wire.reply().startswith("550 5.6.")
    assert wire.say("NOOP").startswith("250")
    assert desk.inbox.mails == []


def test_commands_sent_behind_the_end_are_obeyed_in_order(desk: Desk):
    wire = desk.wire()
    mail = b"MAIL FROM:<ada@example.net>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n"
    wire.send(b"EHLO there\r\n" + mail + MAIL + b".\r\n" + mail + b"Subject: second\r\n\r\n.\r\nQUIT\r\n")
    replies = [wire.reply()[:3] for _ in range(11)]
    assert replies == ["250", "250", "250", "354", "250", "250", "250", "354", "250", "221", ""]
    assert [arrival.raw for arrival in desk.inbox.mails] == [MAIL, b"Subject: second\r\n\r\n"]


def test_a_mail_over_the_limit_is_refused_for_good_and_the_session_goes_on(open_desk: OpenDesk):
    desk = open_desk(SmtpSettings(port=0, limits=SmtpLimits(message_size=LIMIT)))
    wire = desk.wire()
    assert wire.say("EHLO there", f"MAIL FROM:<ada@example.net> SIZE={LIMIT + 1}").startswith("552")
    wire.begin_data()
    wire.send(b"a" * (LIMIT + 500) + b"\r\n.\r\n")
    assert wire.reply().startswith("552 5.3.4")
    wire.begin_data()
    wire.send(MAIL + b".\r\n")
    assert wire.reply().startswith("250")
    assert [arrival.raw for arrival in desk.inbox.mails] == [MAIL]


def flood(wire: Wire, block: bytes, total: int) -> int:
    """Send until the server closes; return how much went out."""
    sent = 0
    try:
        while sent < total:
            wire.socket.sendall(block)
            sent += len(block)
    except OSError:
        return sent
    return sent


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(b"a" * 2**20, id="one-line-without-end"),
        pytest.param(b"\r\n" * 2**19, id="empty-lines"),
        pytest.param(b"\r\n.." * 2**18, id="dots"),
    ],
)
def test_a_hundred_megabytes_cost_no_more_memory_than_the_limit(open_desk: OpenDesk, block: bytes):
    limit = 8 * 2**20
    desk = open_desk(SmtpSettings(port=0, limits=SmtpLimits(message_size=limit)))
    wire = desk.wire()
    wire.begin_data()
    gc.collect()
    before = resident()
    peak: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.005):
            peak.append(resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    sent = flood(wire, block, 100 * 2**20)
    ended.set()
    watcher.join()
    # Cut off soon behind twice the limit: what lies in the sockets' buffers comes on top.
    assert sent < 2 * limit + 16 * 2**20
    assert max(peak, default=before) - before < 3 * limit
    assert wire.reply() in ("421 5.3.4 This mail is far larger than we take", "")
    assert desk.wire().say("NOOP").startswith("250")
    assert desk.inbox.mails == []


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def test_a_client_that_hangs_up_in_the_middle_leaves_nothing(desk: Desk):
    wire = desk.wire()
    wire.begin_data()
    wire.send(MAIL)
    wire.close()
    with desk.client() as client:
        client.sendmail("ada@example.net", ["support@example.com"], MAIL + b"second\r\n")
    assert [arrival.raw for arrival in desk.inbox.mails] == [MAIL + b"second\r\n"]


def test_a_client_that_hangs_up_while_the_commit_runs_does_not_stop_it(desk: Desk):
    desk.inbox.open.clear()
    wire = desk.wire()
    wire.begin_data()
    wire.send(MAIL + b".\r\n")
    assert desk.inbox.begun.acquire(timeout=20)
    wire.close()
    # The loop has seen the hang-up when it answers another client after it.
    assert desk.wire().say("NOOP").startswith("250")
    desk.inbox.open.set()
    with desk.client() as client:
        client.sendmail("ada@example.net", ["support@example.com"], MAIL)
    assert [arrival.raw for arrival in desk.inbox.mails] == [MAIL, MAIL]


def test_a_hang_up_of_a_mail_that_waits_loses_none_of_the_others(desk: Desk):
    desk.inbox.open.clear()
    wires = [desk.wire() for _ in range(3)]
    for number, wire in enumerate(wires):
        wire.begin_data()
        wire.send(MAIL + b"%d\r\n.\r\n" % number)
        if number == 0:
            assert desk.inbox.begun.acquire(timeout=20)
        else:
            desk.await_waiting(number)
    wires[1].close()
    assert desk.wire().say("NOOP").startswith("250")
    desk.inbox.open.set()
    assert wires[0].reply().startswith("250")
    assert wires[2].reply().startswith("250")
    assert len(desk.inbox.mails) == 3


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"MAIL FROM:<" + b"a" * 5000 + b"@example.net>", id="long-command"),
        pytest.param(b"EHLO \xff\xfe", id="not-ascii"),
        pytest.param(b'MAIL FROM:<"@example.net>', id="open-quote"),
        pytest.param(b"MAIL FROM:<", id="open-bracket"),
        pytest.param(b"MAIL FROM:<ada@example.net", id="bracket-not-closed"),
        pytest.param(b"MAIL FROM:<ada@example.net\x07>", id="control-character-in-a-path"),
        pytest.param(b"MAIL FROM:<ada@example.net> SIZE=x", id="size-no-number"),
        pytest.param(b"MAIL FROM:<a@b> SMTPUTF8", id="smtputf8"),
        pytest.param(b"RCPT TO:<(((((((((((a@example.com>", id="comments"),
        pytest.param(b"AUTH PLAIN !!!", id="not-base64"),
        pytest.param(b"AUTH PLAIN AAAA", id="not-three-parts"),
        pytest.param(b"\x1b[31m\x00", id="control-characters"),
        pytest.param(b"", id="empty"),
    ],
)
def test_garbage_is_refused_without_an_exceptions_text(desk: Desk, line: bytes):
    wire = desk.wire()
    wire.say("EHLO there")
    wire.send(line + b"\r\n")
    answer = wire.reply()
    assert answer.startswith("5")
    assert "Error: (" not in answer
    assert wire.say("NOOP").startswith("250")


def test_descriptors_are_closed_with_their_connections(desk: Desk):
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    assert desk.wire().say("NOOP").startswith("250")
    before = open_files()
    for _ in range(20):
        wire = desk.wire()
        assert wire.say("QUIT").startswith("221")
        assert wire.reply() == ""
        wire.close()
    # The last one's end may still be on its way through the loop.
    assert open_files() <= before + 1


def test_a_mail_that_is_refused_frees_its_room_before_it_ends():
    room = DataRoom(LIMIT)
    reader = DataReader(LIMIT, room)
    reader.feed(b"a" * LIMIT)
    assert not room.take(1)
    reader.feed(b"a")
    assert reader.fault is DataFault.TOO_LARGE
    assert room.take(LIMIT)


def test_no_timer_runs_against_a_client_that_waits_for_our_commit(desk: Desk):
    desk.inbox.open.clear()
    wire = desk.wire()
    wire.begin_data()
    (session,) = desk.listener._shared.sessions
    wire.send(MAIL + b".\r\n")
    assert desk.inbox.begun.acquire(timeout=20)
    assert session._timeout_handle is not None
    assert session._timeout_handle.cancelled()
    desk.inbox.open.set()
    assert wire.reply().startswith("250")
    assert wire.say("NOOP").startswith("250")
    assert not session._timeout_handle.cancelled()


def test_a_large_mail_waits_on_the_disk_without_a_name_and_comes_back_as_it_was(tmp_path: Path):
    message = b"".join(b".line %d\r\n" % number for number in range(60_000))
    wire = b"." + message.replace(b"\r\n.", b"\r\n..") + b".\r\nNOOP\r\n"
    reader = DataReader(10**7, DataRoom(10**7, tmp_path))
    position = 0
    while not reader.complete:
        reader.feed(wire[position : position + 65_521])
        position += 65_521
    assert reader.large
    assert list(tmp_path.iterdir()) == []
    assert reader.message() == message
    assert reader.rest + wire[position:] == b"NOOP\r\n"
    reader.close()


def test_a_large_mail_for_which_there_is_no_place_on_the_disk_is_put_off(tmp_path: Path):
    room = DataRoom(10**7, tmp_path / "missing")
    reader = DataReader(10**7, room)
    reader.feed(b"a" * 300_000)
    assert reader.fault is DataFault.NO_ROOM
    reader.feed(b"\r\n.\r\n")
    assert (reader.complete, reader.message()) == (True, b"")
    assert room.take(10**7)
