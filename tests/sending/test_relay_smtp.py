"""The SMTP relay against servers that really listen: what goes over the wire, and what each trouble becomes."""

import socket
import ssl

import pytest

from mailbot.sending import relay as relay_module
from mailbot.sending.relay import Smarthost, SmtpRelay
from tests.sending.conftest import PASSWORD, USER, authenticate
from tests.servers.ports import free_port

MAIL = b"Subject: hello\r\n\r\n.a line that begins with a dot\r\n.\r\nlast\r\n"


@pytest.fixture
def relay_to():
    made = []

    def make(port, **settings):
        made.append(SmtpRelay(Smarthost(host="localhost", port=port, **{"tls": "none", "timeout": 5.0, **settings})))
        return made[-1]

    yield make
    for relay in made:
        relay.close()


def server_context(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


def test_a_mail_arrives_with_its_envelope_and_its_bytes(sinks, relay_to):
    sink = sinks()
    reply = relay_to(sink.port).send("support@example.com", "anna@customer.example", MAIL)
    assert (reply.code, reply.status, reply.text) == (250, "2.6.0", "Kept")
    assert (sink.taken[0].mail_from, sink.taken[0].rcpt_tos) == ("support@example.com", ["anna@customer.example"])
    assert sink.taken[0].content == MAIL


def test_the_null_path_is_sent_as_such(scripts, relay_to):
    server = scripts()
    assert relay_to(server.port).send("", "anna@customer.example", MAIL).accepted
    assert "MAIL FROM:<>" in server.heard


def test_one_connection_serves_many_mails(sinks, relay_to):
    sink = sinks()
    relay = relay_to(sink.port)
    assert all(relay.send("", "anna@customer.example", MAIL).accepted for _ in range(5))
    assert (len(sink.taken), len(sink.sessions)) == (5, 1)


def test_a_connection_is_made_anew_after_its_share_of_mails(scripts, relay_to, monkeypatch):
    monkeypatch.setattr(relay_module, "MAILS_A_CONNECTION", 2)
    server = scripts()
    relay = relay_to(server.port)
    assert all(relay.send("", "anna@customer.example", MAIL).accepted for _ in range(5))
    assert (server.connections, server.heard.count("quit")) == (3, 2)


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        pytest.param({"RCPT": ["550 5.1.1 no such user"]}, (550, "5.1.1", "no such user"), id="unknown-recipient"),
        pytest.param({"RCPT": ["450 4.2.0 greylisted"]}, (450, "4.2.0", "greylisted"), id="greylisting"),
        pytest.param({"RCPT": ["550-5.7.1 spam\r\n550 5.7.1 go away"]}, (550, "5.7.1", "spam go away"), id="two-lines"),
        pytest.param({"RCPT": ["550 mailbox away"]}, (550, "", "mailbox away"), id="no-enhanced-status"),
        pytest.param({"MAIL": ["553 5.1.8 bad sender"]}, (553, "5.1.8", "bad sender"), id="sender-refused"),
        pytest.param({"DATA": ["451 4.3.0 not now"]}, (451, "4.3.0", "not now"), id="data-refused"),
        pytest.param({"END": ["554 5.6.0 not this mail"]}, (554, "5.6.0", "not this mail"), id="mail-refused"),
        pytest.param({"END": ["452 4.3.1 disk full"]}, (452, "4.3.1", "disk full"), id="mail-deferred"),
    ],
)
def test_a_refusal_is_passed_on_and_the_next_mail_goes(scripts, relay_to, script, answer):
    server = scripts(**script)
    relay = relay_to(server.port)
    reply = relay.send("", "anna@customer.example", MAIL)
    assert (reply.code, reply.status, reply.text, reply.away) == (*answer, False)
    assert relay.send("", "otto@customer.example", MAIL).accepted
    assert server.connections == 1


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param({"CONNECT": ["554 5.3.2 no service"]}, "refused: 554 5.3.2 no service", id="greeting"),
        pytest.param({"CONNECT": [None]}, "closed", id="closed-at-once"),
        pytest.param({"MAIL": [None]}, "closed", id="closed-at-mail"),
        pytest.param({"RCPT": [None]}, "closed", id="closed-at-rcpt"),
        pytest.param({"END": [None]}, "closed", id="closed-after-the-mail"),
        pytest.param({"MAIL": ["530 5.7.0 log in first"]}, "wants another login: 530", id="login-wanted"),
        pytest.param({"MAIL": ["hello?"]}, "no readable answer", id="garbage"),
        pytest.param({"MAIL": ["2" * 9000]}, "Line too long", id="endless-line"),
    ],
)
def test_a_relay_in_trouble_is_away_and_costs_no_recipient(scripts, relay_to, script, said):
    server = scripts(**script)
    relay = relay_to(server.port)
    reply = relay.send("", "anna@customer.example", MAIL)
    assert (reply.code, reply.status, reply.away) == (451, "4.4.1", True)
    assert said in reply.text
    assert relay.send("", "anna@customer.example", MAIL).accepted


def test_a_service_that_closes_is_away_by_its_own_word(scripts, relay_to):
    server = scripts(RCPT=["421 4.3.2 going down"])
    reply = relay_to(server.port).send("", "anna@customer.example", MAIL)
    assert (reply.code, reply.away, reply.permanent) == (421, True, False)


@pytest.mark.parametrize("end", [pytest.param(None, id="closed"), pytest.param("421 4.4.2 idle", id="said-so")])
def test_a_kept_connection_that_was_closed_meanwhile_is_made_anew(scripts, relay_to, end):
    server = scripts(MAIL=["250 ok", end])
    relay = relay_to(server.port)
    assert [relay.send("", "anna@customer.example", MAIL).code for _ in range(2)] == [250, 250]
    assert server.connections == 2


