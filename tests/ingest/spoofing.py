"""The published ways to make a mail look like somebody else's, as the bytes that an attacker sends.

Eve of evil.test, whose domain passes every check, wants to be taken for Mari, a member of example.com. Each shape says
what an honest border finds out about it. None of it names a person or a server that exists.
"""

from base64 import b64encode
from dataclasses import dataclass

EVE, MARI = "eve@evil.test", "mari@example.com"
#: What a border says of a mail that evil.test signed, of one that names example.com and is not its, and of neither.
EVIL = "spf=pass smtp.mailfrom=evil.test; dkim=pass header.d=evil.test; dmarc=pass header.from=evil.test"
FAILED = "spf=pass smtp.mailfrom=evil.test; dkim=pass header.d=evil.test; dmarc=fail header.from=example.com"
UNSURE = "spf=pass smtp.mailfrom=evil.test; dkim=pass header.d=evil.test"
SAID = "dmarc=pass header.from=example.com; auth=pass smtp.auth=mari@example.com"


@dataclass(frozen=True)
class Shape:
    """One way to spoof."""

    name: str
    #: The header as the attacker sends it, without the empty line.
    sent: bytes
    #: The border's results.
    found: str
    #: Whom mailbot may take for its sender, "" for nobody.
    sender: str = ""
    #: May that sender count as verified?
    verified: bool = False


def of_from(name: str, value: str, found: str, sender: str = "", *, verified: bool = False) -> Shape:
    """A trick within the one From field."""
    return Shape(name, b"From: " + value.encode() + b"\r\nSubject: x", found, sender, verified)


def beside(name: str, *lines: str, found: str = FAILED) -> Shape:
    """A trick in fields beside a plain From that names Mari."""
    return Shape(name, "\r\n".join([*lines, f"From: {MARI}", "Subject: x"]).encode(), found, MARI)


def word(text: str, charset: str = "utf-8") -> str:
    return f"=?{charset}?b?{b64encode(text.encode()).decode()}?="


#: A local part like any other, however some mail programs show it.
NUL = f"{word(MARI + chr(0)).lower()}@evil.test"

