"""A mail came to the address of one action: it runs exactly that, once, and is answered.

What the links of our notices write into the mail stands between our marks and is nobody's words; what its sender added
goes along. Which word it is, whose and on which case, the address says, never the subject or the text.
"""

import re
from dataclasses import replace

from mailbot.decision import MailArrived
from mailbot.mail import Mail
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.place import shown
from mailbot.rules.command import receipt
from mailbot.rules.command.actions import done_already, meant
from mailbot.rules.command.receipt import Line
from mailbot.rules.notice import unanswered
from mailbot.rules.reading.word import Given, Reading, Refused
from mailbot.rules.spoken import Actor
from mailbot.rules.telling import say

#: What a link writes into the mail, between our marks.
_PREFILLED = re.compile(r"##-.*?-##|##-.*", re.DOTALL)
_SIGNATURE = re.compile(r"^-- ?$.*", re.DOTALL | re.MULTILINE)
EXPIRED = say("this link has expired; answer a newer mail of ours, or write to us anew")


def own_words(mail: Mail, *, member: bool) -> str:
    """Return what the sender wrote beside the text of the link; of a member only what stands above it leaves."""
    if mail.new_text or member:
        return mail.new_text
    return _SIGNATURE.sub("", _PREFILLED.sub("", mail.text)).strip()


def resolve(draft: Draft, cause: MailArrived, actor: Actor, stamp: bytes) -> MailArrived | None:
    """Return the mail with its word on top; None where there is nothing to do but to answer, which is done."""
    case = draft.open_case
    words = own_words(cause.mail, member=actor.member)
    found = meant(stamp, draft.process, draft.facts.directory, case, member=actor.member)
    now = {"case": draft.facts.desk.reference(case.number), "status": shown(case.status, case.cause)}
    if not found.word:
        said = say("the word that it stood for is no more; %(case)s is %(status)s", **now)
        line = Line(line="a link of ours", ok=False, said=said)
    elif done_already(draft.process, case, found.word, actor):
        said = say("that is done already, so nothing has changed; %(case)s is %(status)s", **now)
        line = Line(line=found.word, ok=True, said=said)
    elif found.stale:
        said = say("the case has moved on since that mail: %(case)s is %(status)s; please use our latest one", **now)
        line = Line(line=found.word, ok=False, said=said)
    else:
        text = f"{found.word}\n\n{words}"
        draft.hit("click", f"the address stands for '{found.word}'")
        return replace(cause, clicked=found.word, mail=replace(cause.mail, new_text=text, text=text))
    answer(draft, cause, actor, line, words)
    draft.hit("click", line.said)
    if words and not actor.member:
        return replace(cause, mail=replace(cause.mail, new_text=words, text=words))
    draft.ignore(f"a link that does nothing now: {line.said}", actor.address)
    return None


def answer(draft: Draft, cause: MailArrived, actor: Actor, line: Line, words: str = "") -> None:
    """Say what became of a click, within the limits of automatic answers; a member gets unsent words back."""
    if refusal := unanswered.refusal(draft, cause.mail, proven=True):
        draft.hit("limits", f"no answer: {refusal}")
        return
    text = words if actor.member else ""
    receipt.send(draft, actor.address, cause, [line], text=text, more={"clicked": True})


def words_beside(cause: MailArrived) -> str:
    """Return what stands below the word of the address."""
    return cause.mail.new_text.partition("\n")[2].strip()


def reading(cause: MailArrived, beside: Reading, *, member: bool) -> Reading:
    """Read the mail: the word of its address, and words. Another command beside it is refused to a member.

    What looks like one in a customer's text is text: nothing that they write is lost.
    """
    word = cause.clicked
    words = words_beside(cause)
    given = (Given(word=word, argument="", line=word),)
    same = all(one.word == word and not one.argument for one in beside.commands)
    if same and not beside.refused:
        return Reading(commands=given, words=beside.words)
    if not member:
        return Reading(commands=given, words=words)
    why = say("this address does '%(word)s' and nothing else; write other commands in an answer to our mail", word=word)
    refused = tuple(Refused(line=line, reason=why) for line in beside.lines)
    return Reading(commands=given, refused=refused, words=beside.words)
