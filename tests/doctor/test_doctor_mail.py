"""`mailbot doctor` and the servers: a real Dovecot, relays that really listen, and name servers to be chosen."""

import os
import ssl
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mailbot.app.doctor_home import hosts_of_store
from mailbot.app.doctor_part import Surroundings
from mailbot.config import Config
from mailbot.resolver import NoNameServer
from tests.doctor.conftest import Hand, Names, Try
from tests.ingest.imap.server import ScriptedServer
from tests.sending.conftest import PASSWORD, USER, Script, Sink, authenticate
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port

MAIL = b"From: ada@example.net\r\nTo: support@example.com\r\nSubject: x\r\n\r\nx\r\n"

_names = count(1)
Box = Callable[..., None]


@pytest.fixture
def box(home: Path) -> Box:
    """Enter a mailbox into the configuration."""

    def enter(**settings: object) -> None:
        password = str(settings.pop("password", "pw"))
        values = {"name": "support", "host": "127.0.0.1", "tls": "none", "user": "desk"} | settings
        values["password_file"] = "secrets/imap"
        (home / "secrets" / "imap").write_text(password)
        (home / "secrets" / "imap").chmod(0o600)
        lines = [f"{key} = {value if isinstance(value, int) else repr(str(value))}" for key, value in values.items()]
        with (home / "mailbot.toml").open("a") as file:
            file.write("\n".join(["\n[[mailbox]]", *lines, ""]))

    return enter


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    name = f"doctor{os.getpid()}x{next(_names)}"
    dovecot.add_user(name, "pw")
    return name


def test_a_mailbox_is_logged_in_to(dovecot: Dovecot, user: str, box: Box, attempt: Try):
    dovecot.deliver(user, MAIL)
    box(port=dovecot.imap_port, user=user)
    assert attempt("mailbox support") == [
        f"well: {user} on 127.0.0.1: logged in without TLS, INBOX has 1 mail, IDLE tells of new mail at once"
    ]
    assert b"Seen" not in b"".join(path.name.encode() for path in dovecot.folder.glob(f"mail/{user}/Maildir/*/*"))


@pytest.mark.parametrize(("tls", "said"), [("implicit", "over TLS"), ("starttls", "over STARTTLS")])
def test_the_certificate_of_a_mailbox_is_verified(
    dovecot: Dovecot, user: str, box: Box, attempt: Try, *, tls: str, said: str
):
    port = dovecot.imaps_port if tls == "implicit" else dovecot.imap_port
    box(port=port, user=user, tls=tls, host="localhost")
    (refused,) = attempt("mailbox support")
    assert refused.startswith("failed: the certificate of localhost cannot be trusted: self")
    assert refused.endswith("-> name the server as its certificate does in mailbox[1].host, or its authority in .trust")
    (taken,) = attempt("mailbox support", mailbox__1__trust=dovecot.cert)
    assert taken.startswith(f"well: {user} on localhost: logged in {said}, ")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param(
            {"password": "wrong"},
            "failed: 127.0.0.1 refuses the log-in of {user}: check user and password -> put the right password into "
            "mailbox[1].password_file",
            id="wrong-password",
        ),
        pytest.param(
            {"folder": "Nowhere"},
            "failed: the mailbox has no folder Nowhere that can be opened -> name a folder that is there in "
            "mailbox[1].folder",
            id="no-folder",
        ),
        pytest.param(
            {"tls": "implicit"},
            "failed: 127.0.0.1 port {port} does not speak TLS as expected: check `port` and `tls` -> set "
            "mailbox[1].port and .tls as the server has them",
            id="no-tls-there",
        ),
        pytest.param({"port": free_port()}, "failed: nothing listens on 127.0.0.1 port ", id="closed-port"),
        pytest.param(
            {"host": "imap.nowhere.test", "tls": "implicit"},
            "failed: the name imap.nowhere.test is not known -> correct mailbox[1].host",
            id="unknown-host",
        ),
        pytest.param(
            {"host": "imap.elsewhere.test"},
            "failed: {home}/mailbot.toml: mailbox[1]: mailbox support: without TLS only a server on this machine",
            id="password-in-the-clear",
        ),
        pytest.param(
            {"host": "localhost", "tls": "implicit", "trust": "nothing.pem"},
            "failed: {home}/mailbot.toml: mailbox[1].trust: does not serve: No such file or directory",
            id="no-authority",
        ),
    ],
)
def test_what_is_wrong_with_a_mailbox_is_told(
    home: Path, dovecot: Dovecot, user: str, *, box: Box, attempt: Try, settings: dict[str, Any], told: str
):
    box(**{"port": dovecot.imap_port, "user": user, **settings})
    (said,) = attempt("mailbox support")
    assert said.startswith(told.format(user=user, port=dovecot.imap_port, home=home))
    assert " -> " in said


