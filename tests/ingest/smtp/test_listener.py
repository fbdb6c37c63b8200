"""Mail through the SMTP door: what is taken, what is refused, and when 250 is said."""

import smtplib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from typing import Any

import pytest

from mailbot.ingest.intake import IntakeLimits, OwnAddresses
from mailbot.ingest.smtp.listener import PortTaken, SmtpLimits, SmtpListener, SmtpSettings
from tests.daemon.loops import eventually
from tests.ingest.smtp.conftest import MAIL, Desk, OpenDesk, Wire, digest, store_away

SUPPORT = "support@example.com"


def test_a_mail_is_in_the_inbox_as_it_came_with_its_envelope(desk: Desk):
    with desk.client() as client:
        assert client.sendmail("Ada@example.net", ["Support+Token9@Example.COM"], MAIL) == {}
    (arrival,) = desk.inbox.mails
    assert arrival.raw == MAIL
    assert arrival.digest == digest(MAIL)
    assert arrival.purpose == SUPPORT
    envelope = arrival.envelope
    assert envelope.received_at == desk.clock.instant
    assert (envelope.source, envelope.peer) == ("smtp", "127.0.0.1")
    assert envelope.reverse_path == "Ada@example.net"
    assert envelope.forward_paths == ("support+token9@example.com",)
    assert (envelope.session, envelope.border) == ("", "")


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        pytest.param("<Ada.Lovelace+x=y@example.net>", "Ada.Lovelace+x=y@example.net", id="dot-atom"),
        pytest.param('<"ada lovelace"@example.net>', '"ada lovelace"@example.net', id="quoted"),
        pytest.param("<ada@[192.0.2.1]>", "ada@[192.0.2.1]", id="address-literal"),
        pytest.param("ada@example.net", "ada@example.net", id="no-brackets"),
        pytest.param("<ada@her_machine.example.net>", "ada@her_machine.example.net", id="low-line-in-the-domain"),
        pytest.param("<@relay.test,@other.test:ada@example.net>", "ada@example.net", id="source-route"),
        pytest.param(" <ada@example.net> SIZE=100 BODY=8BITMIME", "ada@example.net", id="parameters"),
        pytest.param("<>", "", id="null"),
    ],
)
def test_the_reverse_path_is_kept_as_it_was_said(desk: Desk, path: str, kept: str):
    wire = desk.wire()
    wire.say("EHLO there", f"MAIL FROM:{path}", f"RCPT TO:<{SUPPORT}>", "DATA")
    wire.send(MAIL + b".\r\n")
    assert wire.reply().startswith("250")
    assert desk.inbox.mails[0].envelope.reverse_path == kept


def test_the_null_path_of_a_report_is_kept_as_empty(desk: Desk):
    with desk.client() as client:
        client.sendmail("", [SUPPORT], MAIL)
    assert desk.inbox.mails[0].envelope.reverse_path == ""


def test_one_mail_to_two_addresses_of_the_desk_has_two_purposes_in_one_commit(desk: Desk):
    with desk.client() as client:
        client.sendmail("ada@example.net", [SUPPORT, "support+t1@example.com", "escalations@example.com"], MAIL)
    (batch,) = desk.inbox.batches
    assert {arrival.purpose: arrival.envelope.forward_paths for arrival in batch} == {
        SUPPORT: (SUPPORT, "support+t1@example.com"),
        "escalations@example.com": ("escalations@example.com",),
    }


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        pytest.param("<info@example.com>", "550 5.1.1", id="unknown-here"),
        pytest.param("<somebody@elsewhere.test>", "550 5.7.1", id="relay"),
        pytest.param("<support@example.com.evil.test>", "550 5.7.1", id="longer-domain"),
        pytest.param("<support%elsewhere.test@example.com>", "550 5.1.1", id="percent-hack"),
        pytest.param("<@evil.test:other@elsewhere.test>", "5", id="source-route"),
        pytest.param("<../../support@example.com>", "5", id="path"),
        pytest.param('<"support\x07"@example.com>', "5", id="control-character"),
        pytest.param("<support", "5", id="garbled"),
        pytest.param("<>", "5", id="null"),
        pytest.param("<xsupport+t@example.com>", "550 5.1.1", id="other-user-with-token"),
    ],
)
def test_what_is_not_ours_is_refused(desk: Desk, recipient: str, reply: str):
    wire = desk.wire()
    wire.say("EHLO there", "MAIL FROM:<ada@example.net>")
    assert wire.say(f"RCPT TO:{recipient}").startswith(reply)
    assert wire.say("DATA").startswith("503")


