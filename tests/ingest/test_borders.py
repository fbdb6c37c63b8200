"""Each kind of border in the shape that its servers write: what they vouch for is proven, and nothing else is."""

from pathlib import Path

import pytest

from mailbot.ingest.parse import read_mail
from mailbot.mail import Authentication, Border, BorderKind
from mailbot.people import Proof
from mailbot.rules.identity.trust import proofs_of
from tests.builders import an_envelope

MAILS = Path(__file__).parent / "borders"
PLAIN = Border(authserv_id="mx.example.com")
SEVERAL = Border(authserv_id="mx.example.com", every_field=True)
FASTMAIL = Border(authserv_id="*.messagingengine.com", hosts=("*.internal", "sloti*"), every_field=True)
MICROSOFT = Border(kind=BorderKind.MICROSOFT365, domains=("example.com",))
GMAIL = Border(kind=BorderKind.GMAIL, authserv_id="mx.google.com")
EXCHANGE = Border(
    kind=BorderKind.EXCHANGE, authserv_id="mx.example.com", hosts=("*.corp.example.com",), domains=("example.com",)
)
GOOD = [
    pytest.param("rspamd", PLAIN, id="rspamd"),
    pytest.param("rspamd", SEVERAL, id="rspamd-every-field"),
    pytest.param("opendkim-opendmarc", SEVERAL, id="opendkim-opendmarc"),
    pytest.param("opendkim-opendmarc-above", PLAIN, id="opendkim-opendmarc-above-received"),
    pytest.param("fastmail", FASTMAIL, id="fastmail"),
    pytest.param("microsoft365", MICROSOFT, id="microsoft365"),
    pytest.param("gmail", GMAIL, id="gmail"),
    pytest.param("exchange-gateway", EXCHANGE, id="exchange-behind-a-gateway"),
]
INSIDE = [
    pytest.param("microsoft365-inside", MICROSOFT, id="microsoft365"),
    pytest.param("exchange-inside", EXCHANGE, id="exchange"),
]


