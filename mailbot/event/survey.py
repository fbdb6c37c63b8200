"""What happened to the question how satisfied a customer was."""

from dataclasses import dataclass

from mailbot.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveySent(Event):
    """The customer was asked, after a closing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswered(Event):
    """The customer answered; a later answer counts instead."""

    #: From 1 to the scale of the process; 0 where the answer has words alone.
    score: int
    #: What they wrote behind the number, may be empty.
    words: str
    sender: str
    inbox_id: int = 0