def test_the_folder_that_mails_move_to_is_looked_for(dovecot: Dovecot, user: str, box: Box, attempt: Try):
    box(port=dovecot.imap_port, user=user, after="move", move_to="Done")
    assert attempt("mailbox support")[1:] == [
        "failed: there is no folder Done to move mails to -> make it, or correct mailbox[1].move_to"
    ]
    for part in ("", "cur", "new", "tmp"):
        (folder := dovecot.folder / "mail" / user / "Maildir" / ".Done" / part).mkdir()
        dovecot._own(folder)
    assert [line.partition(":")[0] for line in attempt("mailbox support")] == ["well"]


def test_a_server_that_offers_little_is_told_of(box: Box, attempt: Try):
    server = ScriptedServer({}, capabilities="IMAP4rev1")
    try:
        box(port=server.port, user="support", after="delete")
        first, second = attempt("mailbox support")
    finally:
        server.close()
    assert first.endswith("INBOX has 0 mails, without IDLE, looked at every 60 s")
    assert second.startswith("warning: no UIDPLUS: stored mails are marked as deleted and stay until somebody")


def test_a_relay_is_tried_without_a_mail(sinks: Callable[..., Sink], attempt: Try):
    sink = sinks()
    assert attempt("relay", relay__kind="smtp", relay__port=sink.port, relay__tls="none") == [
        f"well: 127.0.0.1 port {sink.port} takes mail of support@example.com (tried without sending: 250 OK)"
    ]
    assert sink.taken == []


def test_a_relay_hears_the_desks_address_and_takes_it_back(scripts: Callable[..., Script], attempt: Try):
    server = scripts()
    attempt("relay", relay__kind="smtp", relay__port=server.port, relay__tls="none")
    assert [line.split(" ")[0] for line in server.heard] == ["ehlo", "MAIL", "RCPT", "rset", "quit"] * 2
    assert server.heard[1:3] == ["MAIL FROM:<support@example.com>", "RCPT TO:<support@example.com>"]
    assert server.heard[7] == "RCPT TO:<postmaster@example.org>"
    assert server.mails == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param("554 5.7.1 Relay access denied", "failed: 127.0.0.1 port {port} takes mail for its own", id="no"),
        pytest.param(
            "454 4.7.1 Relay access denied", "failed: 127.0.0.1 port {port} takes mail for its own", id="later"
        ),
        pytest.param("550 relaying not allowed", "failed: 127.0.0.1 port {port} takes mail for its own", id="in-words"),
        pytest.param("550 5.7.26 go away", "warning: 127.0.0.1 port {port} takes no mail for postmaster@", id="other"),
        pytest.param("556 5.1.10 null MX", "", id="nobody-there"),
    ],
)
def test_a_relay_that_takes_mail_for_its_own_people_only_is_told(
    scripts: Callable[..., Script], attempt: Try, answer: str, told: str
):
    server = scripts(RCPT=["250 ok", answer])
    own, *more = attempt("relay", relay__kind="smtp", relay__port=server.port, relay__tls="none")
    assert own.startswith("well: ")
    assert [said.startswith(told.format(port=server.port)) for said in more] == [True] * bool(told)
    assert server.mails == []


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param(
            {"RCPT": ["550 5.7.1 relaying denied"]},
            "failed: 127.0.0.1 port {port} refuses a mail from and to support@example.com: 550 5.7.1 relaying denied "
            "-> the relay must take mail from the desk's address to anybody",
            id="recipient-refused",
        ),
        pytest.param(
            {"MAIL": ["530 5.7.0 authentication required"]},
            "failed: 127.0.0.1 port {port}: wants another login: 530 5.7.0 authentication required -> the relay wants",
            id="log-in-wanted",
        ),
        pytest.param(
            {"RCPT": ["450 4.2.0 greylisted"]},
            "warning: 127.0.0.1 port {port} puts off a mail from and to support@example.com: 450 4.2.0 greylisted ->",
            id="put-off",
        ),
        pytest.param({"CONNECT": ["554 5.3.2 not you"]}, "failed: 127.0.0.1 port {port}: refused: 554 ", id="not-you"),
        pytest.param({"EHLO": [None]}, "failed: 127.0.0.1 port {port}: ", id="hang-up"),
    ],
)
def test_what_a_relay_says_is_told(scripts: Callable[..., Script], attempt: Try, script: Any, told: str):
    server = scripts(**script)
    (said,) = attempt("relay", relay__kind="smtp", relay__port=server.port, relay__tls="none")
    assert said.startswith(told.format(port=server.port))
    assert " -> " in said


