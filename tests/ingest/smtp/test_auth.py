"""Agents log in: what that proves, how often it may fail, and what never crosses the wire unencrypted."""

import base64
import smtplib
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.ingest.smtp.gate import Gate, Recent, is_loopback
from mailbot.ingest.smtp.listener import SmtpLimits, SmtpSettings, server_tls
from tests.ingest.smtp.conftest import AGENT, MAIL, Desk, OpenDesk, TestClock

SUPPORT = "support@example.com"
AGENT_MAIL = MAIL.replace(b"ada@example.net", b"agent@example.com")


def plain(login: str, password: str, authorization: str = "") -> str:
    return base64.b64encode(f"{authorization}\0{login}\0{password}".encode()).decode()


def fail(desk: Desk, times: int, login: str = AGENT) -> list[str]:
    """Try wrong passwords, on as many connections as it takes; return the replies' codes."""
    replies: list[str] = []
    wire = None
    while len(replies) < times:
        if wire is None:
            wire = desk.wire()
            wire.say("EHLO there")
        replies.append(wire.say(f"AUTH PLAIN {plain(login, 'wrong')}")[:3])
        if replies[-1] == "421":
            wire.close()
            wire = None
    return replies


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "plain"])
def test_an_agent_who_logged_in_is_named_on_the_envelope(desk: Desk, mechanism: str):
    with desk.client() as client:
        client.ehlo()
        client.user, client.password = "Agent@Example.com", "correct horse"
        client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
        client.sendmail(AGENT, [SUPPORT], AGENT_MAIL)
    assert desk.inbox.mails[0].envelope.session == AGENT


def test_without_an_initial_response_the_server_asks_for_it(desk: Desk):
    wire = desk.wire()
    assert wire.say("EHLO there", "AUTH PLAIN") == "334 "
    assert wire.say(plain(AGENT, "correct horse")).startswith("235")
    assert wire.say("AUTH PLAIN").startswith("503")


def test_a_client_may_give_up(desk: Desk):
    wire = desk.wire()
    wire.say("EHLO there", "AUTH LOGIN")
    assert wire.say("*").startswith("501")
    assert wire.say("AUTH LOGIN").startswith("334")
    wire.say(base64.b64encode(AGENT.encode()).decode())
    assert wire.say("*").startswith("501")
    assert desk.checked == []


@pytest.mark.parametrize(
    ("author", "taken"),
    [
        pytest.param(b"agent@example.com", True, id="own"),
        pytest.param(b"Also.Agent@Example.com", True, id="own-further-address"),
        pytest.param(b"chief@example.com", False, id="colleague"),
        pytest.param(b"ada@example.net", False, id="customer"),
        pytest.param(b"agent@example.com>\r\nFrom: <chief@example.com", False, id="two-from-fields"),
        pytest.param(b"nobody", False, id="no-address"),
    ],
)
def test_an_agent_writes_only_from_an_address_of_their_own(desk: Desk, author: bytes, taken: bool):
    mail = MAIL.replace(b"ada@example.net", author)
    with desk.client() as client:
        client.login(AGENT, "correct horse")
        if taken:
            client.sendmail(AGENT, [SUPPORT], mail)
        else:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                client.sendmail(AGENT, [SUPPORT], mail)
            assert (refused.value.smtp_code, str(refused.value.smtp_error)[2:7]) == (550, "5.7.1")
    assert len(desk.inbox.mails) == taken


def test_a_log_in_opens_no_relay(desk: Desk):
    with desk.client() as client:
        client.login(AGENT, "correct horse")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(AGENT, ["ada@example.net"], AGENT_MAIL)


@pytest.mark.parametrize(
    ("login", "password", "authorization"),
    [
        pytest.param(AGENT, "wrong", "", id="wrong-password"),
        pytest.param(AGENT, "", "", id="empty-password"),
        pytest.param("nobody@example.com", "correct horse", "", id="unknown-address"),
        pytest.param("agént@example.com", "correct horse", "", id="look-alike"),
        pytest.param(AGENT, "correct horse", "chief@example.com", id="for-somebody-else"),
    ],
)
def test_a_wrong_log_in_is_refused_and_mail_after_it_has_no_session(
    desk: Desk, login: str, password: str, authorization: str
):
    wire = desk.wire()
    wire.say("EHLO there")
    assert wire.say(f"AUTH PLAIN {plain(login, password, authorization)}")[:3] in ("535", "501")
    wire.begin_data()
    wire.send(AGENT_MAIL + b".\r\n")
    assert wire.reply().startswith("250")
    assert desk.inbox.mails[0].envelope.session == ""


def test_a_log_in_within_a_mail_is_refused(desk: Desk):
    wire = desk.wire()
    wire.say("EHLO there", "MAIL FROM:<agent@example.com>")
    assert wire.say(f"AUTH PLAIN {plain(AGENT, 'correct horse')}").startswith("503")


def test_three_failures_end_a_connection_and_ten_bar_the_peer(desk: Desk):
    assert fail(desk, 12) == ["535", "535", "421"] * 3 + ["535", "421", "421"]
    assert len(desk.checked) == 10
    # Even the right password waits now.
    wire = desk.wire()
    wire.say("EHLO there")
    assert wire.say(f"AUTH PLAIN {plain(AGENT, 'correct horse')}").startswith("421 4.7.0")
    assert len(desk.checked) == 10
    desk.clock.advance(timedelta(minutes=10))
    wire = desk.wire()
    wire.say("EHLO there")
    assert wire.say(f"AUTH PLAIN {plain(AGENT, 'correct horse')}").startswith("235")


