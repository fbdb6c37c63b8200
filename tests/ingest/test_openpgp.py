"""Which mails count as signed: by whose key, over which bytes; and that nothing else does, at no great cost."""

import random
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pysequoia import ArmorKind, Cert, armor

from mailbot.ingest.parse import read_mail
from mailbot.ingest.sender.openpgp_keys import KeyFolder, read_keys
from mailbot.mail import Mail
from tests.ingest.signing import BOUNDARY, TEXT_PART, mime, signed, signer

SIGNED = Path(__file__).parent / "signed"
ANNA = "anna@example.com"
HER_KEY = "344ab6f0ed3174901305a5518bfc7af9365ecc1e"


def read(raw: bytes, *certificates: Cert, address: str = ANNA) -> Mail:
    """Read a mail where these keys are registered for one address."""

    def keys(of: str) -> Sequence[Cert]:
        return certificates if of == address else ()

    return read_mail(raw, keys=keys)


@pytest.mark.parametrize("ending", [b"\r\n", b"\n"], ids=["crlf", "lf"])
@pytest.mark.parametrize(
    ("name", "subject", "attached"),
    [
        pytest.param("neomutt", "Re: [HD-1] The printer is on fire", [], id="neomutt"),
        pytest.param("thunderbird", "Re: [HD-1] The printer is on fire", ["plan.pdf"], id="thunderbird"),
        pytest.param("clear", "", [], id="cleartext"),
    ],
)
def test_what_gnupg_signed_for_mail_programs_holds(name: str, subject: str, attached: list[str], ending: bytes):
    raw = re.sub(rb"\r?\n", ending, (SIGNED / f"{name}.eml").read_bytes())
    mail = read(raw, Cert.from_file(str(SIGNED / "rsa.asc")), Cert.from_file(str(SIGNED / "anna.asc")))
    assert mail.signed is not None
    assert mail.signed.key == Cert.from_file(str(SIGNED / "anna.asc")).fingerprint
    assert mail.signed.at == datetime(2025, 6, 2, 10, tzinfo=UTC)
    assert mail.signed.subject == subject
    assert mail.new_text.startswith("take\n\nWe look into it.")
    assert "PGP" not in mail.text
    assert [one.name for one in mail.attachments if one.type != "application/pgp-signature"] == attached


def test_the_same_thing_signed_once_has_one_digest_whatever_mail_it_stands_in():
    raw = (SIGNED / "neomutt.eml").read_bytes()
    other = raw.replace(b"Subject: Re: [HD-1]", b"Subject: Re: [HD-7]", 1).replace(b"support@", b"support+x@", 1)
    key = Cert.from_file(str(SIGNED / "anna.asc"))
    digests = {one.signed.digest if one.signed else "" for one in (read(raw, key), read(other, key))}
    assert len(digests) == 1
    assert digests != {""}


MINE, OTHERS = signer("anna"), signer("eve")
GOOD = signed(MINE, "take\nHello.", sender=ANNA)
#: Where a change is made, and by what.
Change = Callable[[bytes], bytes]


def between(raw: bytes, what: bytes) -> bytes:
    """Put a further part before the signature."""
    mark = f"\r\n--{BOUNDARY}\r\n".encode()
    head, signature = raw.rsplit(mark, 1)
    return head + mark + what + mark + signature


def wrapped_in_mixed(raw: bytes) -> bytes:
    head, _, body = raw.partition(b"\r\n\r\n")
    kind = re.search(rb"Content-Type: multipart/signed[^\r]*", head)
    assert kind
    outer = head.replace(kind[0], b'Content-Type: multipart/mixed; boundary="out"')
    return outer + b"\r\n\r\n--out\r\n" + kind[0] + b"\r\n\r\n" + body + b"--out\r\n\r\nclose\r\n--out--\r\n"


