"""None of the published spoofing shapes gets a proof that it does not deserve, behind any kind of border."""

import pytest

from mailbot.ingest.parse import read_mail
from mailbot.mail import Border, BorderKind
from mailbot.people import Proof
from mailbot.rules.identity.trust import proofs_of
from tests.builders import an_envelope
from tests.ingest.spoofing import EVE, ID, MARI, SAID, SHAPES, Shape

NOW = "Mon, 2 Mar 2026 10:00:00 +0000"
ENTRY = f"Received: from evil.test by {ID} (Postfix) with ESMTPS id 1; {NOW}"
#: What each kind of border puts above whatever the sender sent, RESULTS standing for what it found out.
BORDERS: dict[str, tuple[Border, list[str]]] = {
    "below-its-received": (
        Border(authserv_id=ID),
        [
            ENTRY,
            f"Authentication-Results: {ID}; RESULTS",
        ],
    ),
    "above-its-received": (
        Border(authserv_id=ID),
        [
            f"Authentication-Results: {ID}; RESULTS",
            ENTRY,
        ],
    ),
    "microsoft365": (
        Border(kind=BorderKind.MICROSOFT365, domains=("example.com",)),
        [
            f"Received: from A1.eurprd01.prod.outlook.com by B2.eurprd01.prod.outlook.com with HTTPS; {NOW}",
            "Authentication-Results: RESULTS",
            f"Received: from evil.test (192.0.2.1) by A1.mail.protection.outlook.com with Microsoft SMTP Server; {NOW}",
        ],
    ),
    "gmail": (
        Border(kind=BorderKind.GMAIL, authserv_id="mx.google.com"),
        [
            f"Received: by 2002:a05:6102:22c6:0:0:0:0 with SMTP id a6csp126141vsh; {NOW}",
            "ARC-Authentication-Results: i=1; mx.google.com; RESULTS",
            f"Received: from evil.test (evil.test. [192.0.2.1]) by mx.google.com with ESMTPS id 1; {NOW}",
            "Received-SPF: pass (google.com: domain of eve@evil.test designates 192.0.2.1) client-ip=192.0.2.1;",
            "Authentication-Results: mx.google.com; RESULTS",
        ],
    ),
    "exchange": (
        Border(kind=BorderKind.EXCHANGE, authserv_id=ID, hosts=("*.corp.example.com",), domains=("example.com",)),
        [
            f"Received: from {ID} by EX01.corp.example.com with Microsoft SMTP Server via Frontend Transport; {NOW}",
            ENTRY,
            f"Authentication-Results: {ID}; RESULTS",
            # The header firewall takes the sender's own marks out, and Exchange writes its own.
            "X-MS-Exchange-Organization-AuthAs: Anonymous",
        ],
    ),
}
SURE = {Proof.VERIFIED, Proof.SESSION, Proof.SIGNED}


def judged(raw: bytes, border: Border) -> tuple[str, frozenset[Proof]]:
    mail = read_mail(raw, border=str(border))
    return (mail.from_.address if mail.from_ else ""), proofs_of(mail, an_envelope())


def through(name: str, sent: bytes, found: str) -> bytes:
    lines = [line.replace("RESULTS", found) for line in BORDERS[name][1]]
    return "\r\n".join([*lines, ""]).encode() + sent + b"\r\n\r\nPlease close it.\r\n"


@pytest.mark.parametrize("name", BORDERS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_no_shape_gets_a_proof_that_it_does_not_deserve(shape: Shape, name: str):
    sender, proofs = judged(through(name, shape.sent, shape.found), BORDERS[name][0])
    assert sender == shape.sender
    assert (Proof.CLAIMED in proofs) is bool(sender)
    assert not (sender == MARI and proofs & SURE)
    if not shape.verified:
        assert not proofs & SURE
    if shape.verified and sender == EVE:
        assert proofs == {Proof.CLAIMED, Proof.VERIFIED}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_no_shape_gets_one_where_no_border_is(shape: Shape):
    sender, proofs = judged(shape.sent + b"\r\n\r\nPlease close it.\r\n", Border())
    assert sender == shape.sender
    assert not proofs & SURE


@pytest.mark.parametrize("name", BORDERS)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(MARI, id="bare"),
        pytest.param(f"Mari Agent <{MARI}>", id="with a name"),
        pytest.param(f'"Agent, Mari" <{MARI}>', id="with a quoted name"),
        pytest.param(f"=?utf-8?q?M=C3=A4ri?= <{MARI}>", id="with an encoded name"),
        pytest.param(f"=?utf-8?q?{MARI.replace('@', '=40')}?= <{MARI}>", id="with its own address as name"),
        pytest.param(f"{MARI} (Mari Agent)", id="with the name in a comment"),
        pytest.param(f"Mari\r\n Agent\r\n <{MARI}>", id="folded"),
        pytest.param("Mari <Mari@Example.COM>", id="in upper case"),
    ],
)
def test_the_true_mari_gets_the_proof_that_she_deserves(value: str, name: str):
    found = "spf=pass smtp.mailfrom=example.com; dkim=pass header.d=example.com; dmarc=pass header.from=example.com"
    sender, proofs = judged(through(name, f"From: {value}\r\nSubject: x".encode(), found), BORDERS[name][0])
    assert (sender, set(proofs)) == (MARI, {Proof.CLAIMED, Proof.VERIFIED})


def test_the_true_mari_s_log_in_at_the_border_counts():
    name = "below-its-received"
    sender, proofs = judged(through(name, f"From: {MARI}".encode(), SAID), BORDERS[name][0])
    assert (sender, set(proofs)) == (MARI, {Proof.CLAIMED, Proof.VERIFIED, Proof.SESSION})


def test_there_are_many_shapes():
    assert len(SHAPES) == len({shape.name for shape in SHAPES}) > 120
