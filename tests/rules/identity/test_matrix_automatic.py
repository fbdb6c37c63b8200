"""What becomes of automatic mail: every state of identity against every kind, with the states of `test_matrix`.

Anybody can write the fields that make a mail a list's, a program's or an absence notice; they take nothing from what is
asked of its sender.
"""

import pytest

from mailbot.mail import Automatic
from tests.builders import ANNA, CUSTOMER
from tests.rules.identity.test_matrix import BOSS, BY_CUSTOMER, STATES, cell, rows
from tests.rules.identity.test_matrix import MEMBERS as BY_HAND

#: What is automatic: a program's or a list's mail may hold something new, a reply never does.
KINDS: dict[str, tuple[Automatic, ...]] = {
    "program": (Automatic.LIST, Automatic.MONITORING),
    "reply": tuple(kind for kind in Automatic if kind not in (Automatic.LIST, Automatic.MONITORING, Automatic.OWN)),
}
#: `yes`: a word of it stands in the case at hand. `case 2`: in that one. `-`: it changes nothing, and nobody hears.
CUSTOMERS = """
| state          | program   | reply     |
| claimed        | new       | -         |
| number         | new       | -         |
| known id       | new       | -         |
| reference      | yes       | yes       |
| other's ref.   | new       | -         |
| token          | yes       | yes       |
| other's token  | held      | -         |
| token, case 2  | new       | -         |
| expired token  | new       | -         |
| token, fail    | yes       | yes       |
| verified       | yes       | yes       |
| verif.+ref.    | yes       | yes       |
| verif.+token   | yes       | yes       |
| v.+other's t.  | held      | -         |
| v.+t., case 2  | new       | -         |
| personal       | yes       | yes       |
| v.+personal    | yes       | yes       |
| v.+t.+Reply-To | yes       | yes       |
| session        | yes       | yes       |
| other's sess.  | new       | -         |
| sess.+Reply-To | yes       | yes       |
| signed         | yes       | yes       |
| signed, case 2 | new       | -         |
| signed, none   | new       | -         |
| no From        | new       | -         |
"""
CONTACTS = """
| state          | program   | reply     |
| claimed        | new       | -         |
| number         | new       | -         |
| known id       | new       | -         |
| reference      | new       | -         |
| other's ref.   | new       | -         |
| token          | new       | -         |
| other's token  | held      | -         |
| token, case 2  | new       | -         |
| expired token  | new       | -         |
| token, fail    | new       | -         |
| verified       | yes       | yes       |
| verif.+ref.    | yes       | yes       |
| verif.+token   | yes       | yes       |
| v.+other's t.  | yes       | -         |
| v.+t., case 2  | new       | -         |
| personal       | new       | -         |
| v.+personal    | yes       | yes       |
| v.+t.+Reply-To | yes       | yes       |
| session        | yes       | yes       |
| other's sess.  | new       | -         |
| sess.+Reply-To | yes       | yes       |
| signed         | yes       | yes       |
| signed, case 2 | new       | -         |
| signed, none   | new       | -         |
| no From        | new       | -         |
"""
#: A member's may do no more than what they write with their own hand (`test_matrix`).
MEMBERS = """
| state          | program   | reply     |
| claimed        | held      | -         |
| number         | held      | -         |
| known id       | held      | -         |
| reference      | held      | -         |
| other's ref.   | held      | -         |
| token          | held      | -         |
| other's token  | held      | -         |
| token, case 2  | held      | -         |
| expired token  | held      | -         |
| token, fail    | held      | -         |
| verified       | held      | -         |
| verif.+ref.    | held      | -         |
| verif.+token   | yes       | yes       |
| v.+other's t.  | held      | -         |
| v.+t., case 2  | case 2    | case 2    |
| personal       | held      | -         |
| v.+personal    | yes       | yes       |
| v.+t.+Reply-To | held      | -         |
| session        | yes       | yes       |
| other's sess.  | held      | -         |
| sess.+Reply-To | yes       | yes       |
| signed         | yes       | yes       |
| signed, case 2 | held      | -         |
| signed, none   | held      | -         |
| no From        | held      | -         |
"""


def automatic(state: str, sender: str) -> dict[str, str]:
    """What becomes of somebody's automatic mail about case 1, of whatever kind: alike for all of one column."""
    found = {
        name: {cell(BY_CUSTOMER, "text", state, sender, kind=kind) for kind in kinds} for name, kinds in KINDS.items()
    }
    return {name: " or ".join(sorted(cells)) for name, cells in found.items()}


@pytest.mark.parametrize(
    ("sender", "state", "cells"),
    [
        pytest.param(sender, state, cells, id=f"{state}, {sender}")
        for sender, text in (
            (CUSTOMER, CUSTOMERS),
            (BOSS, CONTACTS),
            (ANNA, MEMBERS),
        )
        for state, cells in rows(text)
    ],
)
def test_no_kind_of_automatic_mail_goes_round_what_is_asked_of_its_sender(
    sender: str, state: str, cells: dict[str, str]
):
    assert automatic(state, sender) == cells


def test_a_members_automatic_mail_joins_a_case_only_where_their_own_words_would():
    by_hand = {state for state, cells in rows(BY_HAND) if cells["note"] in ("yes", "case 2")}
    for kind in KINDS:
        assert {state for state, cells in rows(MEMBERS) if cells[kind] in ("yes", "case 2")} == by_hand


@pytest.mark.parametrize("text", [CUSTOMERS, CONTACTS, MEMBERS])
def test_every_state_has_its_row(text: str):
    assert [state for state, _ in rows(text)] == list(STATES)
