"""What `help` teaches by example is no secret of the team: a member may pass it on; whom an example names stays."""

from typing import Any

import pytest

from mailbot.decision import Decision, Ending
from mailbot.rules.command.help import help_data
from tests.builders import ANNA, CUSTOMER, a_directory, a_draft, modera
from tests.rules.desk_in_memory import Life, Memory


def the_help() -> str:
    """What a member got when they asked for help in answer to the case."""
    data: Any = help_data(a_draft(), "", member=True)
    rows = [row for group in data["groups"] for row in group["commands"]]
    return "\n".join(f"  {row['usage']}\n      {row['example']}" for row in rows)


class Helped(Memory):
    def internal_texts(self, case: int) -> list[str]:
        return [*super().internal_texts(case), the_help()]


@pytest.fixture
def life() -> Life:
    life = Life(modera(), a_directory(), store=Helped())
    life.write(CUSTOMER, "The printer is on fire.", None, proven=True)
    return life


def answer(life: Life, said: str) -> Decision:
    """Anna answers the customer."""
    shown = next(notice for notice in life.notices if notice.to == ANNA)
    return life.write(ANNA, said, shown, proven=True)


@pytest.mark.parametrize(
    "line",
    [
        "close: the customer withdrew it",
        "cc add colleague@customer.example",
        "reopen: the customer called, it is back",
        "note: he is on holiday next week",
        "You may write us: for jane@customer.example",
    ],
)
def test_an_example_may_stand_in_an_answer(life: Life, line: str):
    assert line.rpartition("us: ")[2] in the_help()
    decision = answer(life, f"Dear Mari,\nif I were you I would write\n{line}\nto us.")
    assert (decision.ending, decision.reason) == (Ending.THREADED, "a member's mail did its work")


def test_an_example_that_names_a_colleague_may_not(life: Life):
    example = next(line.strip() for line in the_help().split("\n") if line.strip().startswith("handover anna"))
    decision = answer(life, f"Dear Mari,\nwe do it like this:\n{example}\nRegards")
    assert decision.ending is Ending.HELD
    assert example in decision.reason