CHANGES: dict[str, Change] = {
    "a word of the text": lambda raw: raw.replace(b"take", b"fake"),
    "a blank more": lambda raw: raw.replace(b"take", b"take "),
    "the charset of the part": lambda raw: raw.replace(b"charset=utf-8", b"charset=utf-7"),
    "a field more in the part": lambda raw: raw.replace(TEXT_PART.encode(), b"X: y\r\n" + TEXT_PART.encode()),
    "a part before the signature": lambda raw: between(raw, b"Content-Type: text/plain\r\n\r\nclose\r\n"),
    "another text first": lambda raw: raw.replace(
        TEXT_PART.encode(), f"{TEXT_PART}close\r\n--{BOUNDARY}\r\n{TEXT_PART}".encode(), 1
    ),
    "a second Content-Type": lambda raw: raw.replace(
        b"MIME-Version", b'Content-Type: multipart/mixed; boundary="x"\r\nMIME-Version', 1
    ),
    "it lies in another mail's part": wrapped_in_mixed,
    "no protocol": lambda raw: raw.replace(b'protocol="application/pgp-signature"; ', b""),
    "S/MIME's protocol": lambda raw: raw.replace(b"application/pgp-signature", b"application/pkcs7-signature"),
    "multipart/mixed instead": lambda raw: raw.replace(b"multipart/signed", b"multipart/mixed"),
    "no closing line": lambda raw: raw.replace(f"--{BOUNDARY}--".encode(), b""),
    "no signature": lambda raw: re.sub(rb"-----BEGIN.*END PGP SIGNATURE-----", b"", raw, flags=re.DOTALL),
    "two signatures of which one is another's": lambda raw: raw.replace(
        b"-----BEGIN PGP", OTHERS.detached(b"x").encode() + b"\r\n-----BEGIN PGP", 1
    ),
    "a key where the signature belongs": lambda raw: re.sub(
        rb"-----BEGIN.*END PGP SIGNATURE-----", str(MINE.public).encode(), raw, flags=re.DOTALL
    ),
    "From is somebody else": lambda raw: raw.replace(b"From: anna@", b"From: ben@", 1),
    "a second From": lambda raw: raw.replace(b"From: ", b"From: eve@example.com\r\nFrom: ", 1),
    "two in From": lambda raw: raw.replace(b"From: ", b"From: eve@example.com, ", 1),
}


def test_a_signed_mail_is_signed():
    found = read(GOOD, MINE.public)
    assert found.signed is not None
    assert found.signed.key == MINE.public.fingerprint
    assert abs(found.signed.at - datetime.now(UTC)) < timedelta(minutes=10)
    assert found.new_text == "take\nHello."


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_mail_that_was_changed_is_not_signed(change: Change):
    changed = change(GOOD)
    assert changed != GOOD
    assert read(changed, MINE.public).signed is None


def expired() -> Cert:
    secret = MINE.secret
    public = MINE.public
    return public.set_expiration(datetime.now(UTC) - timedelta(seconds=1), secret.certifier())


def revoked() -> Cert:
    public = MINE.public
    revocation = public.revoke(MINE.secret.certifier())
    return Cert.from_bytes(bytes(public) + bytes(revocation))


@pytest.mark.parametrize(
    ("keys", "counts"),
    [
        pytest.param([MINE.public], True, id="hers"),
        pytest.param([OTHERS.public, MINE.public], True, id="one of her two"),
        pytest.param([OTHERS.public], False, id="another's"),
        pytest.param([], False, id="none"),
        pytest.param([revoked()], False, id="revoked"),
        pytest.param([expired()], False, id="expired"),
    ],
)
def test_only_a_key_that_is_registered_and_valid_counts(keys: list[Cert], counts: bool):
    # Signed after the key expired: a second later.
    assert (read(GOOD, *keys).signed is not None) is counts


def test_a_key_counts_for_the_address_that_it_is_registered_for_only():
    by_eve = signed(OTHERS, "take", sender=ANNA)
    assert read(by_eve, OTHERS.public, address="eve@example.com").signed is None


def clear(text: str, *, before: str = "", after: str = "", by: str = "anna") -> bytes:
    head = f"From: {ANNA}\r\nTo: support@example.com\r\nSubject: x\r\n\r\n"
    return (head + before + signer(by).clear(text) + after).replace("\r\n", "\n").encode()


@pytest.mark.parametrize(
    ("raw", "holds", "says"),
    [
        pytest.param(clear("take\n\n- one\nHello."), True, "take\n\n- one\nHello.", id="as it was signed"),
        pytest.param(clear("take", after="\n\n"), True, "take", id="blank lines around it"),
        pytest.param(clear("take", by="eve"), False, "take", id="another key: the armor goes, no proof comes"),
        pytest.param(clear("take").replace(b"take", b"close"), False, "close", id="changed"),
        pytest.param(clear("take", before="close\n"), False, "", id="words before it"),
        pytest.param(clear("take", after="\nclose\n"), False, "", id="words behind it"),
        pytest.param(clear("take").replace(b"take", b"-close\ntake"), False, "", id="a line that no signer leaves so"),
        pytest.param(clear("take") + clear("fix").partition(b"\n\n")[2], False, "", id="two of them"),
    ],
)
def test_cleartext_counts_where_it_is_the_whole_mail(raw: bytes, holds: bool, says: str):
    mail = read(raw, MINE.public)
    assert (mail.signed is not None) is holds
    assert mail.new_text == says if says else "-----BEGIN PGP SIGNED MESSAGE-----" in mail.text


def test_an_html_part_beside_cleartext_takes_the_proof_away():
    text = clear("take").decode().partition("\n\n")[2]
    head = f'From: {ANNA}\nSubject: x\nContent-Type: multipart/alternative; boundary="b"\n\n'
    raw = f"{head}--b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: text/html\n\n<p>close\n--b--\n"
    assert read(raw.encode(), MINE.public).signed is None


