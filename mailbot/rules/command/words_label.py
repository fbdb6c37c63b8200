"""What members call a case: its subject, and the team's own tags."""

import re
from collections.abc import Iterator

from mailbot.event import SubjectChanged, TagsChanged
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say

_TAG = re.compile(r"[\w][\w.-]{0,29}")
#: Tags of one case, and characters of a subject.
MOST_TAGS, LONGEST_SUBJECT = 20, 150


def entries() -> Iterator[Entry]:
    """Yield the words that name a case."""
    yield Entry(
        word=Word(word="subject", takes=Takes.TEXT),
        usage="subject: TEXT",
        help=say("Give the case another subject."),
        group=Group.CASE,
        example="subject: Printer on floor 2 burns",
        run=subject,
    )
    yield Entry(
        word=Word(word="tag", takes=Takes.TEXT),
        usage="tag: WORD, tag: -WORD",
        help=say("Add words of the team's own to the case; a minus takes one away."),
        group=Group.CASE,
        example="tag: printer, floor-2",
        run=tag,
    )


def subject(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Give the case another subject; mails from now on have it."""
    old, new = draft.open_case.subject, " ".join(given.argument.split())
    if not new:
        return No(reason=say("write the new subject behind a colon: 'subject: TEXT'"))
    if len(new) > LONGEST_SUBJECT:
        return No(reason=say("a subject has %(longest_subject)s characters at most", longest_subject=LONGEST_SUBJECT))
    if new == old:
        return Said(said=say("that is the subject already"))
    draft.happen(SubjectChanged(at=draft.now, old=old, new=new, actor=actor.address))
    return Said(
        said=say("the subject is '%(new)s', it was '%(old)s'", new=new, old=old), undo=f"subject: {old}" if old else ""
    )


def tag(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Add tags, and take those away that have a minus before them; tags have no upper case."""
    asked = given.argument.lower().replace(",", " ").split()
    if not asked:
        return No(reason=say("write the tags behind a colon: 'tag: printer, floor-2'; 'tag: -printer' takes one away"))
    if wrong := [one for one in asked if not _TAG.fullmatch(one.removeprefix("-"))]:
        return No(reason=say("'%(what)s' is no tag: letters, digits, '-', '_' and '.', 30 at most", what=wrong[0]))
    before = draft.open_case.tags
    away = {one[1:] for one in asked if one.startswith("-")}
    added = (one for one in asked if not one.startswith("-"))
    tags = tuple(one for one in dict.fromkeys((*before, *added)) if one not in away)
    if len(tags) > MOST_TAGS:
        return No(reason=say("a case has %(most_tags)s tags at most", most_tags=MOST_TAGS))
    if tags == before:
        return Said(said=say("the tags are as they were: %(what)s", what=_shown(before)))
    draft.happen(TagsChanged(at=draft.now, tags=tags, actor=actor.address))
    back = [*(f"-{one}" for one in tags if one not in before), *(one for one in before if one not in tags)]
    return Said(said=say("the tags are %(what)s", what=_shown(tags)), undo=f"tag: {', '.join(back)}")


def _shown(tags: tuple[str, ...]) -> str:
    return ", ".join(tags) or say("none")
