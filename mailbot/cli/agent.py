"""`mailbot agent`: what an agent needs of the operator. The own address of the desk, and its revocation."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from mailbot.app.agent import address_of, member_of, revoke
from mailbot.cli.options import AsJson, ConfigFile, configuration, no, print_json
from mailbot.cli.words import clean


class Action(StrEnum):
    """What to do."""

    ADDRESS = "address"


What = Annotated[Action, typer.Argument(metavar="address", help="The address of the desk that is the agent's own.")]
Whose = Annotated[str, typer.Argument(metavar="ADDRESS", help="Whose: an agent, a lead or a manager.")]
Anew = Annotated[bool, typer.Option("--revoke", help="The former one counts no more; show the next.")]


def agent(action: What, address: Whose, config: ConfigFile = None, anew: Anew = False, as_json: AsJson = False) -> None:
    """Show the address of the desk that is this agent's own: `agent address ADDRESS`.

    Mail to it from the agent, for whom their mail server vouches, may begin things without a log-in. An agent gets it
    by mail with the word `desk-address`. With --revoke every former one is worth nothing from the next mail on.
    """
    del action  # the only one there is
    settings = configuration(config)
    member = member_of(settings, address)
    if member is None:
        raise no(f"No agent, lead or manager has the address {clean(address, one_line=True)}.")
    own = address_of(settings, os.environ, revoke(settings, member) if anew else member)
    if as_json:
        print_json({"address": member.address, "desk_address": own, "revoked": anew})
    else:
        print(own)