def test_a_relay_that_is_not_there_is_told(attempt: Try):
    (said,) = attempt("relay", relay__kind="smtp", relay__port=free_port(), relay__tls="none")
    assert said.endswith("-> check relay.host and relay.port: nothing listens there")
    (unknown,) = attempt("relay", relay__kind="smtp", relay__host="relay.nowhere.test")
    assert unknown == "failed: the name relay.nowhere.test is not known -> correct relay.host"


def test_the_login_and_the_certificate_of_a_relay_are_tried(
    home: Path, sinks: Callable[..., Sink], certificate: Path, attempt: Try
):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    sink = sinks(tls_context=context, authenticator=authenticate, auth_required=True)
    (home / "secrets" / "relay").write_text(PASSWORD)
    (home / "secrets" / "relay").chmod(0o600)
    settings: dict[str, Any] = {"relay__kind": "smtp", "relay__host": "localhost", "relay__port": sink.port}
    settings |= {"relay__user": USER, "relay__password_file": "secrets/relay"}
    (doubted,) = attempt("relay", **settings)
    assert doubted.startswith(f"failed: localhost port {sink.port}: certificate not accepted: self")
    assert "-> name the relay as its certificate does" in doubted
    (missing,) = attempt("relay", **settings, relay__trust="nothing.pem")
    assert missing.startswith(f"failed: {home}/mailbot.toml: relay.trust: does not serve: No such file or directory")
    settings["relay__trust"] = certificate / "cert.pem"
    assert attempt("relay", **settings)[0].startswith(f"well: localhost port {sink.port} takes mail of ")
    (home / "secrets" / "relay").write_text("wrong")
    (refused,) = attempt("relay", **settings)
    assert refused.startswith(f"failed: localhost port {sink.port}: refused the login: 535 5.7.8")
    assert refused.endswith("-> put the right name and password into relay.user and relay.password_file")
    assert sink.taken == []


def test_a_maildir_is_looked_at(home: Path, attempt: Try):
    (said,) = attempt("relay")
    assert said.startswith(f"warning: outgoing mail lies in the Maildir {home}/outgoing and goes nowhere else -> ")
    assert not (home / "outgoing").exists()
    (home / "outgoing").write_text("a file")
    assert attempt("relay") == [
        f"failed: the Maildir {home}/outgoing cannot be written -> give mailbot's user the folder"
    ]


def around(**known: Any) -> Surroundings:
    names = Names({tuple(name.rsplit(" ", 1)): records for name, records in known.pop("known").items()}, **known)
    return Surroundings(clock=Hand(), resolver=names, synchronised=lambda: True)


SPF, DMARC = "v=spf1 mx -all", "v=DMARC1; p=none"
WHOLE = {"desk.org MX": ["mx.desk.org"], "desk.org TXT": [SPF], "_dmarc.desk.org TXT": [DMARC]}


