"""A member asks the desk for cases, or says something of themselves, in a mail that answers no case; nothing else."""

from mailbot.rules.case.draft import Draft
from mailbot.rules.command import absence, receipt, words_desk, words_quarantine
from mailbot.rules.command.absence import AWAY
from mailbot.rules.command.post import Post
from mailbot.rules.command.questions import answer_question
from mailbot.rules.command.receipt import Line, line_of, lines_of
from mailbot.rules.command.words_asking import WORDS
from mailbot.rules.command.words_quarantine import QUARANTINE, is_turn
from mailbot.rules.mail.on_behalf import refuse
from mailbot.rules.notice.digest import DIGEST
from mailbot.rules.reading.word import Given
from mailbot.rules.spoken import Words
from mailbot.rules.telling import say

#: What a member says of themselves.
_OWN = {AWAY, DIGEST}
#: The words whose answer needs no case.
_ALONE = {"help", *_OWN, *WORDS, QUARANTINE}


def asks(post: Post) -> bool:
    """Do the commands need no case? `help` alone is answered elsewhere."""
    said = {given.word for given in post.reading.commands}
    return said != {"help"} and bool(said) and said <= _ALONE


def answer(draft: Draft, post: Post, words: Words) -> None:
    """Do what is said and answer each question by its own notice, or say what cannot be; words would be nobody's."""
    table, mark = {entry.word.word: entry for entry in post.entries}, draft.mark()
    ran = [(g, line_of(g.line, table[g.word].run(draft, g, post.actor))) for g in post.reading.commands]
    refused = [*lines_of(post.reading.refused), *(line for _, line in ran if not line.ok)]
    if words.text:
        said = say("these words are for nobody: your mail answers no case")
        refused.append(Line(line=words.text.partition("\n")[0], ok=False, said=said))
    if refused:
        draft.return_to(mark)
        refuse(draft, post, tuple(refused))
        return
    draft.turn_away()
    for given, _ in ran:
        if given.word not in (*_OWN, QUARANTINE):
            answer_question(draft, given, post.actor, post.cause)
    if any(words_quarantine.is_question(given) for given, _ in ran):
        words_quarantine.answer(draft, post.reading.commands, post.actor, post.cause)
    if told := [line for given, line in ran if given.word in _OWN or is_turn(given)]:
        absence.tell(draft, post.actor.address)
        receipt.send(draft, post.actor.address, post.cause, told)
    # What is looked for may be anybody's address.
    done = (given.line if given.word in _OWN or is_turn(given) else given.word for given, _ in ran)
    draft.serve("; ".join(done), post.actor.address)


def admit(draft: Draft, post: Post, number: int) -> None:
    """Let a held mail in; what comes of it is decided when it is worked on again."""
    line = post.reading.commands[0].line
    if not number:
        reason = say("answer the notice of the held mail, or write 'admit' and the mail's number")
        refuse(draft, post, (Line(line=line, ok=False, said=reason),))
        return
    draft.admitted = number
    done = Line(line=line, ok=True, said=say("mail %(held)s is let in, if it was held", held=number))
    receipt.send(draft, post.actor.address, post.cause, [done])
    draft.serve(f"mail {number} is let in", post.actor.address)


def own_address(draft: Draft, post: Post, given: Given) -> None:
    """Send a member their own address of the desk."""
    line = line_of(given.line, words_desk.own_address(draft, given, post.actor))
    if not line.ok:
        refuse(draft, post, (line,))
        return
    receipt.send(draft, post.actor.address, post.cause, [line])
    draft.serve(given.word, post.actor.address)
