"""A desk behind Postfix and Rspamd, set up with the very lines of docs/operate.md but for ports and folders."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailbot.app.ingest import ingest_parts
from mailbot.app.init import Wishes, make_home
from mailbot.app.root import store_of
from mailbot.config import Config
from mailbot.config.file import load_config
from mailbot.daemon.ingest import Door
from mailbot.daemon.loops import Role
from mailbot.ports.records import InboxMail
from mailbot.store.sql import SqlStore
from tests.daemon.loops import eventually
from tests.ingest.smtp.conftest import open_desk, password_file
from tests.servers.border import Border, require_border
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port

__all__ = ["open_desk", "password_file"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operate.md"
DOMAIN = "desk.example.com"
#: The address that Postfix hands over by LMTP, as in the page, and the one that goes by SMTP here.
BY_LMTP, BY_SMTP = f"support@{DOMAIN}", f"escalations@{DOMAIN}"
LONG = timedelta(days=1)


def written(path: str) -> str:
    """What the page says that a file holds."""
    (found,) = re.findall(rf"^```\w+ {re.escape(path)}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(found)


@dataclass
class Desk:
    """The doors of a running desk, and its inbox."""

    border: Border
    config: Config
    store: SqlStore
    doors: list[Door]

    def arrived(self, message_id: str) -> InboxMail:
        """Wait for a mail and take it out of the inbox."""
        found: list[InboxMail] = []

        def looked() -> bool:
            now = datetime.now(UTC)
            found.extend(self.store.claim_mails(until=now + LONG, now=now, limit=50))
            return any(message_id.encode() in mail.raw for mail in found)

        eventually(looked, f"mail {message_id} is in the inbox")
        return next(mail for mail in found if message_id.encode() in mail.raw)


def made_border(folder: Path, dovecot: Dovecot, lmtp: int, smtp: int) -> Border:
    """Postfix and Rspamd as the page has them."""
    etc = folder / "postfix" / "etc"
    servers = Border(folder, dovecot, written("/etc/rspamd/local.d/milter_headers.conf"))
    settings = written("/etc/postfix/main.cf").replace("/etc/postfix", str(etc))
    settings = settings.replace(":11332", f":{servers.rspamd.milter_port}")
    with (etc / "main.cf").open("a") as main:
        main.write(settings)
    transport = written("/etc/postfix/transport").replace(":2424", f":{lmtp}")
    by_smtp = f"{BY_SMTP} smtp:[127.0.0.1]:{smtp}"
    (etc / "transport").write_text(re.sub(rf"(?m)^{BY_SMTP}.*$", by_smtp, transport))
    (etc / "header_checks").write_text(written("/etc/postfix/header_checks"))
    return servers


@pytest.fixture(scope="session")
def desk(dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The running desk behind its border, shared by the tests of a process."""
    require_border()
    home, lmtp, smtp = tmp_path_factory.mktemp("desk"), free_port(), free_port()
    make_home(home, Wishes(process="quadrotech", domain=DOMAIN, agents=(f"kim@{DOMAIN}",)))
    (home / "mailbot.toml").write_text(written("mailbot.toml"))
    environ = {
        "MAILBOT_LMTP__PORT": str(lmtp),
        "MAILBOT_LISTEN__PORT": str(smtp),
        "MAILBOT_LISTEN__BORDERS": "127.0.0.1",
        "MAILBOT_DESK__PROCESS": str(home / "processes" / "quadrotech.toml"),
    }
    config = load_config(home / "mailbot.toml", environ)
    with tempfile.TemporaryDirectory(prefix="mailbot-border-", ignore_cleanup_errors=True) as folder:
        border = made_border(Path(folder), dovecot, lmtp, smtp)
        doors = [door for _, door in ingest_parts(config, environ).doors]
        store = store_of(config, environ, Role.WORK)
        try:
            border.start()
            for door in doors:
                door.start()
            yield Desk(border, config, store, doors)
        finally:
            for door in reversed(doors):
                door.stop(5)
            border.close()
            store.close()
