"""`mailbot do`: the commands of the mails, from the shell, with the same grammar and the same rights."""

import os
from typing import Annotated

import typer

from mailbot.app.do import directory_of, say
from mailbot.app.log import start_log
from mailbot.app.shell import open_shell
from mailbot.cli.case import Number, find
from mailbot.cli.options import NO, AsJson, ConfigFile, complain, configuration, print_json, wrong

Words = Annotated[list[str], typer.Argument(metavar="COMMAND...", help="The command as in a mail, such as: take.")]
As = Annotated[str, typer.Option("--as", metavar="ADDRESS", help="In whose name; without it the only agent's.")]


def do(number: Number, command: Words, config: ConfigFile = None, actor: As = "", as_json: AsJson = False) -> None:
    """Do to a case what a command in a mail would do, in a member's or the customer's name."""
    settings = configuration(config)
    start_log(settings.log.model_copy(update={"level": "error"}))
    with open_shell(settings, os.environ) as shell:
        case = find(shell, number)
        people = directory_of(shell)
        if not actor:
            members = [person.address for person in people.team("")]
            if len(members) != 1:
                raise wrong(f"--as: say in whose name, such as --as {members[0] if members else 'agent@example.com'}")
            actor = members[0]
        if people.member(actor) is None and actor not in case.writers:
            raise wrong(f"--as: {actor} is no member of the team and no customer of this case")
        decision = say(shell, os.environ, case.number, " ".join(command), actor)
    refused = [hit.reason for hit in decision.hits if hit.rule == "refused"]
    if as_json:
        print_json(
            {"case": shell.desk.reference(case.number), "done": "" if refused else decision.reason, "refused": refused}
        )
    if refused:
        complain(*"\n".join(refused).splitlines())
        raise typer.Exit(NO)
    if not as_json:
        print(decision.reason)
