"""A mail that gets no automatic answer, and why; who leads hears where it is because its sender had too many.

Two programs that answer each other fall silent there, and somebody has to know that it was not a person.
"""

from mailbot.mail import Mail
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice import alarms, limits
from mailbot.rules.telling import say


def refusal(draft: Draft, mail: Mail, *, proven: bool) -> str:
    """Return why this mail gets no automatic answer, "" if it may get one; `proven` as in `limits`."""
    counters = draft.facts.counters
    if why := limits.refusal(mail, counters, proven=proven):
        return why
    why = limits.too_many(counters, proven=proven)
    if why:
        who = mail.from_.address if mail.from_ else "nobody"
        said = say("a notice to %(who)s was not made: %(why)s", who=who, why=why)
        alarms.call(draft, alarms.NOTICES, said)
    return why
