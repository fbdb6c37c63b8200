"""The satisfaction survey: asked once after a closing, answered by a number and words in one mail.

An answer reopens nothing, whatever it says: whoever wants the case taken up again writes `reopen`, and is told so.
Nobody is asked who was never proven, whose mail came back, or who is a program.
"""

import re
from collections.abc import Iterator, Mapping

from mailbot.decision import AutoSubmitted, Ending, MailArrived, Notice
from mailbot.event import Kind, SurveyAnswered, SurveySent, Visibility
from mailbot.model import Case, Deadline
from mailbot.people import Desk, Proof, Role
from mailbot.process import Process
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import message, names_of, words_of
from mailbot.rules.command import withhold
from mailbot.rules.counting.hours import later, service_hours
from mailbot.rules.mail.customer_mail import read_customer
from mailbot.rules.notice import notify, unanswered
from mailbot.rules.notice.addressees import SILENT, to_member, workers
from mailbot.rules.reading import confidence, privacy
from mailbot.rules.reading.phrases import Meaning, meaning
from mailbot.rules.spoken import Words

SURVEY = "survey"
#: `5`, `5/5`, `4 of 5`, `4 - fine`, `5, great`: never `2.5`, `10:30` or `3rd`.
_SCORE = re.compile(
    r"[\s*_\"']*(\d{1,2})(?![\w:]|[.,]\d)(?:\s*(?:/|of|out of)\s*\d{1,2}(?!\d))?[*_\"']*[\s.,;:!\u2013-]*"
)
#: So many words beside a number say how it is meant (`4, quick and kind`), unless they object.
COMMENT = 3
_NO_OBJECTION = (Meaning.THANKS, Meaning.COURTESY, Meaning.ALL_CLEAR, Meaning.CLOSE, Meaning.PROMISE)


def deadlines(case: Case, process: Process, desk: Desk) -> Iterator[Deadline]:
    """Yield when the customer is asked, for a closing after which they are."""
    survey = process.survey
    if survey is None or case.kind is not Kind.CLOSED or case.closed is None or is_pending(case):
        return
    wanted = case.reason in survey.reasons if survey.reasons else case.solved
    if wanted and case.requester_proven and case.requester not in case.unreachable:
        due = later(case.closed, survey.after, service_hours(process, desk))
        yield Deadline(case=case.number, rule=SURVEY, cycle=case.closed.isoformat(), due=due)


def ask(draft: Draft) -> None:
    """Ask the requester how satisfied they were."""
    survey, case = draft.process.survey, draft.open_case
    assert survey is not None, "a deadline that does not stand is not fired"
    draft.happen(SurveySent(at=draft.now))
    _tell(draft, SURVEY, case, data={"scale": survey.scale, "question": survey.question})


def is_pending(case: Case) -> bool:
    """Was the customer asked after the present closing?"""
    return case.closed is not None and case.surveyed_at is not None and case.surveyed_at >= case.closed


def is_answer(draft: Draft, cause: MailArrived, sender: str) -> bool:
    """Does the mail answer the survey? One that does not name it must have the number alone on its first line."""
    case, survey = draft.case, draft.process.survey
    if survey is None or case is None or not is_pending(case) or sender != case.requester:
        return False
    reading = read_customer(draft, cause)
    if reading.commands or reading.refused or confidence.is_asked(draft.process, cause.mail.new_text):
        return False
    first = cause.mail.new_text.strip().partition("\n")[0]
    score, rest = score_of(first, survey.scale)
    return draft.facts.answers_survey or (score > 0 and not rest)


def answer(draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof]) -> None:
    """Write the answer down, thank once, and let those hear who should."""
    survey, case = draft.process.survey, draft.open_case
    assert survey is not None, "only what was asked is answered"
    score, rest = score_of(cause.mail.new_text, survey.scale)
    low, added = 0 < score <= survey.low, words_of(cause, rest)
    if found := privacy.private(cause.mail, draft.process.privacy):
        _withheld(draft, cause, proofs, found=found, score=score)
        added = SILENT
    else:
        draft.happen(SurveyAnswered(at=draft.now, score=score, words=rest, sender=sender, inbox_id=cause.inbox_id))
        draft.end(Ending.THREADED, f"the customer answered the survey: {score or 'words alone'}")
        # What stands beside a low number is shown with it.
        speaks = not low and _speaks(meaning(rest, draft.process, names_of(draft, cause)), rest, score)
        if added.carried or (rest and not score) or speaks:
            draft.happen(message(draft, cause, added, proofs))
        if case.survey_answers == 0 and not unanswered.refusal(draft, cause.mail, proven=True):
            data = {"score": score, "scale": survey.scale, "told": speaks or low}
            _tell(draft, "survey_thanks", case, data=data, in_reply_to=cause.mail.message_id)
        if speaks:
            notify.of_case(draft, actor=sender, words=added)
    if low:
        _tell_of_low(draft, sender, score, added)


def _speaks(says: Meaning, rest: str, score: int) -> bool:
    """Is there something in the words that somebody must read?"""
    comment = says is Meaning.OTHER and score and len(rest.split()) <= COMMENT
    return says not in _NO_OBJECTION and not comment


def _withheld(
    draft: Draft, cause: MailArrived, proofs: frozenset[Proof], *, found: privacy.Private, score: int
) -> None:
    """Hold the answer's words back as those of any mail; its number counts."""
    sender = draft.open_case.requester
    draft.happen(SurveyAnswered(at=draft.now, score=score, words="", sender=sender, inbox_id=cause.inbox_id))
    draft.happen(message(draft, cause, SILENT, proofs))
    withhold.hold_back(draft, cause, found, sender=sender)
    draft.end(Ending.THREADED, "the customer answered the survey; its content is held back")
    withhold.tell(draft, cause, found, may_echo=True)


def _tell_of_low(draft: Draft, sender: str, score: int, words: Words) -> None:
    """Let those who worked on the case, and the leads, hear of a low number."""
    survey = draft.process.survey
    assert survey is not None, "only what was asked is answered"
    for address in dict.fromkeys((*workers(draft), *_leads(draft))):
        data = {"score": score, "scale": survey.scale}
        to_member(draft, "survey_low", address, words=words, author=sender, data=data)


def score_of(text: str, scale: int) -> tuple[int, str]:
    """Return the number with which a text begins, and the words behind it; 0 and the text where it begins with none."""
    found = _SCORE.match(text)
    if found is None or not 1 <= int(found[1]) <= scale:
        return 0, text.strip()
    return int(found[1]), text[found.end() :].strip()


def _leads(draft: Draft) -> tuple[str, ...]:
    """Return the leads of the process's team."""
    return tuple(p.address for p in draft.facts.directory.team(draft.process.team) if p.role == Role.LEAD)


def _tell(draft: Draft, template: str, case: Case, *, data: Mapping[str, object], in_reply_to: str = "") -> None:
    """Write to the requester alone: a watcher was not helped."""
    auto = AutoSubmitted.REPLIED if in_reply_to else AutoSubmitted.GENERATED
    draft.tell(
        Notice(
            at=draft.now,
            template=template,
            to=case.requester,
            case=case.number,
            visibility=Visibility.PUBLIC,
            auto_submitted=auto,
            in_reply_to=in_reply_to,
            data=data,
        )
    )
