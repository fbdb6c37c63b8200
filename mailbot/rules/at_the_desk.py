"""A member asks the desk for cases in a mail that answers none: `list`, `search`, `show`, and nothing else."""

from mailbot.rules.draft import Draft
from mailbot.rules.on_behalf import refuse
from mailbot.rules.post import Post
from mailbot.rules.receipt import Line, answer_question, line_of, lines_of
from mailbot.rules.spoken import Words
from mailbot.rules.words_asking import WORDS

#: The words whose answer needs no case.
_ALONE = {"help", *WORDS}


def asks(post: Post) -> bool:
    """Do the commands want answers that need no case, one of them about cases, and nothing else?"""
    said = {given.word for given in post.reading.commands}
    return not said.isdisjoint(WORDS) and said <= _ALONE


def answer(draft: Draft, post: Post, words: Words) -> None:
    """Answer each question by its own notice, or say what cannot be; words would be nobody's."""
    table = {entry.word.word: entry for entry in post.entries}
    outcomes = (line_of(g.line, table[g.word].run(draft, g, post.actor)) for g in post.reading.commands)
    refused = [*lines_of(post.reading.refused), *(line for line in outcomes if not line.ok)]
    if words.text:
        said = "these words are for nobody: your mail answers no case"
        refused.append(Line(line=words.text.partition("\n")[0], ok=False, said=said))
    if refused:
        refuse(draft, post, tuple(refused))
        return
    for given in post.reading.commands:
        answer_question(draft, given, post.actor, post.cause)
    draft.ignore("a mail that only asks makes no case", post.actor.address)
