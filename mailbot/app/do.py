"""A word given in the shell, taken to the engine: `mailbot do`."""

from collections.abc import Mapping

from mailbot.app.root import CLOCK, key_of, people_of
from mailbot.app.shell import Shell
from mailbot.app.work import engine_of
from mailbot.decision import Decision
from mailbot.people import Directory


def directory_of(shell: Shell) -> Directory:
    """Return who is who."""
    return people_of(shell.config, shell.store).load()


def say(shell: Shell, environ: Mapping[str, str], number: int, text: str, actor: str) -> Decision:
    """Do what somebody with a shell says to a case, with the grammar and rights of the mails. Raises Faults."""
    people = people_of(shell.config, shell.store)
    people.load()
    engine = engine_of(shell.config, key_of(shell.config, environ), shell.process, store=shell.store, people=people)
    decision = engine.say(number, text, actor, CLOCK.now())
    shell.ring("send")
    return decision
