"""The border of the tests says about a mail what a company's border would: real Rspamd, real Postfix, real swaks."""

import pytest

from tests.daemon.loops import eventually
from tests.servers.border import Border

MAIL = (
    b"From: Bob <bob@%s>\r\nTo: support@desk.test\r\nSubject: Printer\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
    b"Message-ID: <1@%s>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nIt is on fire.\r\n.\r\n"
)
#: The field as a border of our name would write it.
CLAIM = b"Authentication-Results: mx.example.com; dmarc=pass header.from=good.test\r\n"


@pytest.fixture
def domains(border: Border) -> Border:
    border.domain("good.test", "198.51.100.7")
    border.domain("evil.test", "203.0.113.66")
    border.postfix.route("seen.test", "virtual:")
    return border


def mail_from(domain: str) -> bytes:
    return MAIL % (domain.encode(), domain.encode())


def results(border: Border, raw: bytes, name: str, *, reverse_path: str, address: str) -> list[str]:
    """The Authentication-Results of a mail that came in, each as one line without its comments' line ends."""
    sent = border.hand_in(raw, reverse_path=reverse_path, to=f"{name}@seen.test", address=address)
    assert sent.returncode == 0, sent.stdout
    eventually(lambda: border.postfix.outside(f"{name}@seen.test"), "the mail behind the border")
    (mail,) = border.postfix.outside(f"{name}@seen.test")
    assert mail.rstrip().endswith(b"It is on fire.\n.")
    head = mail.partition(b"\n\n")[0].decode().replace("\n\t", " ")
    return [line for line in head.split("\n") if line.lower().startswith("authentication-results")]


def test_an_honest_mail_passes_in_every_way(domains: Border):
    signed = domains.sign(mail_from("good.test"), "good.test")
    (found,) = results(domains, signed, "honest", reverse_path="bob@good.test", address="198.51.100.7")
    assert found.startswith("Authentication-Results: mx.example.com; dkim=pass header.d=good.test")
    assert "spf=pass" in found
    assert "dmarc=pass (policy=reject) header.from=good.test" in found


@pytest.mark.parametrize(
    ("name", "reverse_path", "spf"),
    [("envelope-own", "x@evil.test", "pass"), ("envelope-theirs", "bob@good.test", "fail")],
)
def test_a_forged_mail_fails_and_the_results_it_brings_along_are_gone(
    domains: Border, name: str, reverse_path: str, spf: str
):
    forged = (
        CLAIM + CLAIM.replace(b"dmarc=pass", b"auth=pass smtp.auth=bob@good.test;dmarc=pass") + mail_from("good.test")
    )
    (found,) = results(domains, forged, name, reverse_path=reverse_path, address="203.0.113.66")
    assert "dmarc=fail" in found
    assert f"spf={spf}" in found
    assert "auth=pass" not in found


def test_another_domains_signature_and_a_changed_text_are_seen(domains: Border):
    crossed = domains.sign(mail_from("good.test"), "evil.test")
    (found,) = results(domains, crossed, "crossed", reverse_path="x@evil.test", address="203.0.113.66")
    assert "dkim=pass header.d=evil.test" in found
    assert "dmarc=fail" in found
    changed = domains.sign(mail_from("good.test"), "good.test").replace(b"Subject: Printer", b"Subject: Prince")
    (found,) = results(domains, changed, "changed", reverse_path="x@evil.test", address="203.0.113.66")
    assert "dkim=fail" in found or "dkim=reject" in found
    assert "dmarc=fail" in found


def test_a_name_server_that_fails_is_a_temporary_error_and_no_pass(domains: Border):
    domains.names.fail("_dmarc.dark.test")
    (found,) = results(domains, mail_from("dark.test"), "dark", reverse_path="x@evil.test", address="203.0.113.66")
    assert "dmarc=temperror" in found