@pytest.mark.parametrize(
    ("known", "told"),
    [
        pytest.param(WHOLE, ["well: mail for desk.org goes to mx.desk.org"], id="whole"),
        pytest.param({}, ["failed: the desk's domain desk.org is not known: nobody can write there"], id="unknown"),
        pytest.param(
            WHOLE | {"desk.org MX": []}, ["warning: desk.org has no MX record: mail for support@desk.org"], id="no-mx"
        ),
        pytest.param(WHOLE | {"desk.org MX": ["."]}, ["warning: desk.org has no MX record"], id="null-mx"),
        pytest.param(
            WHOLE | {"desk.org TXT": ["something else"]},
            ["well", "warning: desk.org has no SPF record: its mail is easily taken for spam"],
            id="no-spf",
        ),
        pytest.param(
            WHOLE | {"desk.org TXT": [SPF, SPF]},
            ["well", "warning: desk.org has 2 SPF records, which counts as none"],
            id="two-spf",
        ),
        pytest.param(
            {"desk.org MX": ["mx.desk.org"], "desk.org TXT": [SPF]},
            ["well", "warning: desk.org has no DMARC record: others can write in its name -> enter one at _dmarc.desk"],
            id="no-dmarc",
        ),
    ],
)
def test_the_domain_of_the_desk_is_asked_for(attempt: Try, known: dict[str, list[str]], told: list[str]):
    settings = {"desk__address": "support@desk.org", "relay__kind": "smtp"}
    said = attempt("names", around=around(known=known), **settings)
    assert len(said) == len(told)
    assert all(line.startswith(start) for line, start in zip(said, told, strict=True))


def test_hosts_are_asked_for_by_the_key_that_names_them(box: Box, attempt: Try):
    box(host="imap.desk.org", tls="implicit", port=993)
    box(host="imap.gone.org", tls="implicit", port=993, name="gone")
    known = WHOLE | {"imap.desk.org A": ["192.0.2.1", "192.0.2.2"], "relay.desk.org A": ["192.0.2.3"]}
    settings = {
        "relay__kind": "smtp",
        "relay__host": "relay.desk.org",
        "store__url": "postgresql://me@gone.org:99/desk",
    }
    assert attempt("names", around=around(known=known), **settings) == [
        "well: imap.desk.org: 192.0.2.1, 192.0.2.2",
        "failed: the name imap.gone.org is not known -> correct mailbox[2].host",
        "well: relay.desk.org: 192.0.2.3",
        "failed: the name gone.org is not known -> correct store.url",
        "not used: example.com is a name that nobody has: its records are not asked for",
    ]


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        pytest.param("sqlite:///mailbot.db", (), id="a file"),
        pytest.param("postgresql://me@db.desk.org:5433/desk", ("db.desk.org",), id="a name and a port"),
        pytest.param("postgresql://db.desk.org", ("db.desk.org",), id="a name alone"),
        pytest.param("postgresql://me@[2001:db8::1]:5432/desk", ("2001:db8::1",), id="an IPv6 address"),
        pytest.param("postgresql://[::1]/desk", ("::1",), id="an IPv6 address without a port"),
        pytest.param("postgresql://me@one.org:1,two.org/desk", ("one.org", "two.org"), id="several"),
        pytest.param("postgresql:///desk?host=/run/postgresql", (), id="a socket"),
    ],
)
def test_the_hosts_of_a_database_are_read_from_its_url(url: str, hosts: tuple[str, ...]):
    plain = Config.model_validate({"desk": {"address": "support@example.com"}, "store": {"url": url}})
    assert hosts_of_store(plain) == hosts


def test_name_servers_that_are_away_are_told_apart_from_names_that_are_not_there(box: Box, attempt: Try):
    box(host="imap.desk.org", tls="implicit", port=993)
    deaf = around(known={}, otherwise=NoNameServer)
    assert attempt("names", around=deaf, desk__address="support@desk.org") == [
        "failed: no name server answers for imap.desk.org -> check the network and /etc/resolv.conf",
        "warning: no name server answers for desk.org -> check the network and /etc/resolv.conf",
    ]
    assert attempt("mailbox support", around=deaf) == [
        "failed: no name server answers for imap.desk.org -> check the network and /etc/resolv.conf"
    ]
