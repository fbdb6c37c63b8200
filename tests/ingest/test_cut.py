"""A large mail is read as the same mail that it would be in one piece, and digested as before."""

import base64
import hashlib
import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.ingest import digest
from mailbot.ingest.format import cut
from mailbot.ingest.parse import leaf, read_mail

NOISE = Random(7).randbytes(600_000)
ROWS = base64.encodebytes(NOISE).replace(b"\n", b"\r\n")
TEXT = b"".join(b"line %d of a long text, with a - and a --\r\n" % n for n in range(20_000))

_DELIMITERS = re.compile(rb"(?:^|[\r\n])--")


def mixed(*parts: bytes) -> bytes:
    head = b'From: a@b.test\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n'
    return head + b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"


PLAIN = b"Content-Type: text/plain\r\n\r\nSee the file.\r\n"
FILE = b"Content-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\n"
MAILS = {
    "base64": mixed(PLAIN, FILE + b"Content-Transfer-Encoding: base64\r\n\r\n" + ROWS),
    "two-files": mixed(PLAIN, *[FILE + b"Content-Transfer-Encoding: base64\r\n\r\n" + ROWS] * 2),
    "text-file": mixed(PLAIN, FILE + b"\r\n" + TEXT),
    "quoted-printable": mixed(
        PLAIN, FILE + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"caf=C3=A9 =\r\n" * 30_000
    ),
    "attached-mail": mixed(
        PLAIN, b"Content-Type: message/rfc822\r\n\r\nFrom: c@d.test\r\nSubject: in it\r\n\r\n" + TEXT
    ),
    "alone": b"From: a@b.test\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + ROWS,
    "lf": mixed(PLAIN, FILE + b"Content-Transfer-Encoding: base64\r\n\r\n" + ROWS).replace(b"\r\n", b"\n"),
    "one-line": mixed(PLAIN, FILE + b"\r\n" + b"abc " * 200_000),
    "hyphens": mixed(PLAIN, FILE + b"\r\n" + (b"-- \r\n--y\r\n" + b"z" * 70 + b"\r\n") * 9_000),
    "text": b"From: a@b.test\r\n\r\n" + TEXT,
    "broken-base64": mixed(PLAIN, FILE + b"Content-Transfer-Encoding: base64\r\n\r\n" + ROWS[:-70] + b"?!"),
}


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS)
def test_a_mail_in_pieces_reads_as_the_mail_in_one(raw: bytes, monkeypatch: pytest.MonkeyPatch):
    cut_up = read_mail(raw)
    files = [leaf(raw, one.index) for one in cut_up.attachments]
    monkeypatch.setattr(cut, "LONGEST", len(raw))
    assert read_mail(raw) == cut_up
    assert [leaf(raw, one.index) for one in cut_up.attachments] == files


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS)
def test_what_the_parser_gets_of_a_large_mail_is_small(raw: bytes):
    start = raw.index(b"\n\r\n" if b"\r" in raw else b"\n\n")
    small = cut.cut(raw, start)
    assert small.whole(small.body) == raw[start:]
    if raw is not MAILS["hyphens"]:
        assert len(small.body) < 230_000


@given(st.lists(st.sampled_from([b"a" * 9, b"\r\n", b"\n", b"\r", b"--x", b"-", b"TWFp"]), max_size=60))
def test_cut_and_put_together_gives_the_same_bytes(pieces: list[bytes]):
    raw = b"".join(pieces)
    for longest, kept in ((20, 5), (8, 4)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cut, "LONGEST", longest)
            patch.setattr(cut, "_KEPT", kept)
            small = cut.cut(raw, 0)
        assert small.whole(small.body) == raw
        # No delimiter line is lost or made.
        assert len(_DELIMITERS.findall(small.body)) == len(_DELIMITERS.findall(raw))


def in_one_piece(raw: bytes) -> str:
    """The digest as it was defined first, with the whole mail in hand."""
    text = raw.replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
    end = text.find(b"\n\n")
    head, body = (text, b"") if end < 0 else (text[: end + 1], text[end + 1 :])
    known = hashlib.sha256()
    for field in digest._FIELD.finditer(head):
        name = field[0].partition(b":")[0].strip().lower()
        if name not in digest._TRACE and not name.startswith(digest._TRACE_KINDS):
            known.update(field[0])
    known.update(body)
    return known.hexdigest()


@given(st.lists(st.sampled_from([b"a", b"A: b", b"Received: x", b"\r\n", b"\n", b"\r", b" "]), max_size=40))
def test_the_digest_of_a_mail_in_pieces_is_that_of_the_mail_in_one(pieces: list[bytes]):
    raw = b"".join(pieces)
    for size in (1, 2, 3, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(digest, "_PIECE", size)
            assert digest.intake_digest(raw) == in_one_piece(raw)
