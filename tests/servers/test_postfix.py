"""The private Postfix does for the tests what a company's mail server does."""

import smtplib
import ssl

import pytest
from aiosmtpd.controller import Controller

from tests.daemon.loops import eventually
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port
from tests.servers.postfix import Postfix

MAIL = "From: Ada <ada@client.test>\r\nTo: {to}\r\nSubject: Printer\r\n\r\nIt is on fire.\r\n"


def send(port: int, to: str, sender: str = "ada@client.test") -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="there", timeout=20) as client:
        client.sendmail(sender, [to], MAIL.format(to=to))


def test_mail_for_a_mailbox_lies_there_subaddress_and_all(postfix: Postfix, dovecot: Dovecot):
    postfix.mailbox("boxed@boxes.test", "pw")
    send(postfix.mx_port, "boxed+token@boxes.test")
    eventually(lambda: dovecot.messages("boxed"), "the mail")
    (mail,) = dovecot.messages("boxed")
    assert b"Return-Path: <ada@client.test>" in mail
    assert b"by mx.example.com (Postfix)" in mail
    assert mail.replace(b"\r\n", b"\n").endswith(b"\n\nIt is on fire.\n")


def test_the_mx_refuses_whom_it_does_not_know_and_relays_nothing(postfix: Postfix):
    postfix.mailbox("known@refusing.test", "pw")
    for to in ("unknown@refusing.test", "anybody@elsewhere.test"):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(postfix.mx_port, to)


def test_the_relay_takes_mail_for_the_whole_world_and_the_world_is_one_folder(postfix: Postfix):
    send(postfix.relay_port, "world@elsewhere.test", sender="")
    eventually(lambda: postfix.outside("world@elsewhere.test"), "the mail outside")
    (mail,) = postfix.outside("world@elsewhere.test")
    assert mail.startswith(b"Return-Path: <>\n")


class Server:
    """Answers as it is told, and keeps what it is given."""

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.taken: list[list[str]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802 - the library's name
        self.taken.append(vars(envelope)["rcpt_tos"])
        return self.reply


def listen(server: Server, port: int) -> Controller:
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    return controller


def test_a_route_may_be_said_and_changed_at_any_time(postfix: Postfix):
    server, port = Server("250 2.0.0 OK"), free_port()
    postfix.route("routed.test", "error:5.1.1 not yet")
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="not yet"):
        send(postfix.mx_port, "first@routed.test")
    postfix.route("routed.test", f"smtp:[127.0.0.1]:{port}")
    controller = listen(server, port)
    try:
        send(postfix.mx_port, "second@routed.test")
        eventually(lambda: server.taken, "the mail")
    finally:
        controller.stop()
    assert server.taken == [["second@routed.test"]]


def test_a_server_that_is_away_or_busy_gets_its_mail_later(postfix: Postfix):
    server, port = Server("451 4.3.0 later"), free_port()
    postfix.route("late.test", f"smtp:[127.0.0.1]:{port}")
    send(postfix.mx_port, "whom@late.test")
    eventually(lambda: any("refused" in str(row) for row in postfix.queue("whom@late.test")), "the mail in the queue")
    controller = listen(server, port)
    try:
        eventually(lambda: postfix.rid_of("whom@late.test") or server.taken, "a try")
        server.reply = "250 2.0.0 OK"
        eventually(lambda: postfix.rid_of("whom@late.test"), "the delivery")
    finally:
        controller.stop()


def submission(postfix: Postfix, implicit: ssl.SSLContext | None) -> smtplib.SMTP:
    if implicit:
        return smtplib.SMTP_SSL("localhost", postfix.submissions_port, "there", context=implicit, timeout=20)
    return smtplib.SMTP("localhost", postfix.submission_port, "there", timeout=20)


@pytest.mark.parametrize("encrypt", ["starttls", "implicit"])
def test_submission_wants_tls_and_a_password(postfix: Postfix, encrypt: str):
    postfix.mailbox("agent@submitting.test", "correct horse")
    context = ssl.create_default_context(cafile=str(postfix.cert))
    with submission(postfix, context if encrypt == "implicit" else None) as client:
        if encrypt == "starttls":
            assert client.docmd("MAIL", "FROM:<agent@submitting.test>")[0] == 530
            client.starttls(context=context)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("agent@submitting.test", [f"{encrypt}@elsewhere.test"], MAIL.format(to="x"))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("agent@submitting.test", "wrong")
        client.login("agent@submitting.test", "correct horse")
        client.sendmail("agent@submitting.test", [f"{encrypt}@elsewhere.test"], MAIL.format(to="x"))
    eventually(lambda: postfix.outside(f"{encrypt}@elsewhere.test"), "the mail outside")


def test_after_a_kill_the_queue_is_still_there(postfix: Postfix):
    server, port = Server("250 2.0.0 OK"), free_port()
    postfix.route("surviving.test", f"smtp:[127.0.0.1]:{port}")
    send(postfix.mx_port, "whom@surviving.test")
    postfix.kill()
    try:
        with pytest.raises(ConnectionRefusedError):
            send(postfix.mx_port, "whom@surviving.test")
    finally:
        postfix.start()
    assert len(postfix.queue("whom@surviving.test")) == 1
    controller = listen(server, port)
    try:
        eventually(lambda: postfix.rid_of("whom@surviving.test") and server.taken, "the delivery")
    finally:
        controller.stop()