FROM = [
    Shape("two From, Mari's first", f"From: {MARI}\r\nFrom: {EVE}".encode(), EVIL),
    Shape("two From, Mari's last", f"From: {EVE}\r\nSubject: x\r\nFrom: {MARI}".encode(), EVIL),
    Shape("two From in different case", f"From: {EVE}\r\nfROM: {MARI}".encode(), EVIL),
    Shape("a second From with a blank before its colon", f"From: {EVE}\r\nFrom : {MARI}".encode(), EVIL),
    Shape("a first From with a tab before its colon", f"From\t: {MARI}\r\nFrom: {EVE}".encode(), EVIL),
    Shape("the same From three times", f"From: {EVE}\r\nFrom: {MARI}\r\nFrom: {EVE}".encode(), EVIL),
    of_from("two mailboxes", f"{EVE}, {MARI}", EVIL),
    of_from("two mailboxes without a blank", f"{MARI},{EVE}", EVIL),
    of_from("two mailboxes by a semicolon", f"{MARI}; {EVE}", EVIL),
    of_from("two mailboxes by folding", f"{MARI}\r\n {EVE}", EVIL),
    of_from("two angles", f"<{EVE}> <{MARI}>", EVIL),
    of_from("two angles together", f"<{MARI}><{EVE}>", EVIL),
    of_from("angles in angles", f"<<{MARI}>{EVE}>", EVIL),
    of_from("an angle that does not end", f"<{MARI}", FAILED),
    of_from("a group of one", f"Team: {MARI};", FAILED),
    of_from("a group of two", f"Team: {MARI}, {EVE};", EVIL),
    of_from("a group named like an address", f"{EVE}: {MARI};", EVIL),
    of_from("an empty group and a mailbox", f"{EVE}:;, {MARI}", EVIL),
    of_from("an address as unquoted name", f"{MARI} <{EVE}>", EVIL),
    of_from("an address as quoted name", f'"{MARI}" <{EVE}>', EVIL, EVE, verified=True),
    of_from("name and angles as quoted name", f'"Mari <{MARI}>" <{EVE}>', EVIL, EVE, verified=True),
    of_from("an address in an encoded word", f"{word(MARI)} <{EVE}>", EVIL, EVE, verified=True),
    of_from("angles in an encoded word", f"{word(f'Mari <{MARI}>')} <{EVE}>", EVIL, EVE, verified=True),
    of_from("a whole mailbox in an encoded word", word(f"Mari <{MARI}>"), FAILED),
    of_from("an encoded word in the angles", f"Mari <{word(MARI)}>", FAILED),
    of_from("an encoded local part", f"{word('mari')}@example.com", FAILED, f"{word('mari').lower()}@example.com"),
    of_from("an encoded NUL behind an address", f"{word(MARI + chr(0))}@evil.test", EVIL, NUL, verified=True),
    of_from("encoded line ends", f"{word(f'{MARI}' + chr(13) + chr(10) + 'To: x')} <{EVE}>", EVIL, EVE, verified=True),
    of_from("an encoded word in utf-7", f"=?utf-7?q?mari+AEA-example.com?= <{EVE}>", EVIL, EVE, verified=True),
    of_from("a comment with the true address", f"{MARI} ({EVE})", FAILED, MARI),
    of_from("a comment with the false address", f"({MARI}) {EVE}", EVIL, EVE, verified=True),
    of_from("a comment in the address", "mari@(x)example.com", FAILED),
    of_from("a comment that swallows", f"{MARI} (<{EVE}>", EVIL),
    of_from("a comment in the domain", "mari@example.com(.evil.test)", EVIL, MARI),
    of_from("an escaped bracket in a comment", f"(\\) <{MARI}>) <{EVE}>", EVIL, EVE, verified=True),
    of_from("a whole address as quoted local part", f'"{MARI}"@evil.test', EVIL, f'"{MARI}"@evil.test', verified=True),
    of_from("a quoted local part", '"mari"@example.com', FAILED, '"mari"@example.com'),
    of_from("a quoted local part with angles", f'"<{MARI}>"@evil.test', EVIL, f'"<{MARI}>"@evil.test', verified=True),
    of_from("a quote that does not end", f'"{MARI} <{EVE}>', EVIL),
    of_from("an escaped quote in a name", f'"\\" <{MARI}>, \\"" <{EVE}>', EVIL, EVE, verified=True),
    of_from("a route to Mari", f"<@evil.test,@other.test:{MARI}>", FAILED, MARI),
    of_from("a route by Mari's domain", f"<@example.com:{EVE}>", EVIL, EVE, verified=True),
    of_from("a route that is an address", f"<{MARI}:{EVE}>", EVIL),
    of_from("a percent hack", "mari%example.com@evil.test", EVIL, "mari%example.com@evil.test", verified=True),
    of_from("a bang path", f"evil.test!{MARI}", FAILED, f"evil.test!{MARI}"),
    of_from("two at signs", f"{MARI}@evil.test", EVIL),
    of_from("a domain literal", "mari@[192.0.2.1]", UNSURE, "mari@[192.0.2.1]"),
    of_from("a dot at the end", f"{MARI}.", FAILED, MARI),
    of_from("a dot at the end, and passed for it", f"{MARI}.", SAID.partition(";")[0] + ".; spf=none", MARI),
    of_from("an underscore domain", "mari@example_com.evil.test", EVIL, "mari@example_com.evil.test", verified=True),
    of_from("a subdomain of evil", "mari@example.com.evil.test", EVIL, "mari@example.com.evil.test", verified=True),
    of_from("upper case", "MARI@EXAMPLE.COM", FAILED, MARI),
    of_from("a NUL in the address", f"{MARI}\x00@evil.test", EVIL),
    of_from("a NUL behind the address", f"{MARI}\x00 <{EVE}>", EVIL),
    of_from("a backspace over the true one", f"{EVE}{chr(8) * 13}{MARI}", EVIL),
    of_from("an escape sequence", f"\x1b[2K{MARI} <{EVE}>", EVIL),
    of_from("letters that look alike", "m\u0430ri@ex\u0430mple.com", EVIL, "m\u0430ri@xn--exmple-4nf.com"),
    of_from("a domain that looks alike, in ASCII", "mari@xn--exmple-4nf.com", EVIL, "mari@xn--exmple-4nf.com"),
    of_from("full-width letters", "mari@\uff45xample.com", EVIL),
    of_from("a full-width at", "mari\uff20example.com", EVIL),
    of_from("an ideographic full stop", "mari@example\u3002com", FAILED),
    of_from("a soft hyphen", "mari@exam\u00adple.com", EVIL),
    of_from("a zero-width blank", "mari\u200b@example.com", FAILED),
    of_from("a change of direction", f"\u202e{MARI[::-1]} <{EVE}>", EVIL),
    of_from("8-bit letters in no charset", "mari@ex\udce4mple.com".encode("utf-8", "replace").decode(), FAILED),
    of_from("a name of ten thousand letters", f"{'a' * 10_000} {MARI} <{EVE}>", EVIL),
    of_from("an address beyond every limit", f"{'a' * 500}@example.com", FAILED),
    of_from("nothing at all", "", EVIL),
    of_from("an empty angle", f"{MARI} <>", FAILED),
    of_from("the null sender and Mari", f"<>, {MARI}", FAILED, MARI),
]

