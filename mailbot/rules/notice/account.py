"""The account of a day's mail, for the leads: what came in, what became of it, and what waits for somebody to look."""

from mailbot.decision import AccountCame, Ending
from mailbot.people import Role
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice.addressees import in_role, to_member

#: What a mail ends as, or where it still is, in the words of the sums (`mailbot.store.tally`).
ENDS = (*(str(ending) for ending in Ending), "dropped", "waiting")


def tell(draft: Draft, cause: AccountCame) -> None:
    """Tell the leads, or the managers where there are none; a day without mail, and nothing set aside, is no news."""
    draft.hit("account", f"the account of the mail from {cause.since.isoformat()} on")
    received = cause.counts.get("received", 0)
    if not received and not cause.aside:
        return
    counts = {name: cause.counts.get(name, 0) for name in ENDS}
    aside = [{"name": name, "count": count} for name, count in sorted(cause.aside.items())]
    more = {"received": received, "missing": received - sum(counts.values()), "aside": aside, "instant": cause.until}
    for address in in_role(draft, Role.LEAD) or in_role(draft, Role.MANAGER):
        to_member(draft, "daily_account", address, data={**counts, **more})