def hostile(good: bytes) -> list[bytes]:
    """Signatures that nobody would make: bytes changed, cut, repeated, very long."""
    chance = random.Random(7)
    found = [good]
    for _ in range(100):
        broken = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            broken[chance.randrange(40, len(broken) - 40)] = chance.randrange(32, 127)
        found.append(bytes(broken))
    packets = [chance.randbytes(chance.randrange(1, 4_000)) for _ in range(40)]
    packets += [bytes([0xC2, *[0xFF] * 5]) + b"\4" * 100, b"\x88\xff" * 4_000, b"\xc8\x10\1" + b"x" * 999]
    found += [str(armor(packet, ArmorKind.Signature)).encode() for packet in packets]
    found += [good * 2_000, good.replace(b"\n\n", b"\n" + b"Comment: x\n" * 1_000 + b"\n", 1), b"", b"-" * 16_000]
    return found


def test_hostile_signatures_prove_nothing_and_cost_little():
    part = f"{TEXT_PART}take"
    good = MINE.detached(part.encode()).encode()
    began = time.process_time()
    digests = []
    for signature in hostile(good):
        mail = read(mime(part, signature.decode("latin-1"), sender=ANNA), MINE.public)
        assert "could not be read in full" not in str(mail.defects)
        digests.append(mail.signed.digest if mail.signed else "")
    # Some changes are outside of what counts (a checksum, a comment): that is the same signature still, and known so.
    assert set(digests) == {digests[0], ""}
    assert digests.count("") > 100
    assert time.process_time() - began < 20


@pytest.mark.parametrize("length", [1_000_000], ids=["1 MB"])
def test_a_large_signed_mail_is_read_once_more_and_no_slower_than_that(length: int):
    part = "Content-Type: text/plain\r\n\r\n" + "take\r\n" + "x" * 76 + "\r\n" + ("y" * 76 + "\r\n") * (length // 78)
    raw = mime(part, MINE.detached(part.encode()), sender=ANNA)
    began = time.process_time()
    assert read(raw, MINE.public).signed is not None
    assert time.process_time() - began < 20


def test_keys_are_read_from_files_called_after_their_addresses(tmp_path: Path):
    folder = tmp_path / "keys"
    alarms: list[str] = []
    keys = KeyFolder(folder, alarms.append)
    assert keys.of(ANNA) == []
    folder.mkdir()
    (folder / f"{ANNA}.asc").write_text(str(MINE.public) + str(OTHERS.public))
    (folder / ".hidden").write_text("x")
    assert [one.fingerprint for one in keys.of(ANNA)] == [MINE.public.fingerprint, OTHERS.public.fingerprint]
    assert keys.of("ben@example.com") == []
    (folder / f"{ANNA}.asc").unlink()
    assert keys.of(ANNA) == []
    assert alarms == []


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        pytest.param("anna.asc", str(MINE.public), "is not called after an address", id="no-address"),
        pytest.param("Anna@example.com.asc", str(MINE.public), "in small letters", id="capitals"),
        pytest.param("anna@example.com.txt", str(MINE.public), "call it ADDRESS.asc", id="ending"),
        pytest.param("anna@example.com.asc", "nonsense", "holds no OpenPGP key", id="nonsense"),
        pytest.param("anna@example.com.asc", "", "holds no OpenPGP key", id="empty"),
        pytest.param("anna@example.com.asc", str(MINE.secret), "holds a secret key", id="secret"),
        pytest.param("anna@example.com.asc", "x" * 1_000_001, "is too large", id="large"),
    ],
)
def test_a_broken_file_is_said_and_counts_for_nobody_and_the_others_go_on(
    tmp_path: Path, name: str, content: str, wrong: str
):
    (tmp_path / name).write_text(content)
    (tmp_path / "ben@example.com.asc").write_text(str(OTHERS.public))
    found, faults = read_keys(tmp_path)
    assert [key.address for key in found] == ["ben@example.com"]
    assert [fault.file for fault in faults] == [str(tmp_path / name)]
    assert wrong in faults[0].wrong
    alarms: list[str] = []
    keys = KeyFolder(tmp_path, alarms.append)
    assert (keys.of(ANNA), len(keys.of("ben@example.com"))) == ([], 1)
    assert len(alarms) == 1


def test_a_folder_that_cannot_be_read_is_said_once_and_counts_for_nobody(tmp_path: Path):
    alarms: list[str] = []
    folder = tmp_path / ("x" * 300)
    keys = KeyFolder(folder, alarms.append)
    assert (keys.of(ANNA), keys.of(ANNA)) == ([], [])
    assert len(alarms) <= 1
