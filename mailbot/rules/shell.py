"""Words from the shell: the grammar and the rights of the mails (`contract.md`, `do`).

The transcript is the decision's reason, line by line; nobody is held up for proof, since the operator is the proof.
"""

from dataclasses import replace

from mailbot.decision import MailArrived, WordGiven
from mailbot.mail import Envelope, Mail, Mailbox
from mailbot.people import Proof
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.questions import answer_question, is_question
from mailbot.rules.command.receipt import Line
from mailbot.rules.mail import confirm, customer_mail, member_mail
from mailbot.rules.reading.word import Given
from mailbot.rules.spoken import Actor
from mailbot.rules.telling import say

#: Who may use the shell may speak for anybody.
PROOFS = frozenset({Proof.CLAIMED, Proof.SESSION})


def speak(draft: Draft, given: WordGiven) -> None:
    """Run the commands in the name of a member or of a customer of the case, all or none."""
    directory = draft.facts.directory
    member = directory.member(given.actor) is not None
    actor = Actor(address=directory.canonical(given.actor), member=member, sure=True)
    cause = _as_mail(draft, given, actor)
    if member:
        commands, lines = _as_member(draft, cause, actor)
    elif actor.address in draft.open_case.writers:
        commands, lines = customer_mail.obey(draft, cause, actor, PROOFS)
    else:
        _refuse(draft, f"{given.actor} is no member of the team and takes no part in the case")
        return
    draft.reason = "\n".join(line.said for line in lines)
    if not lines or any(not line.ok for line in lines):
        _refuse(draft, draft.reason or f"no command in {given.text!r}")
        return
    for question in filter(is_question, commands):
        answer_question(draft, question, actor, None)


def _as_member(draft: Draft, cause: MailArrived, actor: Actor) -> tuple[tuple[Given, ...], tuple[Line, ...]]:
    post = member_mail.post_of(draft, cause, actor, PROOFS)
    commands = post.reading.commands
    if not commands and not post.reading.refused and not post.others and not post.trial and not post.all_line:
        return (), ()
    words = member_mail.words_in(draft, post)
    if post.trial:
        tried = member_mail.act_on_all(confirm.trial(draft), post, words, internal=post.is_note)
        return (), tuple(replace(line, said=say("dry run: %(said)s", said=line.said)) for line in tried)
    return commands, member_mail.act_on_all(draft, post, words, internal=post.is_note)


def _as_mail(draft: Draft, given: WordGiven, actor: Actor) -> MailArrived:
    """Return the words as the mail that they could have been."""
    mail = Mail(digest="", from_=Mailbox(address=actor.address), text=given.text, new_text=given.text)
    return MailArrived(mail=mail, envelope=Envelope(received_at=draft.now, source="shell", session=actor.address))


def _refuse(draft: Draft, reason: str) -> None:
    draft.reason = reason
    draft.hit("refused", reason)