def test_nobody_tries_out_addresses_for_long(desk: Desk):
    wire = desk.wire()
    wire.say("EHLO there", "MAIL FROM:<ada@example.net>")
    replies = [wire.say(f"RCPT TO:<guess{number}@example.com>") for number in range(21)]
    assert [reply[:3] for reply in replies] == ["550"] * 20 + ["421"]
    assert wire.reply() == ""


def test_recipients_beyond_the_limit_are_asked_to_come_in_another_mail(desk: Desk):
    wire = desk.wire()
    wire.say("EHLO there", "MAIL FROM:<ada@example.net>")
    replies = [wire.say(f"RCPT TO:<support+t{number}@example.com>") for number in range(21)]
    assert [reply[:9] for reply in replies] == ["250 2.1.5"] * 20 + ["452 4.5.3"]


def test_the_greeting_names_no_product_and_smtputf8_is_not_offered(desk: Desk):
    wire = desk.wire()
    assert wire.greeting == "220 localhost ESMTP"
    with desk.client() as client:
        client.ehlo()
        assert sorted(client.esmtp_features) == ["8bitmime", "auth", "enhancedstatuscodes", "pipelining", "size"]


@pytest.mark.parametrize(
    ("error", "reply"),
    [
        pytest.param(store_away(), "451 4.3.0 Mail cannot be stored just now", id="store-away"),
        pytest.param(RuntimeError("password hunter2"), "451 4.3.0 Something went wrong here", id="fault"),
    ],
)
def test_our_trouble_is_temporary_and_never_shows_its_text(desk: Desk, error: Exception, reply: str):
    desk.inbox.error = error
    with desk.client() as client:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("ada@example.net", [SUPPORT], MAIL)
        answer = f"{refused.value.smtp_code} {refused.value.smtp_error!r}".replace(" b'", " ")
        assert answer.startswith(reply)
        assert "hunter2" not in answer
        desk.inbox.error = None
        client.sendmail("ada@example.net", [SUPPORT], MAIL)
    assert len(desk.inbox.mails) == 1


def test_a_digest_that_fails_is_temporary_and_the_session_goes_on(open_desk: OpenDesk):
    def broken(raw: bytes) -> str:
        raise ValueError(f"hunter2 {len(raw)}")

    desk = open_desk(digest=broken)
    wire = desk.wire()
    wire.begin_data()
    wire.send(MAIL + b".\r\n")
    answer = wire.reply()
    assert answer.startswith("451 4.3.0")
    assert "hunter2" not in answer
    assert wire.say("MAIL FROM:<ada@example.net>").startswith("250")


def test_too_little_disk_space_is_said_before_the_mail_is_sent(open_desk: OpenDesk):
    free = [300 * 2**20 - 1]
    desk = open_desk(SmtpSettings(port=0, limits=SmtpLimits(disk_floor=300 * 2**20)), free_space=lambda: free[0])
    wire = desk.wire()
    assert wire.say("EHLO there", "MAIL FROM:<ada@example.net>").startswith("452 4.3.1")
    free[0] += 1
    assert wire.say("MAIL FROM:<ada@example.net>").startswith("250")


def test_250_is_not_said_before_the_commit(desk: Desk):
    desk.inbox.open.clear()
    wire = desk.wire()
    wire.begin_data()
    wire.send(MAIL + b".\r\n")
    assert desk.inbox.begun.acquire(timeout=20)
    # The loop is awake and answers others; this client has heard nothing.
    assert desk.wire().say("NOOP").startswith("250")
    wire.socket.settimeout(0)
    with pytest.raises(BlockingIOError):
        wire.socket.recv(1, socket.MSG_PEEK)
    wire.socket.settimeout(20)
    desk.inbox.open.set()
    assert wire.reply().startswith("250")
    assert len(desk.inbox.mails) == 1


def test_mails_that_wait_together_are_stored_in_one_commit(desk: Desk):
    def send(number: int) -> None:
        with desk.client() as client:
            client.sendmail("ada@example.net", [SUPPORT], MAIL + b"%d\r\n" % number)

    desk.inbox.open.clear()
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(send, 0)]
        assert desk.inbox.begun.acquire(timeout=20)
        sent += [pool.submit(send, number) for number in range(1, 8)]
        desk.await_waiting(7)
        desk.inbox.open.set()
        for future in sent:
            future.result(20)
    assert [len(batch) for batch in desk.inbox.batches] == [1, 7]
    assert len(desk.woken) == 2


