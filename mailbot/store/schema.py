"""The tables, as SQLAlchemy Core sees them; `migrations/` makes them, a test holds the two together.

Portable types only (`column`): PostgreSQL is another URL. Case numbers are integers, the desk's tag is put before them
where they are printed. Never queries.
"""

import sqlalchemy as sa

from mailbot.store.column import Id, Instant, Words

#: The migration that makes these tables.
REVISION = "0009"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: One row per mail that was ever answered with 250, and per mail read from a mailbox.
inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("purpose", Words, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("source", Words, nullable=False),
    sa.Column("reverse_path", Words),
    sa.Column("forward_paths", sa.JSON, nullable=False),
    sa.Column("session", Words, nullable=False),
    sa.Column("border", Words, nullable=False),
    sa.Column("peer", Words, nullable=False),
    # NULL outside IMAP: rows without a UID never collide.
    sa.Column("uid_validity", sa.BigInteger),
    sa.Column("uid", sa.BigInteger),
    sa.Column("size", sa.BigInteger, nullable=False),
    # The bytes as they came: compressed here, or in a file that is named by its SHA-256.
    sa.Column("raw", sa.LargeBinary),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # Goes up with every lease and never down: no two leases of a row are the same.
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("lease", Words, nullable=False),
    sa.Column("owner", Words, nullable=False),
    # When the row may be taken: since ever while it waits, at the lease's end while it is worked on.
    sa.Column("free_at", Instant, nullable=False),
    sa.Column("admitted", sa.Boolean, nullable=False),
    sa.Column("ending", sa.String(16)),
    sa.Column("reason", Words, nullable=False),
    sa.Column("case", sa.BigInteger),
    sa.Column("sender", Words, nullable=False),
    sa.Column("subject", Words, nullable=False),
    sa.Column("message_id", Words, nullable=False),
    sa.UniqueConstraint("digest", "purpose"),
    sa.UniqueConstraint("source", "uid_validity", "uid", "purpose"),
    sa.Index(None, "state", "received_at"),
    sa.Index(None, "received_at"),
    sa.Index(None, "sha256"),
    sa.Index(None, "message_id"),
    sa.Index(None, "sender"),
    sa.Index(None, "case"),
    sqlite_autoincrement=True,
)

#: One row per case: what lists and guards look at as columns, the whole folded state as JSON.
cases = sa.Table(
    "cases",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("status", Words, nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("assignee", Words, nullable=False),
    sa.Column("requester", Words, nullable=False),
    sa.Column("opened", Instant, nullable=False),
    sa.Column("closed", Instant),
    sa.Column("state", sa.JSON, nullable=False),
    # The ground (process, directory, place) on which its deadlines were computed.
    sa.Column("ground", sa.String(32), nullable=False, server_default=""),
    sa.Index(None, "status"),
    sa.Index(None, "kind"),
    sa.Index(None, "assignee"),
    sa.Index(None, "requester"),
)

#: One row per commit: what was decided on which cause, by which rules, under which process and directory.
decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id")),
    sa.Column("cause", Words, nullable=False),
    sa.Column("ending", sa.String(16)),
    sa.Column("reason", Words, nullable=False),
    sa.Column("hits", sa.JSON, nullable=False),
    sa.Column("process", Words, nullable=False),
    sa.Column("directory", Words, nullable=False),
    sa.Index(None, "inbox_id"),
    sqlite_autoincrement=True,
)

#: Events and notices in the order in which they happened; never changed, only added to.
history = sa.Table(
    "history",
    metadata,
    sa.Column("seq", Id, primary_key=True),
    sa.Column("case", sa.BigInteger, sa.ForeignKey("cases.number")),
    sa.Column("at", Instant, nullable=False),
    # The event's name, "" for a notice.
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("decision", Id, sa.ForeignKey("decisions.id"), nullable=False),
    # The outbox row of a notice.
    sa.Column("key", Words, unique=True),
    sa.Index(None, "case", "seq"),
    sa.Index(None, "decision"),
    sqlite_autoincrement=True,
)

#: The person of a msg-id that a mail named and that has not come yet.
AWAITED = ""

#: Which msg-id belongs to which case, and who has seen or written it.
threads = sa.Table(
    "threads",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("message_id", Words, nullable=False),
    sa.Column("case", sa.BigInteger, sa.ForeignKey("cases.number"), nullable=False),
    sa.Column("person", Words, nullable=False),
    sa.UniqueConstraint("message_id", "case", "person"),
    sa.Index(None, "case", "person"),
)

