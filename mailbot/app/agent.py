"""A member's own address of the desk: what it is, and that it counts no more."""

from collections.abc import Mapping

from mailbot.app.root import desk_of, fault, key_of, process_of
from mailbot.app.shell import directory_of
from mailbot.config import Config
from mailbot.faults import Fault, Faults
from mailbot.people import Person, ReplyTokens
from mailbot.rules.identity.token import KeyRing, personal_address
from mailbot.store.directory_row import HIGHEST_EPOCH


def member_of(config: Config, address: str) -> Person | None:
    """Return the agent, lead or manager with this address, None where nobody of them has it. Raises Faults."""
    return directory_of(config).load().member(address.strip().lower())


def address_of(config: Config, environ: Mapping[str, str], member: Person) -> str:
    """Return the address of the desk that is this member's own. Raises Faults."""
    desk = desk_of(config, process_of(config))
    if desk.reply_tokens is ReplyTokens.NONE:
        raise fault(
            config, "desk.reply_tokens", 'is "none", so no address can be anybody\'s own; members log in to send'
        )
    return personal_address(KeyRing(desk.domain, (key_of(config, environ),)), desk, member)


def revoke(config: Config, member: Person) -> Person:
    """Let this member's own address count no more; return them as they stand in the directory now. Raises Faults."""
    if member.address_epoch >= HIGHEST_EPOCH:
        wrong = f"was revoked {HIGHEST_EPOCH} times, which is all there is; give the desk a new key (secrets.key)"
        raise Faults([Fault(file=str(config.directory.file), key=member.address, wrong=wrong)])
    people = directory_of(config)
    people.revoke(member.address)
    found = people.load().member(member.address)
    assert found is not None, "the row was just written"
    return found