def test_when_too_much_waits_the_sender_is_asked_to_come_again(open_desk: OpenDesk):
    desk = open_desk(intake_limits=IntakeLimits(waiting_mails=1))
    desk.inbox.open.clear()
    first, second, third = desk.wire(), desk.wire(), desk.wire()
    for wire in (first, second, third):
        wire.begin_data()
    first.send(MAIL + b".\r\n")
    assert desk.inbox.begun.acquire(timeout=20)
    second.send(MAIL + b"2\r\n.\r\n")
    desk.await_waiting(1)
    third.send(MAIL + b"3\r\n.\r\n")
    assert third.reply().startswith("451 4.3.2")
    assert third.say("MAIL FROM:<ada@example.net>").startswith("451 4.3.2")
    desk.inbox.open.set()
    assert first.reply().startswith("250")
    assert second.reply().startswith("250")


def test_mail_of_a_border_carries_the_borders_name(open_desk: OpenDesk):
    settings = SmtpSettings(port=0, borders=(ip_network("127.0.0.0/8"),))
    desk = open_desk(settings, border="mx.example.com")
    with desk.client() as client:
        client.sendmail("ada@example.net", [SUPPORT], MAIL)
    assert desk.inbox.mails[0].envelope.border == "mx.example.com"


def test_an_authserv_id_without_a_border_vouches_for_nobody(open_desk: OpenDesk):
    desk = open_desk(SmtpSettings(port=0, borders=(ip_network("192.0.2.0/24"),)), border="mx.example.com")
    with desk.client() as client:
        client.sendmail("ada@example.net", [SUPPORT], MAIL)
    assert desk.inbox.mails[0].envelope.border == ""


def test_a_taken_port_is_said_plainly(desk: Desk):
    host, port = desk.listener.address
    listener = SmtpListener(SmtpSettings(host=host, port=port), desk.listener._door._reception)
    with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken by another program"):
        listener.start()
    assert desk.listener.responds(20)


def test_connections_of_one_peer_are_limited_and_a_closed_one_makes_room(open_desk: OpenDesk):
    desk = open_desk(SmtpSettings(port=0, limits=SmtpLimits(connections_per_peer=2)))
    first, second = desk.wire(), desk.wire()
    assert desk.wire().greeting.startswith("421 4.7.0")
    assert first.say("QUIT").startswith("221")
    assert first.reply() == ""
    assert second.say("NOOP").startswith("250")
    assert desk.wire().greeting.startswith("220")


def test_a_border_is_exempt_from_the_limit_per_peer_but_not_from_that_in_all(open_desk: OpenDesk):
    limits = SmtpLimits(connections_per_peer=1, connections=3, mails_per_connection=1)
    desk = open_desk(SmtpSettings(port=0, limits=limits, borders=(ip_network("127.0.0.1"),)))
    wires = [desk.wire() for _ in range(4)]
    assert [wire.greeting[:3] for wire in wires] == ["220", "220", "220", "421"]
    wires[0].say("EHLO there")
    assert {wires[0].say("MAIL FROM:<a@example.net>", "RSET") for _ in range(30)} == {"250 2.0.0 OK"}


def test_an_idle_client_is_told_and_closed(open_desk: OpenDesk):
    desk = open_desk(SmtpSettings(port=0, limits=SmtpLimits(idle=0.05)))
    wire = desk.wire()
    assert wire.reply().startswith("421 4.4.2")
    assert wire.reply() == ""


def test_when_all_places_are_taken_the_connection_that_rests_longest_makes_way(open_desk: OpenDesk):
    desk = open_desk(SmtpSettings(port=0, limits=SmtpLimits(connections=3)))
    first, busy, last = desk.wire(), desk.wire(), desk.wire()
    busy.begin_data()

    def let_in() -> bool:
        return desk.wire().greeting.startswith("220")

    eventually(let_in, "somebody makes way")
    assert first.reply().startswith("421 4.3.2")
    assert last.say("NOOP").startswith("250")
    busy.send(MAIL + b".\r\n")
    assert busy.reply().startswith("250 2.0.0")


def test_a_mail_that_does_not_end_in_time_is_closed_and_not_kept(open_desk: OpenDesk):
    desk = open_desk(SmtpSettings(port=0, limits=SmtpLimits(data=0.05)))
    wire = desk.wire()
    wire.begin_data()
    wire.send(MAIL)
    assert wire.reply().startswith("421 4.4.2")
    assert desk.inbox.mails == []


