"""`mailbot doctor` and a probe mail: which border it shows, whether that is believed, what to configure."""

import json
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mailbot.app.doctor_probe import probe
from mailbot.app.root import CLOCK, key_of
from mailbot.app.work import loop_mark
from mailbot.config import Config
from mailbot.config.file import load_config
from mailbot.ingest.parse import read_mail
from mailbot.mail import Automatic
from tests.cli.conftest import Said
from tests.sending.conftest import Sink
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port

BORDERS = Path(__file__).parents[1] / "ingest" / "borders"
Mailbot = Callable[..., Said]
_numbers = count(1)


def findings(said: Said) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = json.loads(said.out)["parts"]
    return parts


def believed(mailbot: Mailbot, home: Path, file: Path) -> str:
    """What is said once the lines that doctor gave stand in the configuration."""
    (first,) = findings(mailbot("doctor", "--probe", str(file), "--json"))
    config = (home / "mailbot.toml").read_text()
    before, identity, after = config.partition("[identity]\n")
    kept = re.sub(r"^(border|authserv_id)\b.*\n|^border_\w+ =.*\n", "", after, count=4, flags=re.MULTILINE)
    (home / "mailbot.toml").write_text("\n".join([before, identity, *first["lines"], kept]))
    (second,) = findings(mailbot("doctor", "--probe", str(file), "--json"))
    return f"{second['state']}: {second['found']}"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "exchange-gateway",
            ['authserv_id = "mx.example.com"', 'border_hosts = ["ex01.corp.example.com", "ex02.corp.example.com"]'],
        ),
        ("opendkim-opendmarc", ['authserv_id = "mx.example.com"', 'border_results = "all"']),
        (
            "fastmail",
            ['authserv_id = "*.messagingengine.com"', 'border_hosts = ["*.internal"', 'border_results = "all"'],
        ),
    ],
)
def test_the_lines_that_it_gives_are_those_that_are_needed(home: Path, mailbot: Mailbot, name: str, lines: list[str]):
    file = BORDERS / f"{name}.eml"
    said = mailbot("doctor", "--probe", str(file), "--json")
    (finding,) = findings(said)
    assert said.code == 1
    assert "vouches for the sender (dmarc=pass for customer.test; dkim=pass for customer.test" in finding["found"]
    assert finding["found"].endswith("and mailbot does not believe it")
    assert finding["lines"][0] == 'border = "rfc8601"'
    assert all(any(line.startswith(start) for line in finding["lines"]) for start in lines)
    assert believed(mailbot, home, file).startswith("well: [identity]: the server ")


@pytest.mark.parametrize("name", ["rspamd", "opendkim-opendmarc-above"])
def test_a_border_that_is_configured_is_believed(mailbot: Mailbot, name: str):
    said = mailbot("doctor", "--probe", str(BORDERS / f"{name}.eml"))
    assert said.code == 0
    assert "[identity]: the server mx.example.com is believed: dmarc=pass for customer.test;" in said.out


@pytest.mark.parametrize(
    ("name", "kind"),
    [("gmail", "gmail"), ("microsoft365", "microsoft365"), ("microsoft365-inside", "microsoft365")],
)
def test_a_providers_word_counts_only_in_a_mailbox(mailbot: Mailbot, name: str, kind: str):
    (finding,) = findings(mailbot("doctor", "--probe", str(BORDERS / f"{name}.eml"), "--json"))
    assert finding["lines"] == [f'border = "{kind}"']
    assert finding["advice"] == "fetch that mailbox by IMAP, as a [[mailbox]] with these lines"


def test_mail_from_inside_exchange_is_known(home: Path, mailbot: Mailbot):
    file = BORDERS / "exchange-inside.eml"
    assert believed(mailbot, home, file) == "well: [identity]: Exchange is believed: submitted inside example.com"


@pytest.mark.parametrize(
    ("raw", "state", "told"),
    [
        (b"From: a@b.test\n\nx\n", "failed", "no server's word on this mail can be believed (results of: none)"),
        (
            b"Authentication-Results: mx.b.test; spf=pass\nReceived: from x by mx.b.test; x\nFrom: a@b.test\n\nx\n",
            "warning",
            "the server mx.b.test vouches for nobody: spf=pass",
        ),
        (
            b"Received: from x by other.test; x\nAuthentication-Results: ;\nFrom: a@b.test\n\nx\n",
            "failed",
            "no server's word on this mail can be believed (results of: none)",
        ),
    ],
    ids=["no-results", "spf-alone", "broken"],
)
def test_what_vouches_for_nobody_is_told(tmp_path: Path, mailbot: Mailbot, raw: bytes, state: str, told: str):
    (tmp_path / "mail.eml").write_bytes(raw)
    (finding,) = findings(mailbot("doctor", "--probe", str(tmp_path / "mail.eml"), "--json"))
    assert (finding["state"], finding["found"], finding["lines"]) == (state, f"[identity]: {told}", [])


def test_a_probe_that_is_not_there_is_told(mailbot: Mailbot):
    said = mailbot("doctor", "--probe", "nothing.eml")
    assert (said.code, said.out.split("  ->")[0]) == (
        1,
        f"{'failed':10}{'probe':18}nothing.eml: No such file or directory",
    )


