"""May an automatic answer go to this sender now (RFC 3834), and may this notice go to its recipient?"""

from mailbot.decision import AutoSubmitted, Notice
from mailbot.event import Visibility
from mailbot.facts import ALL_HOUR, ALL_HOUR_TIMES, CASES_HOUR, Counters
from mailbot.mail import Mail
from mailbot.standing import Sent

#: Automatic answers to one sender in an hour and a day.
SENDER_HOUR, SENDER_DAY = 3, 10
#: Automatic mails to one recipient about one case in ten minutes, an hour, ten hours.
CASE_TEN_MINUTES, CASE_HOUR, CASE_TEN_HOURS = 10, 25, 100
ABOUT_CASE = Sent(CASE_TEN_MINUTES, CASE_HOUR, CASE_TEN_HOURS)
#: The same to one customer about all cases.
IN_ALL = Sent(30, 120, 360)
#: What a member must not miss, however much goes to them.
NEVER_TOO_MANY = frozenset({"assigned", "case_new", "clock_breached", "clock_warned", "consultation", "escalated"})
#: That a mail is held: anybody can make it held, as often as they write. It waits, and the daily account names it.
HELD = "held"
#: Notices an hour to somebody that another used their reply address.
OTHER_SENDER_HOUR = 1


def refusal(mail: Mail, counters: Counters, *, proven: bool) -> str:
    """Return why no mail of this kind gets an automatic answer now, "" if it may get one.

    `proven` is a sender who is who they say: they are answered also while forgers are not.
    """
    if not mail.answerable:
        return f"automatic mail is not answered ({mail.automatic or 'it asks for no answer'})"
    if mail.authentication.dmarc == "fail":
        return "the border says that the sender is forged (dmarc=fail)"
    if counters.is_flooded:
        return f"more than {CASES_HOUR} new cases in an hour"
    most = most_answers(counters)
    return "" if proven or counters.all_hour < most else _limit(most, "an hour, to all unproven senders")


def too_many(counters: Counters, *, proven: bool) -> str:
    """Return which limit of one sender has been reached, "" for none.

    `proven` is a sender who is who they say: their own case may be talked about more often.
    """
    measured: tuple[tuple[int, int, str], ...] = (
        (counters.case_ten_minutes, CASE_TEN_MINUTES, "ten minutes, about this case"),
        (counters.case_hour, CASE_HOUR, "an hour, about this case"),
        (counters.case_ten_hours, CASE_TEN_HOURS, "ten hours, about this case"),
    )
    if not proven:
        measured += (
            (counters.to_sender_hour, SENDER_HOUR, "an hour, to an unproven sender"),
            (counters.to_sender_day, SENDER_DAY, "a day, to an unproven sender"),
        )
    return next((_limit(most, per) for count, most, per in measured if count >= most), "")


def _limit(most: int, per: str) -> str:
    return f"the limit of {most} automatic mails in {per}"


def is_said(template: str, counters: Counters) -> bool:
    """Did this sender get the answer within a day, which says of each of their mails the same: that it is held?

    What answers a question, says what became of a command or asks for something is no such answer: whoever writes again
    has to know it of that mail, too.
    """
    return template in counters.told_day


def most_answers(counters: Counters) -> int:
    """Return how many answers to customers an hour may have before unproven senders get none."""
    return max(ALL_HOUR, ALL_HOUR_TIMES * counters.usual_hour)


def over(notice: Notice, about_case: Sent, in_all: Sent) -> str:
    """Return why this notice is one too many, "" if it is none; counted is what went to its recipient of late.

    A person's own words are never too many. To a member goes every answer to their own mail, and what they must not
    miss; what others do to a case they need not read more often than anybody can.
    """
    if notice.auto_submitted is AutoSubmitted.NO:
        return ""
    if notice.template == HELD:
        return f"the limit of {per}, about mail that is held" if (per := _beyond(about_case, IN_ALL)) else ""
    inside = notice.visibility is Visibility.INTERNAL
    if inside and (notice.auto_submitted is AutoSubmitted.REPLIED or notice.template in NEVER_TOO_MANY):
        return ""
    if notice.case is not None and (per := _beyond(about_case, ABOUT_CASE)):
        return f"the limit of {per}, about this case"
    return "" if inside or not (per := _beyond(in_all, IN_ALL)) else f"the limit of {per}, to one person"


def _beyond(counted: Sent, most: Sent) -> str:
    periods = ("ten minutes", "an hour", "ten hours")
    each = zip(counted, most, periods, strict=True)
    return next((f"{limit} automatic mails in {per}" for count, limit, per in each if count >= limit), "")