def raw(name: str, *changes: tuple[str, str]) -> bytes:
    text = (MAILS / f"{name}.eml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.replace("\n", "\r\n").encode()


def judged(mail: bytes, border: Border) -> Authentication:
    return read_mail(mail, border=str(border)).authentication


def proofs(mail: bytes, border: Border) -> frozenset[Proof]:
    return proofs_of(read_mail(mail, border=str(border)), an_envelope())


@pytest.mark.parametrize(("name", "border"), GOOD)
def test_a_good_mail_is_verified(name: str, border: Border):
    found = judged(raw(name), border)
    assert (found.dmarc, found.dmarc_from, found.dkim) == ("pass", "customer.test", ("customer.test",))
    assert proofs(raw(name), border) == {Proof.CLAIMED, Proof.VERIFIED}


@pytest.mark.parametrize(("name", "border"), GOOD)
def test_a_mail_from_another_domain_than_the_results_name_is_not(name: str, border: Border):
    mail = raw(name, ("From: Anna Example <anna@customer.test>", "From: Mari <mari@example.com>"))
    assert proofs(mail, border) == {Proof.CLAIMED}


@pytest.mark.parametrize(("name", "border"), GOOD)
def test_a_failure_is_read_as_one(name: str, border: Border):
    mail = raw(name, ("dmarc=pass", "dmarc=fail"))
    assert judged(mail, border).dmarc == "fail"
    assert proofs(mail, border) == {Proof.CLAIMED}


@pytest.mark.parametrize(("name", "border"), [*GOOD, *INSIDE])
def test_a_server_in_front_that_nobody_named_takes_all_belief_away(name: str, border: Border):
    strange = b"Received: from x by mail.elsewhere.test with ESMTP; Mon, 2 Mar 2026 10:01:00 +0000\r\n"
    assert proofs(strange + raw(name), border) == {Proof.CLAIMED}


@pytest.mark.parametrize(("name", "border"), [*GOOD, *INSIDE])
@pytest.mark.parametrize("other", list(BorderKind))
def test_no_other_kind_of_border_is_believed(name: str, border: Border, other: BorderKind):
    if other is border.kind or {other, border.kind} == {BorderKind.RFC8601, BorderKind.EXCHANGE}:
        return
    assert proofs(raw(name), Border(kind=other, authserv_id="mx.elsewhere.test", domains=border.domains)) == {
        Proof.CLAIMED
    }


@pytest.mark.parametrize(("name", "border"), [*GOOD, *INSIDE])
def test_without_a_border_nobody_is_believed(name: str, border: Border):
    del border
    assert read_mail(raw(name)).authentication == Authentication()


@pytest.mark.parametrize(("name", "border"), [*GOOD, *INSIDE])
def test_a_border_survives_the_inbox(name: str, border: Border):
    del name
    assert Border.of(str(border)) == border
    assert Border.of("") == Border()
    assert Border.of("mx.example.com") == PLAIN


@pytest.mark.parametrize(("name", "border"), INSIDE)
def test_mail_from_inside_the_organisation_is_verified_for_its_domains(name: str, border: Border):
    assert judged(raw(name), border) == Authentication(inside=("example.com",))
    assert proofs(raw(name), border) == {Proof.CLAIMED, Proof.VERIFIED}
    elsewhere = raw(name, ("<mari@example.com>", "<anna@customer.test>"))
    assert proofs(elsewhere, border) == {Proof.CLAIMED}


@pytest.mark.parametrize(("name", "border"), INSIDE)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("AuthAs: Internal\nX-MS-Exchange-Organization", "AuthAs: Anonymous\nX-X"), id="anonymous"),
        pytest.param(("-Organization-AuthAs: Internal", "-CrossTenant-AuthAs: Internal"), id="the-sending-tenant-s"),
        pytest.param(("-Organization-AuthAs: Internal", "-Organization-AuthAs: Internal74"), id="nearly"),
        pytest.param(
            ("From: ", "X-MS-Exchange-Organization-AuthAs: Internal\nFrom: "), id="twice-so-not-by-its-own-hand"
        ),
        pytest.param(
            ("From: ", "X-MS-Exchange-Organization-MessageDirectionality: Incoming\nFrom: "), id="from-outside"
        ),
        pytest.param(("AuthSource: ", "AuthSource: evil.test "), id="source-that-is-no-server-of-ours"),
        pytest.param(("AuthSource: ", "Source: "), id="no-source"),
        pytest.param(
            ("From: ", "Received: from evil.test by mail.evil.test; Mon, 2 Mar 2026 09:59:59 +0000\nFrom: "),
            id="a-hop-outside",
        ),
        pytest.param(("Received: ", "X-Received: "), id="no-trace-at-all"),
    ],
)
def test_what_only_looks_like_inside_is_not(name: str, border: Border, change: tuple[str, str]):
    assert proofs(raw(name, change), border) == {Proof.CLAIMED}


def test_what_came_in_by_microsoft_s_outer_servers_is_not_inside():
    outer = ("From: ", "Received: from x by AM3PEPF0000A792.mail.protection.outlook.com; now\nFrom: ")
    assert proofs(raw("microsoft365-inside", outer), MICROSOFT) == {Proof.CLAIMED}


def test_what_an_exchange_of_ones_own_took_in_by_smtp_is_not_inside():
    taken_in = (" with mapi id", " with Microsoft SMTP Server id")
    assert proofs(raw("exchange-inside", taken_in), EXCHANGE) == {Proof.CLAIMED}


