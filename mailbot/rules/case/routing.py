"""What the filters that fit a mail want of it and of its case, together (`rules.mail.filters`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Empty where no filter fits: everything as the process says."""

    team: str = ""
    tags: tuple[str, ...] = ()
    type: str = ""
    priority: str = ""
    #: May automatic mail open a case? None where no filter says so.
    opens: bool | None = None
    #: Is its sender told that the desk has it? None where no filter says so.
    answered: bool | None = None
    #: What becomes of the mail instead of a case: `hold`, `refuse`, `ignore`, or "".
    then: str = ""
    #: The filter that wants that.
    ended_by: str = ""


#: No filter fits.
UNROUTED = Routing()
