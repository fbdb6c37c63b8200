"""May an automatic answer go to this sender now (RFC 3834)?"""

from mailbot.facts import Counters
from mailbot.mail import Mail

#: Automatic answers to one sender in an hour and a day.
SENDER_HOUR, SENDER_DAY = 3, 10
#: Automatic mails to one recipient about one case in ten minutes, an hour, ten hours.
CASE_TEN_MINUTES, CASE_HOUR, CASE_TEN_HOURS = 10, 25, 100
#: Acknowledgements to anybody in an hour, before they stop and the operator is called.
ALL_HOUR = 300
#: Notices a day to a member that somebody wrote in their name.
UNPROVEN_DAY = 1
#: Notices an hour to somebody that another used their reply address.
OTHER_SENDER_HOUR = 1


def refusal(mail: Mail, counters: Counters, *, proven: bool) -> str:
    """Return why this mail gets no automatic answer, "" if it may get one.

    `proven` is a sender who is who they say: their own case may be talked about more often.
    """
    if not mail.answerable:
        return f"automatic mail is not answered ({mail.automatic or 'it asks for no answer'})"
    if mail.authentication.dmarc == "fail":
        return "the border says that the sender is forged (dmarc=fail)"
    measured: tuple[tuple[int, int, str], ...] = (
        (counters.case_ten_minutes, CASE_TEN_MINUTES, "ten minutes, about this case"),
        (counters.case_hour, CASE_HOUR, "an hour, about this case"),
        (counters.case_ten_hours, CASE_TEN_HOURS, "ten hours, about this case"),
    )
    if not proven:
        measured += (
            (counters.to_sender_hour, SENDER_HOUR, "an hour, to an unproven sender"),
            (counters.to_sender_day, SENDER_DAY, "a day, to an unproven sender"),
            (counters.all_hour, ALL_HOUR, "an hour, to all unproven senders"),
        )
    return next((f"the limit of {most} automatic mails in {per}" for count, most, per in measured if count >= most), "")
