"""The architecture: who may import whom, who may read the clock, how long a file or a function may be.

Reads the source with `ast`, imports nothing of mailbot. A module goes by its dotted name without `mailbot.`; a module
without a room is a fault, so that each new one is given its place on purpose.
"""

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.rooms import DOMAIN, PACKAGES, ROOMS

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES = 400
FUNCTION_LINES = 60

#: The functional core: its modules see no outside at all.
PURE = (*DOMAIN, "process", "process.*", "rules", "rules.*")
#: Beside the core in its folder: one reads the process file, one prints the reference of its keys.
SHELL = ("process.file", "process.vocabulary")
# fmt: off
IMPURE_MODULES = frozenset({
    "asyncio", "concurrent", "ctypes", "http", "imaplib", "importlib", "io", "logging", "multiprocessing", "os",
    "pathlib", "random", "secrets", "select", "selectors", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl",
    "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
})
# fmt: on
IMPURE_NAMES = frozenset({"open", "print", "input", "eval", "exec", "__import__"})

#: Only the clock reads the time or randomness, or waits.
CLOCK = ("clock",)
CLOCK_MODULES = frozenset({"random", "secrets"})
CLOCK_NAMES = (
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time*",
    "time.monotonic*",
    "time.perf_counter*",
    "time.sleep",
    "uuid.uuid1",
    "uuid.uuid4",
    "os.urandom",
    "os.getrandom",
    "email.utils.make_msgid",
    "email.utils.localtime",
)


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def is_pure(module: str) -> bool:
    return matches(module, PURE) and module not in SHELL


def room_of(module: str) -> str | None:
    """The room that a module belongs to, the longest that fits: `sending.relay_connection` is in `sending.relay`."""
    fits = [room for room in ROOMS if module == room or module.startswith((f"{room}.", f"{room}_"))]
    return max(fits, key=len, default=None)


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every imported dotted name with its line, imports for the type checker alone included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{'.' * node.level}{node.module or ''}.{alias.name}") for alias in node.names)


def local_names(tree: ast.AST) -> dict[str, str]:
    """What each imported local name stands for: `from datetime import datetime as dt` gives dt -> datetime.datetime."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str:
    """The full name that an expression refers to, as far as the imports tell; empty for anything computed."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value, names)):
        return f"{owner}.{node.attr}"
    return ""


def import_faults(module: str, tree: ast.AST) -> Iterator[str]:
    room = room_of(module)
    if room is None:
        yield f"{module} has no room: give it one in ROOMS"
        return
    for line, name in imports(tree):
        top, _, rest = name.partition(".")
        if not top:
            yield f"{module}:{line} imports {name}: write the import in full"
        elif top == "mailbot":
            other = room_of(rest)
            if other not in (*ROOMS[room], room) and rest != "__version__":
                yield f"{module}:{line} imports {name}: {room} may import {', '.join(ROOMS[room]) or 'nothing'}"
        elif top not in sys.stdlib_module_names and not matches(module, PACKAGES.get(top, ())):
            yield f"{module}:{line} imports {top}: its place is {', '.join(PACKAGES.get(top, ())) or 'nowhere'}"
        elif is_pure(module) and top in IMPURE_MODULES:
            yield f"{module}:{line} imports {top}: the core sees no outside"
        elif not matches(module, CLOCK) and top in CLOCK_MODULES:
            yield f"{module}:{line} imports {top}: only clock.py reads randomness"


def call_faults(module: str, tree: ast.AST) -> Iterator[str]:
    names = local_names(tree)
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Name, ast.Attribute)):
            continue
        name = dotted(node, names)
        if not matches(module, CLOCK) and matches(name, CLOCK_NAMES):
            yield f"{module}:{node.lineno} uses {name}: only clock.py reads the time or randomness"
        if is_pure(module) and name in IMPURE_NAMES:
            yield f"{module}:{node.lineno} uses {name}: the core sees no outside"


def length_faults(module: str, source: str, tree: ast.AST) -> Iterator[str]:
    if (lines := source.count("\n")) > FILE_LINES:
        yield f"{module} has {lines} lines: {FILE_LINES} at most"
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{module}:{node.lineno} {node.name} has {lines} lines: {FUNCTION_LINES} at most"


def faults(module: str, source: str) -> list[str]:
    """Everything that a module of mailbot does against the architecture."""
    tree = ast.parse(source)
    return [*import_faults(module, tree), *call_faults(module, tree), *length_faults(module, source, tree)]


def modules() -> dict[str, Path]:
    """Every module of mailbot by its dotted name without `mailbot.`; a package goes by its own name."""
    files = sorted((ROOT / "mailbot").rglob("*.py"))
    parts = {file: file.relative_to(ROOT / "mailbot").with_suffix("").parts for file in files}
    return {".".join(name).removesuffix(".__init__"): file for file, name in parts.items() if name != ("__init__",)}


@pytest.mark.parametrize("module", modules())
def test_module_keeps_the_architecture(module: str):
    assert faults(module, modules()[module].read_text(encoding="utf-8")) == []


def test_the_package_itself_holds_nothing_but_its_version():
    tree = ast.parse((ROOT / "mailbot" / "__init__.py").read_text(encoding="utf-8"))
    assert [type(node) for node in tree.body] == [ast.Expr, ast.Assign]


