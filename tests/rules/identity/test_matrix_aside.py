"""Who may look after mail that was set aside: every state of identity, of a lead and of an agent, cell by cell."""

import pytest

from tests.builders import ANNA, LEA
from tests.rules.identity.test_matrix import STATES, Action, cell, rows

#: Mail that was set aside is turned by those who lead, with what lets in a mail that is held.
BY_LEAD: dict[str, Action] = {
    "release": Action("quarantine release 3", lambda _, d: [t.is_dropped for t in d.turned] == [False], fresh=True),
    "drop": Action("quarantine drop 3: forged", lambda _, d: [t.is_dropped for t in d.turned] == [True], fresh=True),
    "look": Action(
        "quarantine", lambda _, d: any((n.to, n.template) == (LEA, "quarantine") for n in d.notices), fresh=True
    ),
}

LEADS = """
| state          | release   | drop      | look      |
| claimed        | held      | held      | held      |
| number         | held      | held      | held      |
| known id       | held      | held      | held      |
| reference      | held      | held      | held      |
| other's ref.   | held      | held      | held      |
| token          | held      | held      | held      |
| other's token  | held      | held      | held      |
| token, case 2  | held      | held      | held      |
| expired token  | held      | held      | held      |
| token, fail    | held      | held      | held      |
| verified       | held      | held      | held      |
| verif.+ref.    | held      | held      | held      |
| verif.+token   | held      | held      | held      |
| v.+other's t.  | held      | held      | held      |
| v.+t., case 2  | held      | held      | held      |
| personal       | held      | held      | held      |
| v.+personal    | yes       | yes       | yes       |
| v.+t.+Reply-To | held      | held      | held      |
| session        | yes       | yes       | yes       |
| other's sess.  | held      | held      | held      |
| sess.+Reply-To | yes       | yes       | yes       |
| signed         | yes       | yes       | yes       |
| signed, case 2 | yes       | yes       | yes       |
| signed, none   | yes       | yes       | yes       |
| no From        | held      | held      | held      |
"""


@pytest.mark.parametrize(("state", "cells"), rows(LEADS), ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_lead_may_do_with_mail_that_was_set_aside(state: str, cells: dict[str, str]):
    assert {action: cell(BY_LEAD, action, state, LEA) for action in BY_LEAD} == cells
    # An agent is refused, where a lead is not, and held where a lead is.
    assert {cell(BY_LEAD, action, state, ANNA) for action in BY_LEAD} <= {"held", "-"}


def test_every_state_has_its_row():
    assert [state for state, _ in rows(LEADS)] == list(STATES)
