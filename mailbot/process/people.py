"""Who a process calls beside the team, and whom it serves: escalation, consultation, contracts."""

from pydantic import Field

from mailbot.amount import Amount, Unit
from mailbot.process.part import AmountText, Flag, Name, Part


class Level(Part):
    """One step of the escalation path."""

    title: Name
    """As people call it, such as Chief Operating Officer."""
    role: Name
    """The role in the directory that stands for it; not `customer`."""


class Escalation(Part):
    """How a customer calls somebody higher."""

    address: str = ""
    """The local part of an address of its own, such as `escalations`; mail to it escalates. Empty: there is none."""
    path: tuple[Level, ...] = Field(alias="level", min_length=1)
    """The levels in order; each escalation goes one up."""
    raises_to: str = ""
    """The priority that an escalation sets, where that is higher; empty: it changes none."""
    past_engineer: Flag = False
    """May a customer ask to go past the engineer concerned? The complaint is then not shown to the team."""


class Entitlement(Part):
    """Whether customers need a contract."""

    contract: Flag = False
    """Is mail from a sender without a valid contract held?"""
    warn_before: AmountText = Amount(30, Unit.DAYS)
    """How long before its end the team is told of a contract that ends, of a customer with an open case. Minutes and
    hours are plain time, not service hours."""


class Consultation(Part):
    """Teams that members may ask for advice, inside the case."""

    name: Name
    """As members write it behind `consult`."""
    role: Name
    """The role in the directory of the people who are asked; not `customer`."""
