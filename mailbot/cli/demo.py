"""`mailbot demo`: a short conversation through the running parts, shown as the people in it would follow it."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path

from rich.console import Group
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from mailbot.cli.demo_desk import DemoDesk, NothingCame, answer, demo_desk, show_case, text_of
from mailbot.cli.options import AsJson, ConfigFile, console, no, print_json
from mailbot.cli.tables import show

DOMAIN = "example.com"
DESK = f"support@{DOMAIN}"
JANE, KIM = "jane@customer.example", f"kim@{DOMAIN}"
#: Lines of a mail that are shown; notices to the team go on with what can be done.
SHOWN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One mail that somebody writes; of each, both hear something."""

    title: str
    author: str
    words: str


TURNS = (
    Turn(
        title="Jane, a customer, writes to the desk.",
        author=JANE,
        words="Hello,\n\nthe printer in room 4 prints every page twice.\n\nJane",
    ),
    Turn(title="Kim, an agent, answers the notice with a command.", author=KIM, words="take"),
    Turn(
        title="Kim needs to know more; the resolution clock rests until Jane answers.",
        author=KIM,
        words="ask: Does it do so for everybody, or only for you?",
    ),
    Turn(title="Jane answers, her mail program quotes.", author=JANE, words="Only for me."),
    Turn(
        title="Kim has found it.",
        author=KIM,
        words="fix: Your printer settings said two copies. I have set them to one.",
    ),
    Turn(
        title="Jane checks, and is content: the case closes.",
        author=JANE,
        words="It works now, thank you!",
    ),
)


def demo(*, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Play a short conversation through a running mailbot, in a folder of its own that is removed afterwards.

    A customer writes by SMTP, an agent works the case by mail, every notice goes out into a Maildir; nothing leaves
    this machine. With --json each mail is a line.
    """
    # The demonstration makes a configuration of its own.
    del config
    with tempfile.TemporaryDirectory(prefix="mailbot-demo-") as folder:
        try:
            with demo_desk(Path(folder) / "desk", DOMAIN, (KIM,)) as desk:
                if not as_json:
                    _say(f"A new desk, {DESK}, runs on port {desk.port}. Its agent is {KIM}.")
                for turn, mail, heard in _play(desk):
                    _tell(turn, mail, heard, as_json=as_json)
                if not as_json:
                    _headline("What mailbot keeps of it: mailbot case HD-1")
                    show_case(desk)
        except NothingCame as trouble:
            raise no(str(trouble)) from None


def _play(desk: DemoDesk) -> Iterator[tuple[Turn, EmailMessage, list[EmailMessage]]]:
    """Write each mail of the story in its turn, and yield it with what people got because of it."""
    latest: dict[str, EmailMessage] = {}
    for turn in TURNS:
        mail = answer(latest[turn.author], turn.author, turn.words) if turn.author in latest else _first(turn)
        desk.write(mail)
        heard = desk.wait_for((JANE, KIM))
        # What somebody answers is the newest mail about the case, not the receipt of a command.
        latest |= {str(one["To"]): one for one in heard if one["To"] not in latest or turn.author != one["To"]}
        yield turn, mail, heard


def _first(turn: Turn) -> EmailMessage:
    mail = EmailMessage(policy=policy.default)
    mail["From"], mail["To"], mail["Subject"] = turn.author, DESK, "The printer prints twice"
    mail.set_content(turn.words)
    return mail


def _tell(turn: Turn, mail: EmailMessage, heard: list[EmailMessage], *, as_json: bool) -> None:
    if as_json:
        for one in (mail, *heard):
            fields = {name.lower(): str(one[name]) for name in ("From", "To", "Subject")}
            print_json({"turn": turn.title, **fields, "text": text_of(one)})
        return
    _headline(turn.title)
    _show(mail, turn.words, "bold cyan")
    for one in heard:
        _show(one, text_of(one), "bold green")


def _show(mail: EmailMessage, text: str, style: str) -> None:
    lines = text.splitlines()
    shown = [*lines[:SHOWN], f"[... {len(lines) - SHOWN} more lines]"] if len(lines) > SHOWN + 1 else lines
    to = "the desk" if str(mail["To"]).partition("@")[0].startswith("support") else mail["To"]
    author = "the desk" if DESK in str(mail["From"]) else mail["From"]
    head = Text(f"{author} -> {to}: {mail['Subject']}", style=style)
    show(Group(head, Padding(Text("\n".join(shown)), (0, 0, 1, 4))))


def _headline(words: str) -> None:
    if console().is_terminal:
        show(Group(Text(), Rule(Text(words), align="left")))
    else:
        _say(f"\n--- {words}")


def _say(words: str) -> None:
    print(words, flush=True)
