"""TLS and login at the relay: what is verified, what an access token meets, and what people are told."""

import base64
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mailbot.ports.login import TokenAway, TokenRefused
from mailbot.sending.relay import SmtpRelay, stuffed
from mailbot.sending.relay_connection import Smarthost
from tests.sending.conftest import Script, Sink

MAIL = b"Subject: hello\r\n\r\nlast\r\n"
OFFER = "250-relay.test\r\n250 AUTH PLAIN XOAUTH2 OAUTHBEARER"
REASON = "334 eyJzdGF0dXMiOiI0MDAifQ=="

RelayTo = Callable[..., SmtpRelay]


@pytest.fixture
def relay_to() -> Iterator[RelayTo]:
    made = []

    def make(port: int, **settings: Any) -> SmtpRelay:
        given: dict[str, Any] = {"host": "localhost", "tls": "none", "timeout": 5.0, **settings}
        made.append(SmtpRelay(Smarthost(port=port, **given)))
        return made[-1]

    yield make
    for relay in made:
        relay.close()


@dataclass
class Tokens:
    """Gives these tokens one after the other; a trouble is raised."""

    left: list[str | Exception]
    forgotten: list[str] = field(default_factory=list)

    def __call__(self) -> str:
        token = self.left[0]
        if isinstance(token, Exception):
            raise token
        return token

    def refused(self, token: str) -> None:
        self.forgotten.append(token)
        del self.left[:1]


def spoken(server: Script) -> list[str]:
    """What was said with AUTH, decoded."""
    return [base64.b64decode(line.split()[2]).decode() for line in server.heard if line.startswith("AUTH ")]


def test_a_token_logs_in_by_xoauth2(scripts: Callable[..., Script], relay_to: RelayTo):
    server = scripts(EHLO=[OFFER], AUTH=["235 2.7.0 welcome"])
    relay = relay_to(server.port, user="desk@example.com", tokens=Tokens(["t0ken"]))
    assert relay.send("", "anna@customer.example", MAIL).accepted
    assert spoken(server) == ["user=desk@example.com\1auth=Bearer t0ken\1\1"]


@pytest.mark.parametrize(("mechanism", "last"), [("xoauth2", ""), ("oauthbearer", "AQ==")])
def test_a_token_that_is_not_taken_any_more_is_replaced_once(
    scripts: Callable[..., Script], relay_to: RelayTo, mechanism: str, last: str
):
    server = scripts(
        EHLO=[OFFER], AUTH=[REASON, "235 2.7.0 welcome"], **{last: ["535 5.7.8 no good any more"]} if last else {}
    )
    if not last:
        server._script[""] = ["535 5.7.8 no good any more"]
    tokens = Tokens(["old", "new"])
    relay = relay_to(server.port, user="desk@example.com", tokens=tokens, mechanism=mechanism)
    assert relay.send("", "anna@customer.example", MAIL).accepted
    assert tokens.forgotten == ["old"]
    assert last in server.heard
    assert ["old" in one for one in spoken(server)] == [True, False]


def test_two_tokens_that_are_refused_are_trouble_of_ours_and_are_never_shown(
    scripts: Callable[..., Script], relay_to: RelayTo
):
    server = scripts(EHLO=[OFFER], AUTH=["535 5.7.8 who?"] * 2)
    relay = relay_to(server.port, user="desk@example.com", tokens=Tokens(["first", "second", "third"]))
    reply = relay.send("", "anna@customer.example", MAIL)
    assert reply.away
    assert reply.text == "refused the login: 535 5.7.8 who?"
    assert len(spoken(server)) == 2


def test_a_server_that_cannot_judge_a_token_just_now_says_nothing_against_it(
    scripts: Callable[..., Script], relay_to: RelayTo
):
    server = scripts(EHLO=[OFFER], AUTH=["454 4.7.0 later"])
    tokens = Tokens(["good"])
    reply = relay_to(server.port, user="desk@example.com", tokens=tokens).send("", "anna@customer.example", MAIL)
    assert (reply.away, tokens.forgotten) == (True, [])
    assert "454" in reply.text


