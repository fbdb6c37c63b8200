"""A mail as mailbot read it: frozen facts, field names from RFC 5321, 5322, 3464, 3834 and 8601.

These types say what stood in the mail and on its envelope. They never say what is to be done about it:
that is decided in `mailbot.rules` and written down in `mailbot.event`.
"""

from dataclasses import dataclass, field
from datetime import date as Day  # noqa: N812 - a mail has a field of this name
from datetime import datetime
from enum import StrEnum

from mailbot.spam import Spam


class Automatic(StrEnum):
    """Why a mail is no human's own writing (RFC 3834, and the kinds of `contract.md`, `read --json`)."""

    #: An absence notice: "I am out of the office until ...".
    VACATION = "vacation"
    #: Another desk's "we have received your mail".
    ACKNOWLEDGEMENT = "acknowledgement"
    #: Sent through a mailing list.
    LIST = "list"
    #: Written by a monitoring system or another program; may open a case.
    MONITORING = "monitoring"
    #: A delivery report (RFC 3464).
    REPORT = "report"
    #: A read receipt (RFC 8098).
    RECEIPT = "receipt"
    #: An abuse report (RFC 5965).
    ABUSE = "abuse"
    #: "Prove that you are human before I deliver your mail".
    CHALLENGE = "challenge"
    #: A mail of our own that came back.
    OWN = "own"


