"""Where a case goes on after a merge, and what a mail names then (`semantics.md` 14).

Everything in a mail that leads to a case that was merged leads to the one in which it goes on, with the rights that its
sender has there: the reply address of a customer who hears nothing of that one any more leads nowhere.
"""

from collections.abc import Mapping
from dataclasses import replace

from mailbot.event import Visibility
from mailbot.facts import Facts, Reported, Token
from mailbot.model import Case
from mailbot.rules.identity.alias import is_let_in

#: Stands for no action of any desk: a link of the merged case does nothing in the other, and is answered.
NO_ACTION = bytes(8)


def successor(cases: Mapping[int, Case], number: int) -> int:
    """Return the number of the case in which this one goes on, its own where it was not merged."""
    # No merge leads in a circle; a store that says so all the same does not hold us up.
    for _ in cases:
        case = cases.get(number)
        if case is None or not case.merged_into:
            break
        number = case.merged_into
    return number


def after_merges(facts: Facts, sender: str, *, admitted: bool) -> Facts:
    """Return the facts with everything that names a merged case naming the one in which it goes on.

    Numbers in the text stay as they are: commands say which case they mean.
    """
    cases, keys, found = facts.found.cases, facts.keys, facts.found
    if not any(case.merged_into for case in cases.values()):
        return facts
    tokens = tuple(led for token in keys.tokens if (led := _led(facts, token, sender, admitted=admitted)))
    tagged = tuple(_turned(cases, token) for token in keys.tagged)
    return replace(
        facts,
        keys=replace(
            keys,
            tokens=tokens,
            tagged=tagged,
            number=successor(cases, keys.number),
            bare_number=successor(cases, keys.bare_number),
        ),
        found=replace(
            found,
            by_message_id={one: successor(cases, number) for one, number in found.by_message_id.items()},
            awaited=tuple(dict.fromkeys(successor(cases, number) for number in found.awaited)),
            reported=_turned_report(cases, found.reported),
        ),
    )


def _led(facts: Facts, token: Token, sender: str, *, admitted: bool) -> Token | None:
    """Return where the token of an address leads its sender; None where it leads nowhere any more."""
    turned = _turned(facts.found.cases, token)
    inside = facts.directory.member(sender) is not None or token.visibility is Visibility.INTERNAL
    if turned is token or inside or admitted:
        return turned
    target = facts.found.cases[turned.case]
    if token.principal != facts.principal:
        # Somebody else's: it is held, and the matter of those in the case that it was made for, unless whoever wrote
        # is let in where that goes on.
        return turned if is_let_in(facts, target, sender, marked=bool(token.mark)) else token
    return turned if sender in target.participants else None


def _turned_report(cases: Mapping[int, Case], reported: Reported | None) -> Reported | None:
    if reported is None or reported.case is None:
        return reported
    return reported._replace(case=successor(cases, reported.case))


def _turned(cases: Mapping[int, Case], token: Token) -> Token:
    into = successor(cases, token.case)
    if into == token.case:
        return token
    return replace(token, case=into, mark=NO_ACTION if token.mark else b"")