@pytest.mark.parametrize("trouble", [TokenAway("the endpoint is away"), TokenRefused("the endpoint knows us no more")])
def test_without_a_token_the_mail_waits_and_the_reason_is_said(
    scripts: Callable[..., Script], relay_to: RelayTo, trouble: Exception
):
    server = scripts(EHLO=[OFFER])
    reply = relay_to(server.port, user="desk@example.com", tokens=Tokens([trouble])).send("", "a@b.example", MAIL)
    assert (reply.away, reply.text) == (True, str(trouble))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tls": "starttls"}, "offers no STARTTLS, which relay.tls asks for"),
        ({"user": "desk", "password": "pw"}, "offers no login, which relay.user asks for"),
        ({"user": "desk", "tokens": Tokens(["t"])}, "offers no login by XOAUTH2"),
        ({"tls": "implicit"}, "speaks no TLS at once on this port"),
    ],
    ids=["no-starttls", "no-auth", "no-xoauth2", "no-tls"],
)
def test_what_a_relay_does_not_offer_is_said_with_what_asks_for_it(
    scripts: Callable[..., Script], relay_to: RelayTo, settings: dict[str, Any], said: str
):
    server = scripts()
    reply = relay_to(server.port, **settings).send("", "anna@customer.example", MAIL)
    assert reply.away
    assert said in reply.text
    assert server.mails == []


def context_of(folder: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_relay_that_is_not_verified_may_show_any_certificate(
    sinks: Callable[..., Sink], relay_to: RelayTo, certificate: Path, tls: str
):
    sink = sinks(**{"tls_context" if tls == "starttls" else "ssl_context": context_of(certificate)})
    relay = relay_to(sink.port, host="127.0.0.1", tls=tls, verify=False)
    assert relay.send("", "anna@customer.example", MAIL).accepted


CA = """[ca]
default_ca = d
[d]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = p
[p]
commonName = supplied
"""


@pytest.fixture
def expired(tmp_path: Path) -> Path:
    """A certificate for localhost that ended years ago."""
    (tmp_path / "ca.cnf").write_text(CA)
    (tmp_path / "index").touch()
    (tmp_path / "serial").write_text("01\n")
    ask = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout key.pem -out a.csr"
    sign = "ca -batch -notext -config ca.cnf -selfsign -keyfile key.pem -in a.csr -out cert.pem"
    for command in (f"openssl {ask}", f"openssl {sign} -startdate 20200101000000Z -enddate 20200102000000Z"):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def test_an_expired_certificate_is_said_to_be_expired(sinks: Callable[..., Sink], relay_to: RelayTo, expired: Path):
    sink = sinks(ssl_context=context_of(expired))
    reply = relay_to(sink.port, tls="implicit", trust=expired / "cert.pem").send("", "anna@customer.example", MAIL)
    assert reply.away
    assert reply.text == "certificate not accepted: certificate has expired; the relay needs a new one"


def test_a_self_signed_certificate_and_a_wrong_name_come_with_what_helps(
    sinks: Callable[..., Sink], relay_to: RelayTo, certificate: Path
):
    sink = sinks(ssl_context=context_of(certificate))
    unknown = relay_to(sink.port, tls="implicit").send("", "anna@customer.example", MAIL)
    assert "self-signed certificate; name its PEM file in relay.trust" in unknown.text
    named = relay_to(sink.port, tls="implicit", host="127.0.0.1", trust=certificate / "cert.pem")
    assert "write the name that it has into relay.host" in named.send("", "anna@customer.example", MAIL).text


@pytest.mark.parametrize("size", [1, 3, 10, 1000])
def test_dots_are_stuffed_the_same_however_a_mail_is_cut(size: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mailbot.sending.relay.PIECE", size)
    mail = b".one\r\n..\r\n\r\n.\r\nwords. \r\n.last\r\n"
    assert b"".join(stuffed(mail)) == b"..one\r\n...\r\n\r\n..\r\nwords. \r\n..last\r\n.\r\n"
    assert b"".join(stuffed(b"no end")) == b"no end\r\n.\r\n"
    assert b"".join(stuffed(b"")) == b".\r\n"