def test_a_mail_whose_answer_was_lost_on_a_kept_connection_is_not_sent_twice_at_once(scripts, relay_to):
    server = scripts(END=["250 ok", None])
    relay = relay_to(server.port)
    assert [relay.send("", "anna@customer.example", MAIL).code for _ in range(2)] == [250, 451]
    assert len(server.mails) == 2


def test_nobody_there_is_a_relay_that_is_away(relay_to):
    reply = relay_to(free_port()).send("", "anna@customer.example", MAIL)
    assert reply.away
    assert "refused" in reply.text


def test_a_silent_relay_is_away_after_the_timeout(relay_to):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        reply = relay_to(silent.getsockname()[1], timeout=0.2).send("", "anna@customer.example", MAIL)
    assert reply.away
    assert "timed out" in reply.text


def test_a_mail_larger_than_the_relay_takes_is_not_even_begun(scripts, relay_to):
    server = scripts(EHLO=["250-relay.test\r\n250 SIZE 1000"])
    reply = relay_to(server.port).send("", "anna@customer.example", MAIL * 40)
    assert (reply.code, reply.status) == (552, "5.3.4")
    assert server.mails == []


def test_the_size_is_announced_where_it_is_asked_for(scripts, relay_to):
    server = scripts(EHLO=["250-relay.test\r\n250 SIZE 0"])
    assert relay_to(server.port).send("", "anna@customer.example", MAIL).accepted
    assert f"MAIL FROM:<> SIZE={len(MAIL)}" in server.heard


@pytest.mark.parametrize(
    ("reverse_path", "to"),
    [
        pytest.param("", "a@b.example>\r\nRCPT TO:<v@x.example", id="line-break"),
        pytest.param("", "<a@b.example>", id="brackets"),
        pytest.param("", "two@b.example words", id="space"),
        pytest.param("", "", id="none"),
        pytest.param("jö@b.example", "a@b.example", id="not-ascii"),
        pytest.param("", "jö@b.example", id="recipient-not-ascii"),
    ],
)
def test_an_address_that_is_none_never_reaches_the_wire(scripts, relay_to, reverse_path, to):
    server = scripts()
    assert relay_to(server.port).send(reverse_path, to, MAIL).permanent
    assert server.connections == 0


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_with_tls_and_login_a_mail_arrives(sinks, relay_to, certificate, tls):
    context = server_context(certificate)
    options = {"tls_context": context, "require_starttls": True} if tls == "starttls" else {"ssl_context": context}
    sink = sinks(authenticator=authenticate, auth_require_tls=tls == "starttls", **options)
    relay = relay_to(sink.port, tls=tls, user=USER, password=PASSWORD, trust=certificate / "cert.pem")
    assert relay.send("", "anna@customer.example", MAIL).accepted
    assert sink.sessions[0].authenticated


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_of_nobody_known_stops_the_sending(sinks, relay_to, certificate, tls):
    context = server_context(certificate)
    sink = sinks(**({"tls_context": context} if tls == "starttls" else {"ssl_context": context}))
    reply = relay_to(sink.port, tls=tls).send("", "anna@customer.example", MAIL)
    assert reply.away
    assert "certificate not accepted" in reply.text
    assert sink.taken == []


def test_a_certificate_for_another_name_stops_the_sending(sinks, certificate):
    sink = sinks(tls_context=server_context(certificate))
    relay = SmtpRelay(Smarthost(host="127.0.0.1", port=sink.port, trust=certificate / "cert.pem"))
    reply = relay.send("", "anna@customer.example", MAIL)
    assert (reply.away, sink.taken) == (True, [])
    assert "127.0.0.1" in reply.text


def test_a_relay_that_has_lost_its_tls_gets_no_mail(sinks, relay_to):
    sink = sinks()
    reply = relay_to(sink.port, tls="starttls").send("", "anna@customer.example", MAIL)
    assert (reply.away, sink.taken) == (True, [])
    assert "STARTTLS" in reply.text


def test_a_refused_login_is_our_trouble_and_the_password_is_never_shown(sinks, relay_to):
    sink = sinks(authenticator=authenticate, auth_require_tls=False)
    relay = relay_to(sink.port, user=USER, password="wrong battery")
    reply = relay.send("", "anna@customer.example", MAIL)
    assert reply.away
    assert "refused the login: 535" in reply.text
    assert "battery" not in f"{reply}{relay._smarthost}"


def test_a_password_does_not_travel_in_the_clear():
    with pytest.raises(ValueError, match="a password needs tls"):
        SmtpRelay(Smarthost(host="relay.test", tls="none", user=USER, password=PASSWORD))


def test_closing_a_connection_that_is_gone_is_no_error(scripts, relay_to):
    server = scripts(QUIT=[None])
    relay = relay_to(server.port)
    assert relay.send("", "anna@customer.example", MAIL).accepted
    relay.close()
    relay.close()
    assert relay.send("", "anna@customer.example", MAIL).accepted


def test_an_endless_answer_is_cut(scripts, relay_to):
    server = scripts(RCPT=["\r\n".join(["550-5.1.1 no\x1b[31m"] * 200 + ["550 5.1.1 no"])])
    text = relay_to(server.port).send("", "anna@customer.example", MAIL).text
    assert len(text) <= relay_module.TEXT_LIMIT
    assert text.isprintable()