class BorderKind(StrEnum):
    """How a mail server in front of us says what it found out about a sender."""

    #: `Authentication-Results` that begin with the server's id (RFC 8601).
    RFC8601 = "rfc8601"
    #: Microsoft 365: results without an id, above the Received of the server that took the mail in.
    MICROSOFT365 = "microsoft365"
    #: Gmail: results below the Received of mx.google.com.
    GMAIL = "gmail"
    #: Exchange on one's own machines: no results of its own; it marks what came from inside the organisation.
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """The mail server in front of us whose word on a sender is believed (`semantics.md` 26)."""

    kind: BorderKind = BorderKind.RFC8601
    #: RFC 8601 section 2.2, exactly; `*.example.net` for the hosts of one provider. "" where its results have none.
    authserv_id: str = ""
    #: Further servers behind it, as the `by` of their Received names them, lower case; `*` stands for anything.
    hosts: tuple[str, ...] = ()
    #: Do all its result fields count, since it removes those that senders forge? Otherwise the first alone.
    every_field: bool = False
    #: The domains of the organisation, lower case, whose mail Microsoft 365 and Exchange mark as internal.
    domains: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the border as an envelope keeps it: the bare id where there is no more to say."""
        more = [f"{name}={','.join(values)}" for name, values in (("hosts", self.hosts), ("domains", self.domains))]
        more = [text for text in more if not text.endswith("=")] + (["every-field"] if self.every_field else [])
        if self.kind is BorderKind.RFC8601 and (not more or not self.authserv_id):
            return self.authserv_id
        return "; ".join([self.kind, f"id={self.authserv_id}", *more])

    @classmethod
    def of(cls, text: str) -> "Border":
        """Return the border that an envelope names."""
        kind, *parts = text.split("; ")
        if not parts:
            return cls(authserv_id=text)
        said = {name: value for name, _, value in (part.partition("=") for part in parts)}
        hosts, domains = (tuple(filter(None, said.get(name, "").split(","))) for name in ("hosts", "domains"))
        every = "every-field" in said
        return cls(kind=BorderKind(kind), authserv_id=said["id"], hosts=hosts, domains=domains, every_field=every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """How a mail reached us: everything that is not in its bytes (RFC 5321)."""

    #: The instant the inbox got it, in UTC; the `now` of all that follows from it.
    received_at: datetime
    #: Which door it came through: `smtp`, `lmtp`, `imap:NAME`, `rehearsal`, `import`, `shell`.
    source: str
    #: MAIL FROM; "" is the null path of a report, None is unknown (IMAP without Return-Path).
    reverse_path: str | None = None
    #: RCPT TO of this desk's addresses, lower case, subaddresses kept.
    forward_paths: tuple[str, ...] = ()
    #: The address that logged in with SMTP AUTH, "" when nobody did.
    session: str = ""
    #: The border that this mail came through, as `Border` writes itself, "" when it came through none.
    border: str = ""
    #: The network address of the peer, "" when there was none.
    peer: str = ""
    #: RFC 9051 UIDVALIDITY and UID, 0 outside IMAP.
    uid_validity: int = 0
    uid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One mailbox of an address field: RFC 5322 section 3.4, strictly."""

    #: The address, lower case, cleaned of control and invisible characters.
    address: str
    #: The display name as a person would see it, may be empty.
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A leaf of the MIME tree that was not chosen as text; an attached mail counts as one."""

    #: The name to show, cleaned; never a path, never used as a file name by us.
    name: str
    #: The media type, lower case.
    type: str
    #: Size in bytes after decoding.
    size: int
    #: SHA-256 of the decoded bytes, hexadecimal.
    sha256: str
    #: Which leaf in the order of the walk, so that the bytes can be found again in the raw mail. A leaf inside an
    #: attached mail has the number of that, plus one, before its own of four digits.
    index: int
    #: A notice of ours stands in it, as some mail programs attach the mail that is answered.
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRecipient:
    """One recipient of a delivery report (RFC 3464 section 2.3)."""

    address: str
    #: failed, delayed, delivered, relayed, expanded.
    action: str
    #: The enhanced status code, such as 5.1.1, or "".
    status: str
    #: hard, soft, delayed or delivered.
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A delivery report: what became of a mail that we sent."""

    recipients: tuple[ReportRecipient, ...]
    #: Why the first of them did not get it, in a small vocabulary (docs/contract.md); "" where all did.
    reason: str = ""
    #: What the other server said, in one line, or "".
    said: str = ""
    #: The Message-ID of the mail reported on, with brackets, or "".
    original_message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """What the border's `Authentication-Results` say (RFC 8601); empty where none may be believed."""

    #: `pass`, `fail`, ... or "" when the border gave no DMARC result, or more than one.
    dmarc: str = ""
    #: The domain that the DMARC result speaks of (header.from), lower case.
    dmarc_from: str = ""
    #: The signing domains (header.d) of DKIM signatures that passed, lower case.
    dkim: tuple[str, ...] = ()
    #: `pass`, `fail`, ... or "".
    spf: str = ""
    #: The address that logged in at the border (auth=pass, smtp.auth), lower case, or "".
    auth: str = ""
    #: The organisation's domains, where the border says that the mail was submitted inside it.
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """A mail that another one passes on: in its text below a header table, or attached whole.

    What some programs put above a quoted answer looks the same; whether it was meant to be passed on is not read here.
    """

    #: Who wrote it; None where its From does not name exactly one address.
    from_: Mailbox | None = None
    #: Naive where its date names no zone: then it is the reader's. None where no day or no time can be read for sure.
    date: datetime | None = None
    subject: str = ""
    #: All that a person would see of it as text, an earlier mail that it passes on or quotes included.
    text: str = ""
    #: With brackets; "" where only its text was passed on.
    message_id: str = ""
    #: Its own attachments where it was attached whole; `Attachment.index` finds them in the raw mail around it.
    attachments: tuple[Attachment, ...] = ()
    #: Which leaf of the mail it is; None where it stands in the text, and its attachments are the mail's.
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature that holds for all that was read of a mail, by a key that is registered for its From."""

    #: The fingerprint of the key.
    key: str
    #: When it was made, by its own word.
    at: datetime
    #: SHA-256 over what was signed, by whom and when: the same for each copy, whatever mail it stands in.
    digest: str
    #: The Subject that stands inside of what was signed, "" for none.
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, read. Texts have LF line ends and no outer blank lines."""

    #: SHA-256 over the raw bytes without trace fields: the same mail by two ways has one digest.
    digest: str
    #: With brackets; "" when missing or not one well-formed msg-id.
    message_id: str = ""
    #: All msg-ids of In-Reply-To, in order, with brackets.
    in_reply_to: tuple[str, ...] = ()
    #: The msg-ids of References that count: the last ten of at most a hundred.
    references: tuple[str, ...] = ()
    #: Decoded, on one line, cleaned.
    subject: str = ""
    #: None when there is not exactly one well-formed mailbox in exactly one From field.
    from_: Mailbox | None = None
    #: The addresses of Reply-To, lower case.
    reply_to: tuple[str, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    date: datetime | None = None
    #: All that a person would see as text.
    text: str = ""
    #: The author's own words, without quote and signature.
    new_text: str = ""
    quoted: str = ""
    signature: str = ""
    #: Of a mail without a word of its author's own, what it passes on instead: shown, and never read for commands.
    passed_on: str = ""
    #: The lines of `new_text` that a reader of its HTML perhaps does not see: words, but no commands.
    doubted: tuple[str, ...] = ()
    #: Sanitised HTML, or None where the mail has none.
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    #: What it passes on: of a chain in one text the outermost, and of attached mails the first two.
    forwarded: tuple[Forwarded, ...] = ()
    automatic: Automatic | None = None
    #: Do only words say that it is automatic? Then a person may have written it, and somebody has to look.
    by_words: bool = False
    #: The day that an absence notice names as the end of the absence, or of the return.
    away_until: Day | None = None
    #: May an automatic answer go back to the sender? (RFC 3834 section 2)
    answerable: bool = True
    report: Report | None = None
    authentication: Authentication = field(default_factory=Authentication)
    #: Whether a registered key signed it; its words are then those that were signed, and no others.
    signed: Signed | None = None
    #: Whether a server in front calls it spam.
    spam: Spam | None = None
    #: Every header field as a person would see it, its name in lower case: the first 200, each cut.
    fields: tuple[tuple[str, str], ...] = ()
    #: Bytes, as it came.
    size: int = 0
    #: Tags of Content-Language, lower case.
    languages: tuple[str, ...] = ()
    #: What was odd about it, one short phrase each.
    defects: tuple[str, ...] = ()