@pytest.mark.parametrize("file", sorted((ROOT / "tests").rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_test_file_stays_short(file: Path):
    source = file.read_text(encoding="utf-8")
    assert list(length_faults(file.name, source, ast.parse(source))) == []


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        pytest.param("event", "import mailbot.process", "event may import nothing", id="event-imports-upwards"),
        pytest.param("rules.reopen", "from mailbot import engine", "imports mailbot.engine", id="rule-imports-engine"),
        pytest.param(
            "rules.reopen", "from mailbot.ports import Store", "imports mailbot.ports", id="rule-imports-port"
        ),
        pytest.param(
            "engine", "from mailbot.store.sql import Sql", "imports mailbot.store", id="engine-imports-adapter"
        ),
        pytest.param(
            "store.sql", "from mailbot.rules import decide", "imports mailbot.rules", id="adapter-imports-rule"
        ),
        pytest.param(
            "sending.relay", "from mailbot import notices", "imports mailbot.notices", id="adapter-imports-adapter"
        ),
        pytest.param(
            "ingest.smtp.door", "def f():\n import mailbot.store.inbox", "imports mailbot.store", id="late-import"
        ),
        pytest.param(
            "cli.case", "from mailbot.store import sql", "imports mailbot.store", id="shell-command-imports-adapter"
        ),
        pytest.param(
            "ingest.imap.fetch", "from mailbot.ingest import parse", "imports mailbot.ingest", id="a-door-reads-a-mail"
        ),
        pytest.param("rules.reopen", "from .decide import decide", "write the import in full", id="relative-import"),
        pytest.param("gadget", "", "gadget has no room", id="module-without-a-room"),
        pytest.param("rules.counting.calendar", "import pydantic", "its place is process*", id="package-in-the-core"),
        pytest.param(
            "ingest.text.reply", "import mailparser", "its place is ingest.parts", id="package-out-of-its-room"
        ),
        pytest.param("engine", "import requests", "its place is nowhere", id="unknown-package"),
        pytest.param("rules.reopen", "from pathlib import Path", "imports pathlib", id="core-imports-files"),
        pytest.param("model", "import logging", "imports logging", id="core-imports-log"),
        pytest.param("rules.reopen", "open('x')", "uses open", id="core-opens-a-file"),
        pytest.param("engine", "import random", "only clock.py reads randomness", id="random"),
        pytest.param("store.sql", "from secrets import token_hex", "only clock.py", id="secrets"),
        pytest.param("rules.pause", "import datetime as d\nd.datetime.now(d.UTC)", "datetime.datetime.now", id="now"),
        pytest.param("engine", "from datetime import datetime as dt\ndt.utcnow()", "datetime.utcnow", id="utcnow"),
        pytest.param("engine", "from datetime import date\ndate.today()", "date.today", id="today"),
        pytest.param("sending.outbox", "import time\ntime.sleep(1)", "time.sleep", id="sleep"),
        pytest.param("sending.outbox", "from time import monotonic_ns", "", id="name-imported-but-not-used"),
        pytest.param("sending.outbox", "from time import time as t\nf = t", "time.time", id="clock-handed-on-uncalled"),
        pytest.param("ingest.intake", "import uuid\nuuid.uuid4()", "uuid.uuid4", id="uuid"),
        pytest.param(
            "notices.render", "from email.utils import make_msgid\nmake_msgid()", "make_msgid", id="message-id"
        ),
        pytest.param("sending.relay", "\n" * 401, "sending.relay has 401 lines", id="long-file"),
        pytest.param("sending.relay", "async def f():\n" + " x = 1\n" * 60, "f has 61 lines", id="long-function"),
    ],
)
def test_a_planted_fault_is_found(module: str, source: str, fault: str):
    found = faults(module, source)
    assert any(fault in line for line in found) if fault else found == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param(
            "rules.pause", "from datetime import datetime, UTC\ndatetime(2026, 3, 2, tzinfo=UTC)", id="instant"
        ),
        pytest.param(
            "rules.counting.calendar", "import holidays\nfrom mailbot.process import Process", id="holidays-in-calendar"
        ),
        pytest.param("rules.decide", "from mailbot.rules.case.evolve import evolve", id="rule-imports-rule"),
        pytest.param("clock", "import time, random\ntime.time()", id="the-clock-reads-the-clock"),
        pytest.param(
            "ingest.smtp.data", "import aiosmtpd.smtp\nfrom mailbot.ingest.intake import Intake", id="same-room"
        ),
        pytest.param("engine", "def f(clock):\n return clock.now()", id="a-clock-that-was-handed-in"),
        pytest.param("cli.case", "import typer\nfrom mailbot import __version__, app", id="a-room-by-its-prefix"),
        pytest.param("sending.relay", "def f():\n" + " x = 1\n" * 59, id="function-at-the-limit"),
    ],
)
def test_what_the_architecture_allows_is_no_fault(module: str, source: str):
    assert faults(module, source) == []


def test_the_arrows_between_rooms_make_no_circle():
    placed: set[str] = set()
    waiting = {room: {other for other in others if other != room} for room, others in ROOMS.items()}
    while ready := {room for room, others in waiting.items() if others <= placed}:
        placed |= ready
        waiting = {room: others for room, others in waiting.items() if room not in ready}
    assert waiting == {}
