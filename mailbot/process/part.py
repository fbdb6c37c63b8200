"""What every part of a process file is made of: frozen, closed, explained key by key. Knows no company."""

import inspect
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, Strict

from mailbot.amount import Amount, Target, amount, target

#: What the reader enters by itself, and no file has.
ENTERED = ("version", "learnt")


def one_line(text: str) -> str:
    """Refuse what nobody could write in a mail as it stands here. Raises ValueError."""
    if text and not text.strip():
        raise ValueError("must not be empty, and has nothing but blanks")
    if text != text.strip() or "  " in text:
        raise ValueError("must have no blank at its ends and no two in a row; remove them")
    if not text.isprintable():
        raise ValueError("must be one line of plain text; remove the line break, tab or other sign that is not seen")
    return text


Name = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(one_line)]
#: The same where "" means that there is none.
MaybeName = Annotated[str, Field(max_length=80), AfterValidator(one_line)]
#: Yes or no: text in quotes is neither.
Flag = Annotated[bool, Strict()]
#: A number: text in quotes is none.
Share = Annotated[float, Strict()]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,19}$")]

#: The notices that are written for a customer about a case and carry a member's words: no other may be sent by name.
CustomerNotice = Literal["answer", "estimate", "evaluated", "fixed", "question", "reminder", "status_changed", "taken"]


def _as_amount(value: object) -> object:
    return value if isinstance(value, Amount) else amount(_written(value))


def _as_target(value: object) -> object:
    return value if isinstance(value, Target) else target(_written(value))


def _written(value: object) -> str:
    """Return an amount as it was written; a bare number is read to be refused with its missing unit."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("must be text in quotes, such as '4 hours'")


# Dumped as they are written, so that a dumped process can be read again.
AmountText = Annotated[Amount, BeforeValidator(_as_amount), PlainSerializer(str)]
TargetText = Annotated[Target, BeforeValidator(_as_target), PlainSerializer(str)]


@dataclass(frozen=True, slots=True)
class KeyedBy:
    """Says beside a type what the keys of its table are, for the reference."""

    what: str


class Part(BaseModel):
    """A frozen part of the file; a key that is not in the vocabulary is a fault."""

    # The text below a field is its description in the schema, and so in docs/vocabulary.md.
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True)


def part_of(annotation: Any) -> type[Part] | None:
    """Return the part that a field holds, or holds several of; None for a plain value."""
    if inspect.isclass(annotation) and not get_origin(annotation):
        return annotation if issubclass(annotation, Part) else None
    return next((part for inner in get_args(annotation) if (part := part_of(inner)) is not None), None)
