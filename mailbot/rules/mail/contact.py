"""The contact of an organisation hears of its people's new cases, where the directory says so.

Nobody does by default. What a stranger wrote in the name of a customer is shown to nobody: it joins only what is well
proven, or what a member opened.
"""

from mailbot.event import WatchersChanged
from mailbot.rules.case.draft import MAILBOT, Draft
from mailbot.rules.notice import notify


def join(draft: Draft) -> None:
    """Let the contact of the requester's organisation hear of the case from now on, and greet them."""
    case = draft.open_case
    organisation = draft.facts.directory.organisation(case.requester)
    contact = organisation.contact if organisation and organisation.contact_hears else ""
    if contact and contact not in case.participants:
        draft.hit("contact", f"the directory names {contact} for {case.requester}")
        draft.happen(WatchersChanged(at=draft.now, watchers=(*case.watchers, contact), actor=MAILBOT))
        notify.joined(draft)
