"""`mailbot run`: the daemon. Says on the terminal where mail comes in, where it goes, and how to send a first one."""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from mailbot.app.run import run_daemon
from mailbot.cli.options import AsJson, ConfigFile, configuration
from mailbot.config import Config
from mailbot.daemon.loops import Role


def run(
    *,
    only: Annotated[
        Role | None,
        typer.Option(help="Run one loop alone: take mail in, decide about it, or send what is decided."),
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Run mailbot until it is told to stop (Ctrl+C, or SIGTERM): take mail in, work on it, send what comes of it.

    The log goes to standard error. SIGHUP reads the process, the directory and the templates again.
    """
    settings = configuration(config)
    greet = None if os.environ.get("NOTIFY_SOCKET") or as_json else lambda: print(greeting(settings), flush=True)
    code = run_daemon(settings, only, os.environ, greet)
    # The threads of the doors are done; whatever else a library left behind must not hold up the end.
    sys.stdout.flush()
    raise typer.Exit(code)


def greeting(config: Config) -> str:
    """Say what a person needs to know to try mailbot out."""
    listen, desk, relay = config.listen, config.desk, config.relay
    lines = ["", f"mailbot works for {desk.address}. Stop it with Ctrl+C."]
    if listen.enabled:
        lines.append(f"  mail comes in by SMTP on {listen.host} port {listen.port}")
    if config.lmtp.enabled:
        lines.append(f"  mail comes in by LMTP on {config.lmtp.host} port {config.lmtp.port}")
    lines += [f"  mail comes in from the mailbox {box.user} on {box.host}" for box in config.mailboxes]
    if relay.kind == "maildir":
        lines.append(f"  outgoing mail lies in the Maildir {relay.folder}")
    else:
        lines.append(f"  outgoing mail goes to {relay.host} port {relay.port}")
    if config.shadow.to:
        lines.append(f"  shadow mode: all of it to {config.shadow.to}, and to nobody else")
    if listen.enabled:
        lines += ["", "Send a first mail, from another terminal:", "", f"  {first_mail(config)}", ""]
        lines += ["and look at the case that it makes:", "", f"  {_command('case 1', config)}", ""]
    return "\n".join(lines)


def first_mail(config: Config) -> str:
    """Give a command that sends a customer's first mail; Python is there wherever mailbot is."""
    host = "127.0.0.1" if config.listen.host in {"0.0.0.0", "::"} else config.listen.host  # noqa: S104 - compared, not bound
    sender, desk = "jane@customer.example", config.desk.address
    mail = f"From: {sender}\\nTo: {desk}\\nSubject: The printer is on fire\\n\\nPlease help."
    server = f"smtplib.SMTP('{host}', {config.listen.port}, 'localhost')"
    return f"python3 -c \"import smtplib; {server}.sendmail('{sender}', '{desk}', '{mail}')\""


def _command(words: str, config: Config) -> str:
    program = Path(sys.argv[0])
    if program.is_absolute() and program.is_relative_to(Path.cwd()):
        program = program.relative_to(Path.cwd())
    return f"{shlex.quote(str(program))} {words} -c {shlex.quote(str(config.file))}"
