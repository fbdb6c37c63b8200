"""Whether a customer asks for somebody higher past the engineer concerned, in words or by a command.

One question, asked before a word of the mail is added to the case: what the team has read cannot be taken back. The
words for "past" are data, in every language that the phrases know, for customers mix them.
"""

import re

from mailbot.process import Process
from mailbot.rules.reading.phrases import Meaning, understand
from mailbot.rules.reading.tongues import names_of

_WHOM = {
    "en": r"(?:support )?(?:engineer|agent|person|technician|consultant|specialist)(?: concerned| in charge)?",
    "de": r"(?:zuständigen? |betreffenden? )?(?:support-?)?"
    r"(?:techniker|bearbeiter|sachbearbeiter|mitarbeiter|ingenieur|berater|betreuer|kollege)(?:s|n|in)?",
    "et": r"(?:klienditoe )?(?:inseneri|tehniku|töötaja|spetsialisti|konsultandi|haldur[ia])",
    "fr": r"(?:ingénieure?|technicien(?:ne)?|agente?|conseill(?:er|ère)|personne)(?: concernée?| en charge)?",
    "es": r"(?:ingenier[oa]|técnic[oa]|agente|persona|emplead[oa]|asesora?)",
}
_PAST = re.compile(
    rf"\b(?:(?:past|around|bypass(?:ing)?|over the heads? of|behind the back of|"
    r"without (?:involving|going through|telling))"
    rf" (?:(?:the|my|our|this|your) )?{_WHOM['en']}"
    rf"|over (?:the|my|our|this|your) {_WHOM['en']}[’']?s head"  # noqa: RUF001
    rf"|(?:am|an (?:de[mr]|(?:ihr|mein|unser|dies)e[mr])) {_WHOM['de']} vorbei"
    rf"|(?:über den kopf|hinter dem rücken|ohne wissen) (?:de[sr]|(?:ihr|mein|unser|dies)e[sr])"
    rf" {_WHOM['de']}(?: hinweg)?"
    rf"|{_WHOM['et']}(?:st|t)? (?:mööda|kõrval(?:t|e jättes)|selja taga|üle pea|teadmata)"
    rf"|(?:sans passer par|en contournant|par-dessus la tête d[eu]|dans le dos d[eu]|à l[’']insu d[eu])"  # noqa: RUF001
    rf" ?(?:le |la |les |l[’']|votre |notre |mon )?{_WHOM['fr']}"  # noqa: RUF001
    rf"|(?:sin pasar por|por encima del?|a espaldas del?) (?:el |la |su |mi |nuestr[oa] )?{_WHOM['es']})\b"
    r"[\s:,.;-]*",
    re.IGNORECASE,
)
#: A line that asks for it, politely or as a command, whatever else the grammar and the phrases make of it.
_CALL = re.compile(
    r"^\W*(?:(?:please|kindly|i want to|i would like to|we want to)\W+)?"
    rf"(?:{'|'.join(map(re.escape, names_of('escalate')))})\b[\s:]*",
    re.IGNORECASE | re.MULTILINE,
)
#: How much of a long text before and behind the words for "past" is read for what they belong to.
_NEAR = 600


def goes_past(process: Process, text: str) -> bool:
    """Does the text say that it is to go past the engineer, at a company that lets it?"""
    return _may(process) and _PAST.search(text) is not None


def is_asked(process: Process, text: str) -> bool:
    """Does a customer's text ask for somebody higher past the engineer? In doubt it does, unread by the team."""
    found = _PAST.search(text) if _may(process) else None
    if found is None:
        return False
    if _CALL.search(text):
        return True
    before, behind = text[max(0, found.start() - _NEAR) : found.start()], text[found.end() : found.end() + _NEAR]
    # Apart too, for "without going through the engineer" reads like a negation of what stands before it.
    return any(_escalates(process, one) for one in (text, before + found[0] + behind, before, behind))


def reason_of(process: Process, text: str) -> str:
    """Return the complaint, in one line, without the words that only say which way it is to go."""
    reason = " ".join(_CALL.sub("", text, count=1).split())
    found = _PAST.search(reason) if _may(process) else None
    return reason[found.end() :] if found and found.start() <= len("go ") else reason


def _escalates(process: Process, text: str) -> bool:
    says = understand(text, process)
    return Meaning.ESCALATION in (says.meaning, says.seems)


def _may(process: Process) -> bool:
    return process.escalation is not None and process.escalation.past_engineer
