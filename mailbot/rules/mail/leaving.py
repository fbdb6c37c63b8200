"""What of a member's mail may leave for the customer: no line of an internal notice or note (`semantics.md` 20).

A receipt gives its author their own text back, and a receipt is an internal notice too: those lines stay the author's
own. But what was internal before they wrote it does not become their own by being given back.
"""

from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import names_of
from mailbot.rules.command.commands import refuse
from mailbot.rules.command.post import Post
from mailbot.rules.command.receipt import Line
from mailbot.rules.command.words_member import refused_text
from mailbot.rules.mail import trial
from mailbot.rules.reading import outgoing
from mailbot.rules.reading.phrases import is_courtesy, normalised
from mailbot.rules.spoken import Words
from mailbot.rules.telling import say
from mailbot.sentence import Reason

#: The words whose text the customer reads in a notice, as a reason or as the subject.
TELLING_WORDS = ("close", "reopen", "subject")
_COURTESY = say("a greeting or a sign-off alone is no message, so it went to nobody")


def refusal(draft: Draft, post: Post, words: Words, *, internal: bool) -> Reason:
    """Say why the words may not go out, "" if they may (`semantics.md` 20)."""
    mail = post.cause.mail
    if post.cause.admitted:
        return ""
    if not post.text and not mail.attachments and mail.text and not post.cause.clicked:
        return say("no words of yours stand above the line; what stands below it, or is quoted, is not sent")
    if told := _told_behind_a_word(draft, post):
        return say("a line of an internal notice stands in it: %(line)s", line=repr(told[:80]))
    if internal or not words:
        return ""
    if name := next((one.name or one.type for one in mail.attachments if one.ours), ""):
        return say("a notice of ours is attached to it (%(name)s)", name=name)
    secrets = draft.facts.internal_lines - _own_lines(draft, post)
    line = outgoing.surviving(_plain(draft, post, words.text), secrets)
    line = line or outgoing.half_quoted(mail.new_text, secrets)
    line = line or outgoing.header_line(words.text, draft.facts.desk.tag)
    return say("a line of an internal notice stands in it: %(line)s", line=repr(line[:80])) if line else ""


def _told_behind_a_word(draft: Draft, post: Post) -> str:
    """Return the text behind a word that tells it to the customer, where a whole internal line stands in it; else "".

    A part of a line does not count here: a receipt repeats the text, and its word is written again.
    """
    secrets = draft.facts.internal_lines - _own_lines(draft, post)
    texts = (given.argument for given in post.reading.commands if given.word in TELLING_WORDS)
    return next((text for text in texts if any(f" {line} " in f" {normalised(text)} " for line in secrets)), "")


def own_text(draft: Draft, post: Post) -> str:
    """Return the text of a mail without the lines that were internal before it: what is its author's own."""
    secrets = draft.facts.internal_lines - _own_lines(draft, post)
    return "\n".join(line for line in post.text.split("\n") if normalised(line) not in secrets)


def kept(draft: Draft, post: Post, *, internal: bool) -> str | None:
    """Return what `send as is` may let go of a refused mail (`Post.kept`): nothing where a line was internal before."""
    text = post.kept(internal=internal)
    secrets = draft.facts.internal_lines - _own_lines(draft, post)
    commands = {given.line.strip() for given in post.reading.commands}
    rest = "\n".join(line for line in (text or "").split("\n") if line.strip() not in commands)
    return "" if outgoing.surviving(_plain(draft, post, rest), secrets) else text


def nothing(draft: Draft, post: Post, *, internal: bool) -> tuple[Line, ...]:
    """Refuse a mail that reads as a greeting or sign-off alone; `send as is` lets it go all the same."""
    line = Line(line=post.reading.words.strip().partition("\n")[0], ok=False, said=_COURTESY)
    refuse(draft, (line,), post.actor, kept(draft, post, internal=internal))
    return (line,)


def _own_lines(draft: Draft, post: Post) -> frozenset[str]:
    """Return the lines that a receipt gave back to its author, or that they were asked about."""
    inside = {one.inbox_id for case in draft.facts.found.cases.values() for one in case.parked if one.internal}
    waiting = [mail for number, mail in draft.facts.parked.items() if number not in inside]
    return outgoing.telling_lines(
        [
            refused_text(draft, post.actor),
            trial.tried_text(draft, post.actor),
            *(outgoing.above_marker(mail.new_text, mail.text) for mail in waiting),
        ]
    )


def _plain(draft: Draft, post: Post, text: str) -> str:
    """Return the text without greetings and sign-offs: they are nobody's secret."""
    names = names_of(draft, post.cause)
    return "\n".join(line for line in text.split("\n") if not is_courtesy(line, draft.process, names))