def test_an_agent_s_own_program_by_microsoft_s_submission_is_inside():
    submitted = (
        "[fe80::1:2:3:4]) by PA4PR01MB0003.eurprd01.prod.outlook.com\n ([fe80::1:2:3:4%5]) with mapi id",
        "192.0.2.44) by PA4PR01MB0003.eurprd01.prod.outlook.com\n (2603::1) with Microsoft SMTP Server id",
    )
    assert Proof.VERIFIED in proofs(raw("microsoft365-inside", submitted), MICROSOFT)


def test_another_hosts_of_a_provider_s_pattern_count_but_one_mail_has_one_id():
    other = raw(
        "fastmail",
        (
            "Authentication-Results: mx3.messagingengine.com;\n    dkim",
            "Authentication-Results: mx9.messagingengine.com;\n    dkim",
        ),
    )
    assert proofs(other, FASTMAIL) == {Proof.CLAIMED}
    assert proofs(raw("fastmail", ("mx3.messagingengine.com", "mx9.messagingengine.com")), FASTMAIL) == {
        Proof.CLAIMED,
        Proof.VERIFIED,
    }
    assert proofs(raw("fastmail", ("mx3.messagingengine.com", "mx3.evil.test")), FASTMAIL) == {Proof.CLAIMED}


def test_of_several_fields_below_the_border_s_received_the_first_alone_counts_by_default():
    found = judged(raw("opendkim-opendmarc"), PLAIN)
    assert found == Authentication(spf="pass")


def test_fields_above_the_border_s_received_are_all_its_own_but_none_below_it():
    forged = (
        "DMARC-Filter",
        "Authentication-Results: mx.example.com; auth=pass smtp.auth=mari@example.com\nDMARC-Filter",
    )
    assert judged(raw("opendkim-opendmarc", forged), SEVERAL).auth == "mari@example.com"
    below = ("From: Anna", "Authentication-Results: mx.example.com; auth=pass smtp.auth=mari@example.com\nFrom: Anna")
    assert judged(raw("opendkim-opendmarc-above", below), SEVERAL).auth == ""


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            ("Delivered-To", "X-Gmail-Fetch-Info: a@elsewhere.test 1 pop.elsewhere.test 995 a\nDelivered-To"),
            id="fetched-from-elsewhere",
        ),
        pytest.param(
            (
                "ARC-Authentication-Results: i=1; mx.google.com;",
                "ARC-Authentication-Results: i=1; mx.google.com; dmarc=a;",
            ),
            id="another-word-above-its-received",
        ),
        pytest.param(("Received-SPF: pass", "Subject: x\nReceived-SPF: pass"), id="not-right-below-its-received"),
        pytest.param(("by mx.google.com with", "by 2002:a05:1::1 with"), id="never-through-mx.google.com"),
    ],
)
def test_gmail_s_field_counts_only_where_gmail_writes_it(change: tuple[str, str]):
    assert proofs(raw("gmail", change), GMAIL) == {Proof.CLAIMED}


def test_gmail_s_field_counts_without_arc_and_not_above_every_received():
    assert Proof.VERIFIED in proofs(raw("gmail", ("ARC-Authentication-Results: ", "X-Old: ")), GMAIL)
    assert proofs(raw("gmail", ("Received: ", "X-Received: ")), GMAIL) == {Proof.CLAIMED}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("Authentication-Results: spf", "X-Results: spf"), id="it-wrote-none-and-the-sender-did"),
        pytest.param(("AM3PEPF0000A792.mail.protection", "AM3PEPF0000A792.mail.elsewhere"), id="not-above-its-entry"),
    ],
)
def test_microsoft_s_field_counts_only_above_the_server_that_took_the_mail_in(change: tuple[str, str]):
    entry = "Received: from a by B.mail.protection.outlook.com; Mon, 2 Mar 2026 09:59:59 +0000"
    results = "Authentication-Results: dmarc=pass header.from=customer.test"
    forged = ("DKIM-Signature", f"{results}\n{entry}\nDKIM-Signature")
    assert proofs(raw("microsoft365", forged, change), MICROSOFT) == {Proof.CLAIMED}