def test_a_stop_finishes_the_mail_in_hand_and_says_goodbye_to_the_idle(desk: Desk):
    desk.inbox.open.clear()
    busy, idle = desk.wire(), desk.wire()
    busy.begin_data()
    busy.send(MAIL + b".\r\n")
    assert desk.inbox.begun.acquire(timeout=20)
    stopping = threading.Thread(target=desk.listener.stop, args=(20,))
    stopping.start()
    assert idle.reply().startswith("421 4.3.2")
    desk.inbox.open.set()
    assert busy.reply().startswith("250")
    assert busy.reply().startswith("421 4.3.2")
    stopping.join(20)
    assert not stopping.is_alive()
    with pytest.raises(ConnectionRefusedError):
        desk.client()


def test_a_stop_does_not_wait_longer_than_it_may(desk: Desk):
    wire = desk.wire()
    wire.begin_data()
    wire.send(MAIL)
    desk.listener.stop(0.05)
    assert wire.reply() == ""
    assert not desk.listener.responds(0.1)
    assert desk.inbox.mails == []


def test_a_listener_that_was_never_started_stops_at_once(desk: Desk):
    listener = SmtpListener(SmtpSettings(port=0), desk.listener._door._reception)
    listener.stop(20)
    assert not listener.responds(0.1)


def test_a_fault_is_logged_with_its_place_and_without_a_word_of_the_mail(
    open_desk: OpenDesk, capsys: pytest.CaptureFixture[str]
):
    def broken(raw: bytes) -> str:
        raise ValueError(raw)

    desk = open_desk(digest=broken)
    wire = desk.wire()
    wire.begin_data()
    wire.send(MAIL + b".\r\n")
    assert wire.reply().startswith("451 4.3.0")
    said = "".join(capsys.readouterr())
    assert "smtp-fault" in said
    assert "ValueError" in said
    assert "test_listener.py" in said
    assert "ada@example.net" not in said
    assert "burns" not in said


GOOD_TOKEN, BAD_TOKEN = "a" * 44, "b" * 44


def with_a_token(open_desk: OpenDesk, **more: Any) -> Wire:
    """A door to a desk that made one token, its session begun."""
    own = OwnAddresses((SUPPORT, "escalations@example.com"), reply_domain="r.example.com")
    settings = SmtpSettings(port=0, limits=SmtpLimits(refused_recipients=3), **more)
    wire = open_desk(settings, own=own, ours=lambda address: GOOD_TOKEN in address.lower()).wire()
    wire.say("EHLO there", "MAIL FROM:<ada@example.net>")
    return wire


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        pytest.param(f"support+{GOOD_TOKEN}@example.com", "250", id="ours"),
        pytest.param(f"Support+{GOOD_TOKEN.upper()}@Example.com", "250", id="ours-in-capitals"),
        pytest.param(f"{GOOD_TOKEN}@r.example.com", "250", id="ours-in-its-own-domain"),
        pytest.param("support+invoices@example.com", "250", id="no-token-at-all"),
        pytest.param(f"support+{BAD_TOKEN}@example.com", "550 5.1.1 This reply address", id="not-ours"),
        pytest.param(f"support={BAD_TOKEN}@example.com", "550 5.1.1 This reply address", id="behind-another-delimiter"),
        pytest.param(f"escalations+{BAD_TOKEN}@example.com", "550 5.1.1 This reply address", id="of-another-purpose"),
        pytest.param(f"{BAD_TOKEN}@r.example.com", "550 5.1.1 This reply address", id="not-ours-in-its-own-domain"),
        pytest.param(f"nobody+{GOOD_TOKEN}@example.com", "550 5.1.1 Nobody here", id="of-nobody"),
    ],
)
def test_a_reply_address_that_we_did_not_make_is_refused_before_the_mail_comes(
    open_desk: OpenDesk, recipient: str, reply: str
):
    assert with_a_token(open_desk).say(f"RCPT TO:<{recipient}>").startswith(reply)


def test_all_wrong_tokens_are_refused_alike_and_few_may_be_tried(open_desk: OpenDesk):
    wire = with_a_token(open_desk)
    tries = [BAD_TOKEN, GOOD_TOKEN[:-1] + "b", "c" * 44]
    assert len({wire.say(f"RCPT TO:<support+{token}@example.com>") for token in tries}) == 1
    assert wire.say(f"RCPT TO:<support+{BAD_TOKEN}@example.com>").startswith("421 4.7.0")


def test_a_border_which_took_the_mail_already_is_not_made_to_report_a_wrong_token_to_whoever_is_named(
    open_desk: OpenDesk,
):
    wire = with_a_token(open_desk, borders=(ip_network("127.0.0.1"),))
    assert wire.say(f"RCPT TO:<support+{BAD_TOKEN}@example.com>").startswith("250")
    assert wire.say("RCPT TO:<nobody@example.com>").startswith("550 5.1.1 Nobody here")