def test_twenty_failures_bar_an_account_wherever_they_come_from(open_desk: OpenDesk):
    desk = open_desk(SmtpSettings(port=0, limits=SmtpLimits(failures_per_peer=1000, failures_per_account=5)))
    fail(desk, 6)
    assert len(desk.checked) == 5
    assert fail(desk, 1, "chief@example.com") == ["535"]
    desk.clock.advance(timedelta(minutes=59, seconds=59))
    assert fail(desk, 1) == ["421"]
    desk.clock.advance(timedelta(seconds=1))
    assert fail(desk, 1) == ["535"]


def test_a_right_password_counts_against_nobody(desk: Desk):
    for _ in range(12):
        wire = desk.wire()
        wire.say("EHLO there")
        assert wire.say(f"AUTH PLAIN {plain(AGENT, 'correct horse')}").startswith("235")
        wire.say("QUIT")
        wire.close()


def test_where_nobody_has_a_password_no_log_in_is_offered(open_desk: OpenDesk):
    desk = open_desk(password=None)
    with desk.client() as client:
        client.ehlo()
        assert not client.has_extn("auth")
    wire = desk.wire()
    wire.say("EHLO there")
    assert wire.say(f"AUTH PLAIN {plain(AGENT, 'correct horse')}").startswith("503")


def test_without_tls_no_password_is_taken_and_with_starttls_it_is(open_desk: OpenDesk, certificate: tuple[Path, Path]):
    desk = open_desk(SmtpSettings(port=0, tls=server_tls(*certificate), plain_auth_on_loopback=False))
    with desk.client() as client:
        client.ehlo()
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", f"PLAIN {plain(AGENT, 'correct horse')}")[0] == 538
        vars(client)["_host"] = "localhost"  # what the certificate is checked against
        client.starttls(context=ssl.create_default_context(cafile=str(certificate[0])))
        client.login(AGENT, "correct horse")
        client.sendmail(AGENT, [SUPPORT], AGENT_MAIL)
    assert desk.inbox.mails[0].envelope.session == AGENT


def test_commands_sent_along_with_starttls_are_not_obeyed(open_desk: OpenDesk, certificate: tuple[Path, Path]):
    desk = open_desk(SmtpSettings(port=0, tls=server_tls(*certificate)))
    wire = desk.wire()
    wire.say("EHLO there")
    wire.send(b"STARTTLS\r\nEHLO injected\r\nMAIL FROM:<forged@example.net>\r\n")
    assert wire.reply().startswith("220")
    context = ssl.create_default_context(cafile=str(certificate[0]))
    with context.wrap_socket(wire.socket, server_hostname="localhost") as secure:
        secure.sendall(b"MAIL FROM:<ada@example.net>\r\n")
        # The first reply inside TLS is to what came inside TLS: no greeting was heard yet.
        assert secure.recv(100).startswith(b"503 ")


def test_with_implicit_tls_a_password_crosses_an_encrypted_wire(open_desk: OpenDesk, certificate: tuple[Path, Path]):
    settings = SmtpSettings(port=0, tls=server_tls(*certificate), implicit_tls=True, plain_auth_on_loopback=False)
    desk = open_desk(settings)
    context = ssl.create_default_context(cafile=str(certificate[0]))
    port = desk.listener.address[1]
    with smtplib.SMTP_SSL("localhost", port, local_hostname="there", timeout=20, context=context) as client:
        client.login(AGENT, "correct horse")
        assert not client.has_extn("starttls")
        client.sendmail(AGENT, [SUPPORT], AGENT_MAIL)
    assert desk.inbox.mails[0].envelope.session == AGENT


def test_a_certificate_that_does_not_serve_is_a_fault_before_anything_listens(tmp_path: Path):
    (tmp_path / "cert.pem").write_text("no certificate")
    with pytest.raises(OSError, match="PEM"):
        server_tls(tmp_path / "cert.pem", tmp_path / "cert.pem")


def test_new_connections_a_minute_are_limited_but_for_this_machine():
    clock = TestClock()
    gate = Gate(SmtpLimits(new_per_minute=2))

    def visit(peer: str) -> bool:
        entered = gate.enter(peer, clock.now())
        if entered:
            gate.leave(peer)
        return entered

    assert [visit("192.0.2.1") for _ in range(3)] == [True, True, False]
    # Counted by the mapped address, and a whole /64 is one peer.
    assert not visit("::ffff:192.0.2.1")
    assert [visit(f"2001:db8::{number}") for number in range(3)] == [True, True, False]
    assert all(visit("127.0.0.1") for _ in range(10))
    clock.advance(timedelta(minutes=1))
    assert visit("192.0.2.1")


def test_what_is_counted_stays_bounded():
    clock = TestClock()
    recent = Recent(2, timedelta(hours=1))
    for number in range(10_050):
        recent.count(f"account{number}", clock.now())
    assert len(recent._seen) == 10_000
    recent.count("account10049", clock.now())
    assert recent.reached("account10049", clock.now())
    assert not recent.reached("account10049", clock.now() + timedelta(hours=1))
    assert "account10049" not in recent._seen


@pytest.mark.parametrize(
    ("peer", "local"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("192.0.2.1", False), ("", False), ("x", False)],
)
def test_loopback_is_known_by_its_address(peer: str, local: bool):
    assert is_loopback(peer) is local