FIELDS = [
    Shape("no From, but a Sender", f"Sender: {MARI}\r\nSubject: x".encode(), UNSURE),
    Shape("no From, but a Resent-From", f"Resent-From: {MARI}\r\nSubject: x".encode(), UNSURE),
    Shape("Sender is Mari", f"Sender: {MARI}\r\nFrom: {EVE}".encode(), EVIL, EVE, verified=True),
    Shape("Reply-To is Mari", f"Reply-To: {MARI}\r\nFrom: {EVE}".encode(), EVIL, EVE, verified=True),
    Shape("Resent-From is Mari", f"Resent-From: {MARI}\r\nFrom: {EVE}".encode(), EVIL, EVE, verified=True),
    Shape("Return-Path is Mari", f"Return-Path: <{MARI}>\r\nFrom: {EVE}".encode(), EVIL, EVE, verified=True),
    beside("Sender is Eve, whose domain passes", f"Sender: {EVE}", found=EVIL),
    beside("Resent-From is Eve, whose domain passes", f"Resent-From: {EVE}", found=EVIL),
    Shape("From behind a lone CR", f"Subject: x\rFrom: {MARI}\r\nFrom: {EVE}".encode(), EVIL, EVE, verified=True),
    Shape("From behind a lone LF", f"Subject: x\nFrom: {MARI}\r\nFrom: {EVE}".encode(), EVIL),
    Shape("From by folding", f"Subject: x\r\n From: {MARI}\r\nFrom: {EVE}".encode(), EVIL, EVE, verified=True),
    Shape("From folded from its colon", f"From:\r\n {MARI}\r\nSubject: x".encode(), FAILED, MARI),
    Shape("From with its name folded", f"From\r\n : {MARI}\r\nFrom: {EVE}".encode(), EVIL),
    Shape("From behind a line of blanks", f"From: {EVE}\r\n \r\nFrom: {MARI}".encode(), EVIL),
    Shape("From behind the empty line", f"From: {EVE}\r\n\r\nFrom: {MARI}".encode(), EVIL, EVE, verified=True),
    Shape("From behind a line that is no field", f"Subject: x\r\nno field\r\nFrom: {MARI}".encode(), UNSURE, MARI),
    Shape("an mbox line", f"From {MARI} Mon Mar  2 10:00:00 2026\r\nFrom: {EVE}".encode(), EVIL, EVE, verified=True),
    Shape("a field name with a NUL", f"From\0: {MARI}\r\nFrom: {EVE}".encode(), EVIL, EVE, verified=True),
    Shape("a field name in full width", f"\uff26rom: {MARI}\r\nFrom: {EVE}".encode(), EVIL, EVE, verified=True),
    Shape(
        "an attached mail of Mari's",
        f"From: {EVE}\r\nContent-Type: message/rfc822\r\n\r\nFrom: {MARI}\r\nSubject: x".encode(),
        EVIL,
        EVE,
        verified=True,
    ),
]

ID = "mx.example.com"
RESULTS = [
    beside("results of the border's id", f"Authentication-Results: {ID}; {SAID}"),
    beside("the same twice", *[f"Authentication-Results: {ID}; {SAID}"] * 2),
    beside("the id in other case", f"Authentication-Results: {ID.upper()}; {SAID}"),
    beside("the id with a version", f"Authentication-Results: {ID} 1; {SAID}"),
    beside("the id quoted", f'Authentication-Results: "{ID}"; {SAID}'),
    beside("the id behind a comment", f"Authentication-Results: (x) {ID}; {SAID}"),
    beside("a folded field", f"Authentication-Results:\r\n {ID};\r\n\t{SAID}"),
    beside("the field in other case", f"AUTHENTICATION-RESULTS: {ID}; {SAID}"),
    beside("a blank before the colon", f"Authentication-Results : {ID}; {SAID}"),
    beside("a forged trace above it", f"Received: from a by {ID}; now", f"Authentication-Results: {ID}; {SAID}"),
    beside("Gmail's id", "Received: from a by mx.google.com; now", f"Authentication-Results: mx.google.com; {SAID}"),
    beside("no id, as Microsoft writes", f"Authentication-Results: {SAID.replace('; ', ';')};compauth=pass reason=100"),
    beside(
        "Microsoft's whole block",
        f"Authentication-Results: {SAID}",
        "Received: from a (192.0.2.1) by A1.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server; now",
    ),
    beside("what Exchange kept", f"Authentication-Results-Original: {ID}; {SAID}"),
    beside("what Exchange sends on", f"X-MS-Exchange-Authentication-Results: {SAID}"),
    beside(
        "ARC alone", f"ARC-Authentication-Results: i=1; {ID}; {SAID}", "ARC-Seal: i=1; cv=none; d=example.com; b=eA=="
    ),
    beside("ARC of Gmail", f"ARC-Authentication-Results: i=9; mx.google.com; {SAID}"),
    beside(
        "Exchange's marks",
        "X-MS-Exchange-Organization-AuthAs: Internal",
        "X-MS-Exchange-Organization-AuthSource: EX01.corp.example.com",
        "X-MS-Exchange-Organization-MessageDirectionality: Originating",
        "Received: from EX01.corp.example.com by EX01.corp.example.com with mapi id 15.2; now",
    ),
    beside("the sending tenant's mark", "X-MS-Exchange-CrossTenant-AuthAs: Internal"),
    beside("Received-SPF", f"Received-SPF: pass ({ID}: domain of {MARI} designates 192.0.2.1 as permitted sender)"),
    beside("a signature that nobody checked", "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=a; h=from; b=eA=="),
    beside("SPF alone, of Mari's own domain", found=f"spf=pass smtp.mailfrom={MARI}"),
    beside("another domain's signature, no DMARC", found=UNSURE),
    beside("a signature of a longer name", found="dkim=pass header.d=notexample.com"),
    beside("a signature of a subdomain", found="dkim=pass header.d=mail.example.com"),
    beside("a signature of a top-level domain", found="dkim=pass header.d=com"),
    beside("DMARC of the parent", found="dmarc=pass header.from=com"),
    beside("DMARC of a subdomain", found="dmarc=pass header.from=mail.example.com"),
    beside("DMARC of nobody", found="dmarc=pass"),
    beside("Microsoft's guess", found="dmarc=bestguesspass action=none header.from=example.com;compauth=pass"),
    beside("composite authentication alone", found="dmarc=none action=none header.from=example.com;compauth=pass"),
    beside("DMARC twice", found="dmarc=fail header.from=example.com; dmarc=pass header.from=example.com"),
    beside("a result in a comment", found="dkim=none (a; dkim=pass header.d=example.com; dmarc=pass)"),
    beside("a result in a reason", found='spf=fail reason="x; dmarc=pass header.from=example.com"'),
    beside("a result in a property", found="dkim=fail header.d=evil.test policy.x=dkim=pass"),
]