def test_one_probe_at_a_time(mailbot: Mailbot):
    said = mailbot("doctor", "--probe", "a.eml", "--send-probe")
    assert (said.code, said.err) == (2, "Give one of --probe, --probe-from and --send-probe.\n")


def sent(config: Config, *ids: str) -> bytes:
    return probe(config, key_of(config, {}), ids or ("mx.example.com",), CLOCK.now())


def test_the_daemon_passes_over_our_own_probe(config: Config):
    raw = sent(config)
    mail = read_mail(raw, loop_mark=loop_mark(key_of(config, {}), config.desk.address))
    assert mail.automatic is Automatic.OWN
    assert b"mx.example.com; dmarc=pass header.from=forged-by-mailbot-doctor.invalid\r\n" in raw


RECEIVED = b"Received: from relay by mx.example.com; Mon, 2 Mar 2026 09:00:00 +0000\r\n"
OWN = b"Authentication-Results: mx.example.com; dmarc=pass header.from=example.com\r\n"


@pytest.mark.parametrize(
    ("change", "state", "told"),
    [
        (lambda raw: OWN + RECEIVED + raw, "warning", "the forged result came through: the border does not take out"),
        (lambda raw: RECEIVED + raw, "failed", "the forged result of the probe is believed: anybody can write in any"),
        (
            lambda raw: OWN + RECEIVED + raw.partition(b"From: ")[2].join([b"From: ", b""]),
            "well",
            "the forged result is",
        ),
    ],
    ids=["below-the-borders-own", "alone", "taken-out"],
)
def test_what_became_of_the_forged_result_is_told(
    tmp_path: Path, mailbot: Mailbot, config: Config, *, change: Callable[[bytes], bytes], state: str, told: str
):
    (tmp_path / "mail.eml").write_bytes(change(sent(config)))
    *_, last = findings(mailbot("doctor", "--probe", str(tmp_path / "mail.eml"), "--json"))
    assert last["state"] == state
    assert last["found"].startswith(f"[identity]: {told}")


def test_a_probe_is_sent_through_the_relay(
    mailbot: Mailbot, sinks: Callable[..., Sink], monkeypatch: pytest.MonkeyPatch
):
    assert "nothing was sent: outgoing mail only goes into a Maildir" in mailbot("doctor", "--send-probe").out
    sink = sinks()
    for name, value in {"KIND": "smtp", "HOST": "localhost", "PORT": sink.port, "TLS": "none"}.items():
        monkeypatch.setenv(f"MAILBOT_RELAY__{name}", str(value))
    said = mailbot("doctor", "--send-probe")
    assert (said.code, said.err) == (0, "")
    assert "in a minute look at what came of it: mailbot doctor --probe-from support@example.com" in said.out
    (taken,) = sink.taken
    assert (taken.mail_from, taken.rcpt_tos) == ("support@example.com", ["support@example.com"])
    assert b"dmarc=pass header.from=forged-by-mailbot-doctor.invalid" in (taken.original_content or b"")
    monkeypatch.setenv("MAILBOT_IDENTITY__AUTHSERV_ID", "")
    assert "no authserv_id is configured that could be forged" in mailbot("doctor", "--send-probe").out
    monkeypatch.setenv("MAILBOT_IDENTITY__AUTHSERV_ID", "mx.example.com")
    monkeypatch.setenv("MAILBOT_RELAY__PORT", str(free_port()))
    refused = mailbot("doctor", "--send-probe")
    assert refused.code == 1
    assert "the relay does not take the probe: 451 " in refused.out


def test_the_newest_mail_of_a_sender_is_looked_for_in_each_mailbox(home: Path, dovecot: Dovecot, mailbot: Mailbot):
    assert "no mailbox is fetched from" in mailbot("doctor", "--probe-from", "jane@customer.test").out
    user = f"probed{free_port()}x{next(_numbers)}"
    dovecot.add_user(user, "pw")
    (home / "secrets" / "imap").write_text("pw")
    (home / "secrets" / "imap").chmod(0o600)
    with (home / "mailbot.toml").open("a") as file:
        file.write(
            f'\n[[mailbox]]\nname = "support"\nhost = "127.0.0.1"\nport = {dovecot.imap_port}\ntls = "none"\n'
            f'user = "{user}"\npassword_file = "secrets/imap"\nafter = "delete"\nborder = "gmail"\n'
        )
    gmail = (BORDERS / "gmail.eml").read_bytes()
    sender = read_mail(gmail).from_
    assert sender
    none = mailbot("doctor", "--probe-from", sender.address)
    assert none.code == 1
    assert (
        f"mailbox support   no mail from {sender.address} lies in INBOX  -> write one to support@example.com"
        in none.out
    )
    dovecot.deliver(user, (BORDERS / "rspamd.eml").read_bytes())
    dovecot.deliver(user, gmail)
    dovecot.deliver(user, b"From: somebody@else.test\r\n\r\nx\r\n")
    assert load_config(home / "mailbot.toml", {}).mailboxes[0].after == "delete"
    said = mailbot("doctor", "--probe-from", sender.address)
    assert (said.code, said.err) == (0, "")
    assert '[[mailbox]] name = "support": Gmail is believed: dmarc=pass for customer.test' in said.out
    assert len(dovecot.messages(user)) == 3
