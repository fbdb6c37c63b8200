"""What every part of a process file is made of: frozen, closed, explained key by key. Knows no company."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from mailbot.amount import Amount, Target, amount, target

Name = Annotated[str, Field(min_length=1, max_length=80)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,19}$")]

#: The notices that are written for a customer about a case and carry a member's words: no other may be sent by name.
CustomerNotice = Literal["answer", "estimate", "evaluated", "fixed", "question", "reminder", "status_changed", "taken"]


def _as_amount(value: object) -> object:
    return amount(str(value)) if isinstance(value, str | int | float) else value


def _as_target(value: object) -> object:
    return target(str(value)) if isinstance(value, str | int | float) else value


AmountText = Annotated[Amount, BeforeValidator(_as_amount)]
TargetText = Annotated[Target, BeforeValidator(_as_target)]


class Part(BaseModel):
    """A frozen part of the file; a key that is not in the vocabulary is a fault."""

    # The text below a field is its description in the schema, and so in docs/vocabulary.md.
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True)
