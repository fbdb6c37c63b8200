"""Automatic mail: reports and auto-replies never open a case, are never answered, change no status, start no clock.

Where they belong to a case they are attached to it; a delivery report of ours that failed is told to who works on it
(RFC 3834, RFC 3464).
"""

from mailbot.decision import Ending, MailArrived
from mailbot.event import Visibility
from mailbot.facts import Reported
from mailbot.mail import Report
from mailbot.model import Case
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import message, whole_words
from mailbot.rules.command import withhold
from mailbot.rules.identity.correlate import choose
from mailbot.rules.identity.trust import is_unproven, proofs_for
from mailbot.rules.notice import notices, standing
from mailbot.rules.notice.addressees import SILENT
from mailbot.rules.reading import privacy


def arrive(draft: Draft, cause: MailArrived, sender: str) -> bool:
    """Attach an automatic mail to its case, or ignore it with its reason.

    False: it belongs to no case, and only its words call it automatic. A person may have written them: no program may
    throw them away, nor answer them.
    """
    kind = cause.mail.automatic
    draft.hit("machine_mail", f"automatic mail: {kind}")
    if cause.mail.report is not None and _reported(draft, cause, cause.mail.report, sender):
        return True
    case = choose(cause.mail, draft.facts, draft.now).case or _returned_to(draft)
    by_words = cause.mail.by_words and draft.facts.directory.member(sender) is None
    if case is None and by_words and draft.routing.opens is not False:
        return False
    if case is None:
        draft.ignore(f"automatic mail ({kind}) that belongs to no case", sender)
        return True
    draft.case = draft.before = case
    _joined(draft, cause, sender, tell=by_words)
    return True


def _returned_to(draft: Draft) -> Case | None:
    """Return the case of the letter to whose return path it came: absence notices go there, and name nothing."""
    reported = draft.facts.found.reported
    return draft.facts.found.cases.get(reported.case or 0) if reported else None


def _joined(draft: Draft, cause: MailArrived, sender: str, *, tell: bool = False) -> bool:
    """Attach it, unless it comes in a member's name and nothing proves it: nobody is asked about an auto-reply."""
    if is_unproven(sender, draft.case, draft.facts):
        draft.case = None
        draft.ignore(f"automatic mail ({cause.mail.automatic}) in a member's name, and nothing proves it", sender)
        return False
    attach(draft, cause, sender, tell=tell)
    return True


def _reported(draft: Draft, cause: MailArrived, report: Report, sender: str) -> bool:
    """Enter a report on a notice of ours, found by its return path or Message-ID, which only we and its recipient know.

    A notice fails once: what comes again, from whomever, says nothing new and reaches nobody.
    """
    reported = draft.facts.found.reported
    if reported is None:
        return False
    if reported.case is None:
        _failed(draft, report, reported)
        draft.ignore("a report on a notice that is about no case", sender)
        return True
    case = draft.facts.found.cases.get(reported.case)
    if case is None:
        return False
    if (reported.message_id or report.original_message_id) in case.undelivered:
        draft.ignore(f"a further report on a notice that is known not to have reached {reported.to}", sender)
        return True
    draft.case = draft.before = case
    if _joined(draft, cause, sender):
        _failed(draft, report, reported)
    return True


def _failed(draft: Draft, report: Report, reported: Reported) -> None:
    """Enter that a notice did not arrive, where the report says so.

    A notice goes to one person: one entry that failed is all that can be said of it. A full mailbox is a soft failure
    and may take the next mail; this one did not arrive, and nobody tries it again (RFC 3464 section 2.3.3).
    """
    statuses = {entry.kind: entry.status for entry in reversed(report.recipients)}
    kind = "hard" if "hard" in statuses else "soft"
    if kind in statuses:
        standing.failed(
            draft,
            to=reported.to,
            status=statuses[kind],
            kind=kind,
            reason=report.reason,
            said=report.said or report.reason,
            message_id=reported.message_id or report.original_message_id,
            template=reported.template,
        )


def attach(draft: Draft, cause: MailArrived, sender: str, *, tell: bool = False) -> None:
    """Add an automatic mail to its case; who works on it hears of it (`tell`) unless plainly nobody wrote it.

    Whether its sender may write there has been asked before, as of any mail. What must not be passed on is held back.
    """
    draft.now = max(draft.now, draft.open_case.latest)
    member = draft.facts.directory.member(sender) is not None
    found = None if member else privacy.private(cause.mail, draft.process.privacy)
    words = SILENT if found else whole_words(cause)
    proofs = proofs_for(draft.case, draft.facts)
    draft.happen(message(draft, cause, words, proofs, visibility=Visibility.INTERNAL))
    draft.end(Ending.THREADED, f"automatic mail ({cause.mail.automatic}), attached to its case")
    if found:
        withhold.hold_back(draft, cause, found, sender=sender)
        withhold.tell(draft, cause, found, may_echo=False)
    elif tell:
        notices.note(draft, author=sender, words=words)
