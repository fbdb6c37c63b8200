"""No notice looks like spam: an Rspamd with all of its own rules gives each at most one point.

It comes as a desk's mail comes to a customer: from the company's own server, which has a name and may send for it.
"""

import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from mailbot.decision import AutoSubmitted, Notice
from mailbot.event import Visibility
from mailbot.notices.letter import Stationery, write
from mailbot.notices.render import TemplateRenderer
from mailbot.notices.render_sample import PLANS, sample
from mailbot.ports import Rendered
from mailbot.ports.records import OutboxMail, OutboxState
from mailbot.rules.identity.token import KeyRing
from mailbot.sending.mime import build
from tests.builders import a_desk, a_directory, modera
from tests.servers.border import require_border
from tests.servers.dns import NameServer
from tests.servers.spam_filter import SpamFilter

DESK = a_desk()
HOST, ADDRESS = f"mx.{DESK.domain}", "198.51.100.25"
RENDERER = TemplateRenderer()
#: The filter knows what time it is.
NOW = datetime.now(UTC)
MOST_POINTS = 1.0


class Samples:
    """Renders each notice with the values of an ordinary day."""

    def language(self, *wanted: str) -> str:
        """Return the language."""
        return RENDERER.language(*wanted)

    def render(self, template: str, language: str, _values: Mapping[str, object]) -> Rendered:
        """Return the texts."""
        return RENDERER.render(template, language, sample(template))


@pytest.fixture(scope="module")
def spam_filter() -> Iterator[SpamFilter]:
    """A filter to which the desk's server is what it says."""
    require_border()
    names = NameServer()
    names.add(DESK.domain, "A", ADDRESS)
    names.add(DESK.domain, "MX", f"10 {HOST}.")
    names.add(DESK.domain, "TXT", f"v=spf1 ip4:{ADDRESS} -all")
    names.add(HOST, "A", ADDRESS)
    # RFC 7208 section 2.4: a mail with the null reverse-path is the host's own.
    names.add(HOST, "TXT", "v=spf1 a -all")
    names.add(f"{'.'.join(reversed(ADDRESS.split('.')))}.in-addr.arpa", "PTR", f"{HOST}.")
    with tempfile.TemporaryDirectory(prefix="mailbot-spam-", ignore_cleanup_errors=True) as folder:
        server = SpamFilter(Path(folder), names)
        try:
            server.start()
            yield server
        finally:
            server.stop()
            names.close()


def mail(name: str, auto_submitted: AutoSubmitted) -> tuple[OutboxMail, bytes]:
    """A notice as it leaves, and with what its way adds."""
    values = sample(name)
    to = str(PLANS[name][0]["address"])
    notice = Notice(
        at=NOW,
        template=name,
        to=to,
        case=12 if values["case"] else None,
        visibility=Visibility.PUBLIC,
        auto_submitted=auto_submitted,
    )
    paper = Stationery(
        desk=DESK,
        directory=a_directory(),
        process=modera(),
        ring=KeyRing(DESK.domain, (b"k" * 32,)),
        renderer=Samples(),
        loop_mark="0123456789abcdef01234567",
    )
    letter = write(notice, None, ("<1@customer.example>",), "a mail", paper)
    kept = {
        key: getattr(letter, key) for key in ("to", "subject", "text", "html", "message_id", "fields", "reverse_path")
    }
    row = OutboxMail(
        id=1, case=notice.case, template=name, visibility=notice.visibility, created=NOW, carried=(),
        state=OutboxState.QUEUED, attempts=0, next_attempt_at=NOW, **kept,
    )  # fmt: skip
    received = (
        f"Received: from desk.{DESK.domain} (localhost [127.0.0.1])\r\n\tby {HOST} (Postfix) with ESMTP id 4c1A2b3C\r\n"
    )
    way = f"{received}\tfor <{to}>; {format_datetime(NOW)}\r\n"
    return row, way.encode() + build(row, (), NOW)


@pytest.mark.parametrize("auto_submitted", AutoSubmitted)
@pytest.mark.parametrize("name", PLANS)
def test_a_notice_is_no_spam(spam_filter: SpamFilter, name: str, auto_submitted: AutoSubmitted):
    row, raw = mail(name, auto_submitted)
    opinion = spam_filter.rate(raw, reverse_path=row.reverse_path, to=row.to, address=ADDRESS, host=HOST)
    # What speaks for it does not make good what speaks against it.
    against = {rule: points for rule, points in opinion.rules.items() if points > 0}
    assert sum(against.values()) <= MOST_POINTS, against


def test_the_filter_knows_spam(spam_filter: SpamFilter):
    _, raw = mail("taken", AutoSubmitted.NO)
    # https://spamassassin.apache.org/gtube/
    bad = raw.replace(
        b"\r\n\r\n", b"\r\n\r\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n", 2
    )
    assert spam_filter.rate(bad, reverse_path="", to="x@customer.example", address=ADDRESS, host=HOST).score > 10
