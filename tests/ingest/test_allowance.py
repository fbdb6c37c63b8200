"""However many texts a mail has, what is read of them all together is bounded."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from mailbot.ingest.parse import leaf, read_mail
from mailbot.ingest.text import allowance, html
from mailbot.ingest.text.html import Rendered

HEADER = b"From: a@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/%s; boundary=b\r\n\r\n"
HTML = b"text/html"
PLAIN = b"text/plain"


def mail(*parts: tuple[bytes, bytes], kind: bytes = b"mixed") -> bytes:
    leaves = b"".join(b"--b\r\nContent-Type: %s\r\n\r\n%s\r\n" % part for part in parts)
    return HEADER % kind + leaves + b"--b--\r\n"


def said(defects: tuple[str, ...]) -> bool:
    return any("too many parts" in defect for defect in defects)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HTML that was rendered or sanitised."""
    sources: list[str] = []

    def spied(step: Callable[[str], Rendered]) -> Callable[[str], Rendered]:
        def spy(source: str) -> Rendered:
            sources.append(source)
            return step(source)

        return spy

    monkeypatch.setattr(html, "render", spied(html.render))
    monkeypatch.setattr(html, "sanitise", spied(html.sanitise))
    return sources


@pytest.mark.parametrize("text", [b"<b>" + b"<i>" * 2_000, b"x" * 20_000], ids=["tags", "bytes"])
def test_of_990_html_parts_only_the_first_are_rendered(rendered: list[str], text: bytes):
    read = read_mail(mail(*[(HTML, b"%d %s" % (number, text)) for number in range(990)]))
    assert rendered[0].startswith("0 ")
    assert sum(map(len, rendered)) <= allowance.BYTES
    assert sum(source.count("<") for source in rendered) <= allowance.TAGS
    assert len(rendered) + len(read.attachments) == 990
    assert said(read.defects)


def test_a_text_beyond_the_allowance_is_an_attachment_that_can_be_fetched():
    raw = mail(*[(PLAIN, b"%d " % number + b"x" * 3_000_000) for number in range(4)])
    read = read_mail(raw)
    assert [part.index for part in read.attachments] == [2, 3]
    assert read.text.startswith("0 ")
    assert leaf(raw, 3)[1].startswith(b"3 xxx")


def test_a_small_text_behind_a_large_one_is_still_read():
    read = read_mail(mail((HTML, b"<i>" * 50_000), (HTML, b"<i>" * 90_000), (HTML, b"the end")))
    assert "the end" in read.text
    assert [part.index for part in read.attachments] == [1]


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        pytest.param(b"mixed", [(HTML, b"<p>one</p>")] * 990, id="many small ones"),
        pytest.param(b"alternative", [(PLAIN, b"one"), (HTML, b"one" + b"x" * 6_000_000)], id="one large one"),
    ],
)
def test_what_people_send_is_within_the_allowance(kind: bytes, parts: list[tuple[bytes, bytes]]):
    read = read_mail(mail(*parts, kind=kind))
    assert read.text.startswith("one")
    assert read.attachments == ()
    assert not said(read.defects)


_PEAK = """
from mailbot.ingest.parse import read_mail
part = b"--b\\r\\nContent-Type: text/html\\r\\n\\r\\n<b>" + b"<i>" * 9_700 + b"\\r\\n"
head = b"From: a@example.com\\r\\nMIME-Version: 1.0\\r\\nContent-Type: multipart/mixed; boundary=b\\r\\n\\r\\n"
raw = head + part * 990 + b"--b--"
assert len(raw) > 28_000_000
read_mail(raw)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def test_a_mail_of_29_mb_in_990_html_parts_is_read_in_under_300_mb():
    peak = subprocess.run([sys.executable, "-c", _PEAK], check=True, capture_output=True, text=True, timeout=300).stdout
    assert int(peak) < 300 * 1024
