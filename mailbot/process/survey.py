"""The survey of a process: whether customers are asked how satisfied they were."""

from typing import Annotated

from pydantic import AfterValidator, Field

from mailbot.amount import Amount, Unit
from mailbot.process.part import AmountText, Name, Part, one_line


class Survey(Part):
    """Asks the customer after closing how satisfied they are; a number and words by mail are the answer.

    Without the section nobody is asked.
    """

    scale: Annotated[int, Field(ge=2, le=10, strict=True)] = 5
    """The best number; the worst is 1."""
    low: Annotated[int, Field(ge=0, le=9, strict=True)] = 2
    """The assignee, and the leads of the team, hear of a number up to this; 0: of none. Below `scale`."""
    after: AmountText = Amount(1, Unit.DAYS)
    """How long after closing. Minutes and hours are plain time, not service hours."""
    reasons: tuple[Name, ...] = ()
    """The closing reasons after which it is asked; none are named: those that count as solved."""
    question: Annotated[str, Field(max_length=200), AfterValidator(one_line)] = ""
    """The question in the company's own words; empty: mailbot's, in the customer's language."""