#: Rendered notices on their way out, and what became of them.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", Words, nullable=False, unique=True),
    sa.Column("case", sa.BigInteger, sa.ForeignKey("cases.number")),
    sa.Column("template", Words, nullable=False),
    sa.Column("visibility", sa.String(16), nullable=False),
    sa.Column("auto_submitted", sa.String(16), nullable=False),
    sa.Column("created", Instant, nullable=False),
    sa.Column("recipient", Words, nullable=False),
    sa.Column("subject", Words, nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("html", Words, nullable=False),
    sa.Column("message_id", Words, nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("reverse_path", Words, nullable=False),
    sa.Column("carried", sa.JSON, nullable=False),
    # What is due when, for the recipient's calendar (RFC 5545).
    sa.Column("calendar", Words, nullable=False, server_default=""),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # While it is being sent: the lease's end.
    sa.Column("next_attempt_at", Instant, nullable=False),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("lease", Words, nullable=False),
    sa.Column("owner", Words, nullable=False),
    sa.Column("last_reply", Words, nullable=False),
    # The letter in whose mail this one goes out.
    sa.Column("bundled_into", Id),
    # Does its case know that it failed?
    sa.Column("told", sa.Boolean, nullable=False),
    sa.Index(None, "state", "next_attempt_at"),
    sa.Index(None, "recipient", "created"),
    sa.Index(None, "bundled_into"),
    sa.Index(None, "recipient", "case", "state"),
    sa.Index(None, "case", "visibility"),
    sa.Index(None, "auto_submitted", "created"),
    sa.Index(None, "message_id"),
    sa.Index(None, "reverse_path"),
    sqlite_autoincrement=True,
)

#: What must happen to a case at an instant. A restart loses none; a tick costs by what is due.
deadlines = sa.Table(
    "deadlines",
    metadata,
    sa.Column("case", sa.BigInteger, sa.ForeignKey("cases.number"), primary_key=True),
    sa.Column("rule", Words, primary_key=True),
    sa.Column("cycle", Words, primary_key=True),
    sa.Column("due", Instant, primary_key=True),
    # The order of `semantics.md` 2 within a case.
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Index(None, "due", "case", "rank"),
)

#: The addresses that letters did not reach of late, and how often that has counted.
addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("address", Words, primary_key=True),
    sa.Column("score", sa.Integer, nullable=False),
    # When a letter failed last.
    sa.Column("failed", Instant, nullable=False),
    # Since when nothing is written to it, NULL while it is.
    sa.Column("stopped", Instant),
    sa.Column("status", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
)

#: The alarms that go on: since when, and when the latest was raised.
alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("since", Instant, nullable=False),
    sa.Column("raised", Instant, nullable=False),
)

#: Until when people are away, as the latest of their words says.
absences = sa.Table(
    "absences",
    metadata,
    sa.Column("person", Words, primary_key=True),
    sa.Column("until", Instant, nullable=False),
    # When they went: 1970 where that is not known, and nothing is told at the return.
    sa.Column("since", Instant, nullable=False, server_default="0"),
    # Did they say themselves that they are back?
    sa.Column("is_said", sa.Boolean, nullable=False, server_default=sa.false()),
    # The numbers of the cases that were theirs.
    sa.Column("cases", sa.JSON, nullable=False, server_default="[]"),
)

#: What members said of the opening digest.
wishes = sa.Table(
    "wishes",
    metadata,
    sa.Column("person", Words, primary_key=True),
    sa.Column("wanted", sa.Boolean, nullable=False),
)

#: The working days whose opening digest went out, or had nothing to tell: each begins once.
digests = sa.Table(
    "digests",
    metadata,
    # The date at the desk, as ISO 8601 writes it.
    sa.Column("day", sa.String(10), primary_key=True),
)

#: Numbers without gaps: updated last in the transaction that uses one up.
counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

#: How far each mailbox was read.
bookmarks = sa.Table(
    "bookmarks",
    metadata,
    sa.Column("mailbox", Words, primary_key=True),
    sa.Column("uid_validity", sa.BigInteger, nullable=False),
    sa.Column("uid", sa.BigInteger, nullable=False),
)

#: Versions of the process and of the directory that decisions cite.
snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("version", sa.String(64), primary_key=True),
    sa.Column("body", Words, nullable=False),
)

#: What a key signed and has had its effect: no copy of it has one again.
signatures = sa.Table(
    "signatures",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id"), nullable=False),
)

#: What happened to a mail beside decisions: tries, the relay's answers, an operator's hand.
steps = sa.Table(
    "steps",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id")),
    sa.Column("outbox_id", Id, sa.ForeignKey("outbox.id")),
    sa.Column("what", Words, nullable=False),
    sa.Index(None, "inbox_id"),
    sa.Index(None, "outbox_id"),
)