#: What a border copies into its own field unescaped: envelope sender, HELO name, domain and agent of a signature.
COPIED = [
    beside("a comment in a signature's domain", found="dkim=pass header.d=example.com(.evil.test"),
    beside(
        "a comment over two values",
        found="dkim=pass header.d=example.com(.evil.test; spf=pass smtp.helo=a).a",
    ),
    beside("a comment that ends behind", found="dkim=pass header.d=example.com(.evil.test) header.s=a"),
    beside("a quote in a signature's domain", found="dkim=pass header.d=example.com'.evil.test header.s=a"),
    beside("a quote that hides the rest", found='dkim=pass header.d=example.com"a".evil.test header.s=a'),
    beside("a NUL in a signature's domain", found="dkim=pass header.d=example.com\0.evil.test header.s=a"),
    beside("a blank in a signature's domain", found="dkim=pass header.d=evil.test header.d=example.com"),
    beside("an address in a signature's agent", found='dkim=pass header.i="a@example.com"@evil.test header.s=a'),
    beside("an agent and two domains", found="dkim=pass header.i=@example.com header.d=evil.test header.d=evil.test"),
    beside(
        "an envelope sender that ends the comment",
        found=f'spf=pass ({ID}: domain of "a); dmarc=pass header.from=example.com; x=(b"@evil.test designates '
        "192.0.2.1 as permitted sender) smtp.mailfrom=evil.test",
    ),
    beside(
        "an envelope sender without quotes that ends the comment",
        found=f"spf=pass ({ID}: domain of a); dmarc=pass header.from=example.com; x=b@evil.test permits) smtp.helo=a",
    ),
    beside(
        "an envelope sender with an escaped quote",
        found=f'spf=pass ({ID}: domain of "a\\"); dkim=pass header.d=example.com; x= (\\"b"@evil.test permits)',
    ),
    beside(
        "an envelope sender with a separator",
        found='spf=pass smtp.mailfrom="a; dkim=pass header.d=example.com"@a.test',
    ),
    beside("a HELO name with a separator", found="spf=none smtp.helo=(x;dmarc=pass header.from=example.com"),
    beside("a log-in name with an address", found='auth=pass smtp.auth="mari@example.com"@evil.test'),
    beside("a log-in by another", found=f"auth=pass smtp.auth={EVE}"),
    beside("two log-ins", found=f"auth=pass smtp.auth={EVE}; auth=pass smtp.auth={MARI}"),
    beside("a log-in that failed", found=f"auth=fail smtp.auth={MARI}"),
    beside("a field without an end", found="dmarc=fail header.from=example.com; x=" + "a" * 30_000 + "; dkim=pass"),
    beside("bytes beyond ASCII", found="dkim=pass header.d=example.com\u00b7evil.test"),
]

SHAPES = [*FROM, *FIELDS, *RESULTS, *COPIED]
