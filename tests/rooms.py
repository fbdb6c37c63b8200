"""The rooms of mailbot: which may import which, and which package belongs to which. `test_architecture` holds them."""

#: The domain's types: frozen values, open to all, as are the paths of shipped files.
DOMAIN = (
    "event",
    "mail",
    "people",
    "spam",
    "model",
    "bundle",
    "digest",
    "standing",
    "facts",
    "decision",
    "amount",
    "faults",
    "sentence",
    "toml_text",
)
COMMON = (*DOMAIN, "shipped")
#: An adapter knows the domain's types, its own port and its own settings: never the rules, never another adapter.
ADAPTER = (*COMMON, "ports", "config", "login.sasl")
#: Reading a mail, room by room; the doors stand beside it and read none.
READING = ("ingest.format", "ingest.text", "ingest.kind", "ingest.sender", "ingest.words")
INTAKE = ("ingest.intake", "ingest.where")
#: The rooms of the core, each above those that it rests on.
BASE = (*COMMON, "process", "rules.telling", "rules.spoken")
BELOW_NOTICES = (*BASE, "rules.counting", "rules.reading", "rules.case")
BELOW_COMMANDS = (*BELOW_NOTICES, "rules.identity", "rules.notice", "rules.clock")
RULES = (*BELOW_COMMANDS, "rules.command", "rules.mail", "rules")
CORE = (*COMMON, *RULES)
SEQUENCE = (*CORE, "ports", "config", "engine")
LOOPS = (*SEQUENCE, "sending.outbox", "daemon", "daemon.supervisor", "daemon.notify_socket", "daemon.wake")

#: Room of a module -> the rooms that it may import beside its own. A room is a module or a package; the longest fits.
#: model <- process <- rules <- engine <- daemon <- app <- cli
ROOMS: dict[str, tuple[str, ...]] = {
    "event": (),
    "spam": (),
    "mail": ("spam",),
    "people": ("spam",),
    "model": ("event",),
    "bundle": ("event",),
    "digest": ("event", "model"),
    "standing": (),
    "facts": ("digest", "event", "mail", "people", "model", "standing"),
    "decision": ("bundle", "digest", "event", "mail", "people", "model", "standing"),
    "amount": (),
    "faults": (),
    "sentence": (),
    "toml_text": (),
    "shipped": (),
    "process": COMMON,
    "process.file": (*COMMON, "process"),
    "rules": CORE,
    "rules.telling": COMMON,
    "rules.spoken": COMMON,
    "rules.counting": BASE,
    "rules.reading": BASE,
    "rules.case": (*BASE, "rules.counting"),
    "rules.identity": (*BASE, "rules.case"),
    "rules.notice": BELOW_NOTICES,
    "rules.clock": (*BELOW_NOTICES, "rules.notice"),
    "rules.command": BELOW_COMMANDS,
    "rules.mail": (*BELOW_COMMANDS, "rules.command"),
    "config": (*COMMON, "process", "process.file"),
    "sources": COMMON,
    "ports": (*COMMON, "process", "config"),
    "clock": ADAPTER,
    "resolver": (),
    "ingest": (*ADAPTER, *READING),
    "ingest.where": (),
    "ingest.intake": (*ADAPTER, "ingest.where"),
    "ingest.smtp": (*ADAPTER, *INTAKE),
    # Whose mail it is that lies in a mailbox stands in its header only: there was no envelope.
    "ingest.imap": (*ADAPTER, *INTAKE, "ingest.format"),
    "ingest.format": COMMON,
    "ingest.words": (),
    "ingest.text": (*COMMON, "ingest.format", "ingest.words"),
    "ingest.kind": (*COMMON, "ingest.format", "ingest.words", "ingest.text"),
    "ingest.sender": (*COMMON, "ingest.format"),
    "store": ADAPTER,
    "login": (),
    "login.passwords": COMMON,
    "login.sasl": (),
    "login.secret_files": (),
    "login.oauth": ADAPTER,
    "notices": (*ADAPTER, "notices.language"),
    "notices.language": COMMON,
    "notices.letter": (*CORE, "ports", "config", "notices.language", "notices.reader", "notices.due_calendar"),
    "notices.reader": (*COMMON, "rules.reading", "notices.language"),
    "notices.due_calendar": (*COMMON, "notices.language"),
    "sending": (),
    "sending.outbox": ADAPTER,
    "sending.mime": (*ADAPTER, "sending.field"),
    "sending.field": (),
    # How long a relay takes is measured, and no answer of it depends on the hour.
    "sending.relay": (*ADAPTER, "clock"),
    "sending.shadow": (*COMMON, "ports"),
    "engine": (*SEQUENCE, "notices.letter"),
    "engine.rehearse": (*SEQUENCE, "sources"),
    "daemon": LOOPS,
    "daemon.notify_socket": (),
    "daemon.wake": (),
    "daemon.supervisor": (*ADAPTER, "daemon.notify_socket", "daemon.wake"),
    # The only place that constructs adapters, so the only one that sees them all.
    "app": (
        *LOOPS,
        "engine.rehearse",
        "process.file",
        "sources",
        "clock",
        "ingest",
        *INTAKE,
        *READING,
        "ingest.smtp",
        "ingest.imap",
        "store",
        "login.passwords",
        "login.oauth",
        "login.secret_files",
        "notices",
        "sending.mime",
        "sending.relay",
        "sending.shadow",
        "resolver",
    ),
    "cli": (*LOOPS, "engine.rehearse", "process.file", "sources", "login.passwords", "app"),
    "__main__": ("cli",),
}

#: Third-party package -> the modules that may import it. A package that is not named here belongs nowhere.
PACKAGES: dict[str, tuple[str, ...]] = {
    "mailparser": ("ingest.parts",),
    "chardet": ("ingest.format.detect",),
    "nh3": ("ingest.text.html",),
    "tinycss2": ("ingest.text.style", "ingest.text.selector"),
    "pysequoia": ("ingest.sender.openpgp*",),
    "aiosmtpd": ("ingest.smtp.*",),
    "imapclient": ("ingest.imap.*",),
    "tinydb": ("store.directory*",),
    "sqlalchemy": ("store.*",),
    "alembic": ("store.*",),
    "psycopg": ("store.postgres_connection",),
    "dns": ("resolver",),
    "jinja2": ("notices.render*",),
    "babel": ("notices.language",),
    "markupsafe": ("notices.render*",),
    "schedule": ("daemon*",),
    "icalendar": ("notices.due_calendar",),
    "typer": ("cli*",),
    "rich": ("cli*",),
    "holidays": ("rules.counting.calendar",),
    "pydantic": ("process*", "config*", "store.codec", "store.directory*"),
    "structlog": (
        "app*",
        "cli*",
        "daemon*",
        "engine*",
        "sending.*",
        "login.oauth*",
        "ingest.*",
        "store.*",
        "notices.*",
    ),
}
