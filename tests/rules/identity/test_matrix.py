"""Who may do what: every state of identity against every class of action, cell by cell.

A row is what a mail proves about the one in its From; a column is what the mail asks for. The proofs are made from the
mail and its envelope as the engine makes them, none is assumed.
"""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from mailbot.decision import Decision, Ending, MailArrived
from mailbot.event import Kind, MailHeld, Visibility
from mailbot.facts import Aside, Facts, Found, SetAside, ThreadKeys
from mailbot.mail import Authentication, Automatic, Signed
from mailbot.people import Directory, Organisation, Person
from mailbot.rules.identity.trust import is_stepped_down, proofs_of, signed_for, stepped_down
from mailbot.rules.mail.asking import wanted
from mailbot.rules.reading.naming import spoken_numbers
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    LEA,
    STRANGER,
    WATCHER,
    Story,
    a_directory,
    a_mail,
    a_story,
    a_token,
    an_envelope,
    told,
    who,
)

#: A second customer, and her case.
OTHER = "liis@other.test"
#: Of the customer's organisation: whom the directory names as its contact.
BOSS = "boss@customer.test"


@dataclass(frozen=True)
class State:
    """What a mail of somebody shows; `me` in a value stands for their address."""

    #: Cases and people of the tokens in its recipients, and of the tagged Message-IDs that it names.
    tokens: tuple[tuple[int, str], ...] = ()
    tagged: tuple[tuple[int, str], ...] = ()
    #: A msg-id of case 1 that is known, and the number in the subject.
    known: bool = False
    number: int = 0
    authentication: str = ""
    session: str = ""
    #: The cases that a signed text names; None where nobody signed.
    signed: tuple[int, ...] | None = None
    reply_to: str = ""
    #: How long after the case's last activity the mail comes.
    later: timedelta = timedelta(hours=1)


STATES: dict[str, State] = {
    "claimed": State(),
    "number": State(number=1),
    "known id": State(known=True),
    "reference": State(tagged=((1, "me"),)),
    "other's ref.": State(tagged=((1, "other"),), number=1),
    "token": State(tokens=((1, "me"),)),
    "other's token": State(tokens=((1, "other"),), number=1),
    "token, case 2": State(tokens=((2, "me"),)),
    "expired token": State(tokens=((1, "me"),), later=timedelta(days=181)),
    "token, fail": State(tokens=((1, "me"),), authentication="fail"),
    "verified": State(number=1, authentication="pass"),
    "verif.+ref.": State(tagged=((1, "me"),), authentication="pass"),
    "verif.+token": State(tokens=((1, "me"),), authentication="pass"),
    "v.+other's t.": State(tokens=((1, "other"),), number=1, authentication="pass"),
    "v.+t., case 2": State(tokens=((2, "me"),), number=1, authentication="pass"),
    "personal": State(tokens=((0, "me"),), number=1),
    "v.+personal": State(tokens=((0, "me"),), number=1, authentication="pass"),
    "v.+t.+Reply-To": State(tokens=((1, "me"),), authentication="pass", reply_to=STRANGER),
    "session": State(number=1, session="me"),
    "other's sess.": State(number=1, session="other"),
    "sess.+Reply-To": State(number=1, session="me", reply_to=STRANGER),
    "signed": State(number=1, signed=(1,)),
    "signed, case 2": State(number=1, signed=(2,)),
    "signed, none": State(number=1, signed=()),
    "no From": State(tokens=((1, "me"),), session="me", authentication="pass"),
}


def fresh(state: State) -> State:
    """The same identity in a mail that answers nothing."""
    tokens = tuple(token for token in state.tokens if not token[0])
    return replace(state, tokens=tokens, tagged=(), known=False, number=0)


def facts_of(
    story: Story, state: State, sender: str, said: str, *, nobody: bool, kind: Automatic | None = None
) -> tuple[MailArrived, Facts]:
    """Make the mail of a state, and of it the facts that the engine would gather."""
    other = {CUSTOMER: OTHER, ANNA: BEN, LEA: BEN, BOSS: CUSTOMER}[sender]

    def person(name: str) -> str:
        return {"me": sender, "other": other}.get(name, "")

    def tokens(wanted: tuple[tuple[int, str], ...]) -> tuple[Any, ...]:
        return tuple(a_token(case, person(name), personal=not case) for case, name in wanted)

    domain = sender.partition("@")[2]
    results = Authentication(dmarc=state.authentication, dmarc_from=domain if state.authentication else "")
    now = story.now + state.later
    text = said + "".join(f"\n\n> HD-{number}" for number in state.signed or ())
    mail = a_mail(
        said,
        sender="" if nobody else sender,
        text=text,
        subject=f"Re: [HD-{state.number}] Printer" if state.number else "Re: Printer",
        authentication=results,
        reply_to=(state.reply_to,) if state.reply_to else (),
        signed=Signed(key="k", at=now, digest="s") if state.signed is not None else None,
        message_id="<new@customer.test>",
        automatic=kind,
        answerable=kind is None,
    )
    envelope = an_envelope(now, session=person(state.session), reverse_path=sender)
    keys = ThreadKeys(
        tokens=tokens(state.tokens),
        tagged=tokens(state.tagged),
        message_ids=("<known@customer.test>",) if state.known else (),
        number=state.number,
        # As the engine does, for members only.
        spoken=spoken_numbers(said, story.desk.tag) if sender == ANNA else (),
    )
    named = keys.numbers | {1 if state.known else 0}
    found = Found(
        cases={number: case for number, case in story.cases.items() if number in named},
        by_message_id={"<known@customer.test>": 1} if state.known else {},
    )
    proofs, conflict = proofs_of(mail, envelope), is_stepped_down(mail, story.desk, story.directory)
    given = Facts(
        desk=story.desk,
        directory=story.directory,
        proofs=stepped_down(proofs) if conflict else proofs,
        stepped_down=conflict,
        signed_for=signed_for(mail, story.desk),
        keys=keys,
        found=found,
        principal=who(sender),
        next_number=max(story.cases) + 1,
    )
    cause = MailArrived(mail=mail, envelope=envelope, inbox_id=9)
    if wanted(cause, given, story.process).aside:
        aside = SetAside(number=3, envelope=envelope, held=True, reason="unproven: nothing proves it")
        given = replace(given, aside=Aside(named={3: aside}))
    return cause, given


@dataclass(frozen=True)
class Action:
    """Something that a mail asks for, and how it shows that it was done."""

    says: str
    done: Callable[[Story, Decision], bool]
    status: str = "In progress"
    #: Does it go to the desk, in answer to nothing?
    fresh: bool = False


def joined(visibility: Visibility) -> Callable[[Story, Decision], bool]:
    def done(_story: Story, decision: Decision) -> bool:
        added = [h.event for h in decision.happened if type(h.event).__name__ == "MessageAdded" and h.case == 1]
        sent = any(template == "reply" or to == CUSTOMER for to, template in told(decision))
        return bool(added) and (visibility is Visibility.INTERNAL) is not sent

    return done


def answered(to: str, template: str) -> Callable[[Story, Decision], bool]:
    def done(_story: Story, decision: Decision) -> bool:
        return any((n.to, n.template, n.case) == (to, template, 1) for n in decision.notices)

    return done


BY_CUSTOMER: dict[str, Action] = {
    "text": Action(
        "It still burns.",
        lambda _, d: any(h.case == 1 and type(h.event).__name__ == "MessageAdded" for h in d.happened),
    ),
    "command": Action("close", lambda story, _: story.case.kind is Kind.CLOSED, status="Fixed"),
    "reopen": Action("reopen", lambda story, _: story.case.kind is not Kind.CLOSED, status="Closed"),
    "query": Action("status", answered(CUSTOMER, "status_report")),
    "opening": Action("My chair squeaks.", lambda story, _: len(story.cases) == 3, fresh=True),
    "echo": Action(
        "My chair squeaks.",
        lambda _, d: any(n.to == CUSTOMER and n.template == "case_received" and n.may_echo for n in d.notices),
        fresh=True,
    ),
}
BY_MEMBER: dict[str, Action] = {
    "command": Action("take", lambda story, _: story.case.assignee == ANNA, status="Open"),
    "words": Action("We look into it.", joined(Visibility.PUBLIC)),
    "note": Action("note: He sounds angry.", joined(Visibility.INTERNAL)),
    "query": Action("why", answered(ANNA, "why")),
    "from desk": Action("HD-1 take", lambda story, _: story.case.assignee == ANNA, status="Open", fresh=True),
    "to all": Action(
        "all\nWe look into it.",
        lambda _, d: any((n.to, n.template, n.case) == (OTHER, "answer", 2) for n in d.notices),
    ),
    "dangerous": Action(f"cc add {WATCHER}", lambda story, _: WATCHER in story.case.participants),
    "opening": Action(
        f"for {STRANGER}\n\nHe rang.",
        lambda story, _: any(c.requester == STRANGER for c in story.cases.values()),
        fresh=True,
    ),
}


def _directory() -> Directory:
    """The team, and two customers, of whom one is of an organisation with a contact."""
    rows = (*a_directory(Person(address=OTHER)).people, Person(address=BOSS, organisation="Customer Ltd"))
    people = tuple(replace(p, organisation="Customer Ltd") if p.address == CUSTOMER else p for p in rows)
    return Directory(version="1", people=people, organisations=(Organisation(name="Customer Ltd", contact=BOSS),))


@cache
def _begun(status: str) -> Story:
    story = a_story(status, directory=_directory())
    story.mail(OTHER, "My bicycle.", case=2, subject="Bicycle")
    story.mail(ANNA, "parent HD-1", case=2)
    return story


def begun(status: str) -> Story:
    """A customer's case in this status, and another customer's."""
    story = copy(_begun(status))
    story.cases, story.events = dict(story.cases), {}
    story.notices, story.decisions = [], []
    return story


def cell(actions: Mapping[str, Action], action: str, state: str, sender: str, kind: Automatic | None = None) -> str:
    """What becomes of it, in a word: done, asked for a confirmation, held, a new case; or it was about `case 2`."""
    wanted = actions[action]
    story = begun(wanted.status)
    before = dict(story.cases)
    shown = fresh(STATES[state]) if wanted.fresh else STATES[state]
    nobody = state == "no From"
    cause, given = facts_of(story, shown, sender, wanted.says, nobody=nobody, kind=kind)
    decision = story.happens(cause, given, cause.envelope.received_at)
    if wanted.done(story, decision):
        return "yes"
    if decision.ending is Ending.HELD:
        assert any(isinstance(h.event, MailHeld) for h in decision.happened)
        team = {person.address for person in story.directory.team("")}
        assert {to for to, _ in told(decision)} <= {sender, CUSTOMER} | team
        return "held"
    if (sender, "confirm_command") in told(decision):
        return "asked"
    about = {number for number in before if story.cases[number] != before[number]}
    about |= {notice.case for notice in decision.notices if notice.case in before and notice.to == sender}
    if about:
        return f"case {min(about)}"
    if len(story.cases) > len(before):
        return "new"
    assert kind is None or (decision.ending is Ending.IGNORED and not decision.notices)
    return "-"


#: `yes`: it happened, in the case at hand. `case 2`: it was about that one, whose address the mail came to. A customer
#: with an address of case 2, which is another one's, is somebody who heard of that case once and does not now.
CUSTOMERS = """
| state          | text      | command   | reopen    | query     | opening   | echo      |
| claimed        | new       | new       | new       | new       | yes       | new       |
| number         | new       | new       | new       | new       | yes       | new       |
| known id       | new       | new       | new       | new       | yes       | new       |
| reference      | yes       | yes       | yes       | yes       | yes       | new       |
| other's ref.   | new       | new       | new       | new       | yes       | new       |
| token          | yes       | yes       | yes       | yes       | yes       | new       |
| other's token  | held      | held      | held      | held      | yes       | new       |
| token, case 2  | new       | new       | new       | new       | yes       | new       |
| expired token  | new       | new       | new       | new       | yes       | new       |
| token, fail    | yes       | yes       | yes       | -         | yes       | new       |
| verified       | yes       | yes       | yes       | yes       | yes       | yes       |
| verif.+ref.    | yes       | yes       | yes       | yes       | yes       | yes       |
| verif.+token   | yes       | yes       | yes       | yes       | yes       | yes       |
| v.+other's t.  | held      | held      | held      | held      | yes       | yes       |
| v.+t., case 2  | new       | new       | new       | new       | yes       | yes       |
| personal       | yes       | yes       | yes       | yes       | yes       | new       |
| v.+personal    | yes       | yes       | yes       | yes       | yes       | yes       |
| v.+t.+Reply-To | yes       | yes       | yes       | yes       | yes       | yes       |
| session        | yes       | yes       | yes       | yes       | yes       | yes       |
| other's sess.  | new       | new       | new       | new       | yes       | new       |
| sess.+Reply-To | yes       | yes       | yes       | yes       | yes       | yes       |
| signed         | yes       | yes       | yes       | yes       | yes       | yes       |
| signed, case 2 | new       | new       | new       | new       | yes       | yes       |
| signed, none   | new       | new       | new       | new       | yes       | yes       |
| no From        | new       | new       | new       | new       | yes       | new       |
"""
#: Of a contact, who hears of no case: a token of case 1 that is theirs is one that they had once.
CONTACTS = """
| state          | text      | command   |
| claimed        | new       | new       |
| number         | new       | new       |
| known id       | new       | new       |
| reference      | new       | new       |
| other's ref.   | new       | new       |
| token          | new       | new       |
| other's token  | held      | held      |
| token, case 2  | new       | new       |
| expired token  | new       | new       |
| token, fail    | new       | new       |
| verified       | yes       | yes       |
| verif.+ref.    | yes       | yes       |
| verif.+token   | yes       | yes       |
| v.+other's t.  | yes       | yes       |
| v.+t., case 2  | new       | new       |
| personal       | new       | new       |
| v.+personal    | yes       | yes       |
| v.+t.+Reply-To | yes       | yes       |
| session        | yes       | yes       |
| other's sess.  | new       | new       |
| sess.+Reply-To | yes       | yes       |
| signed         | yes       | yes       |
| signed, case 2 | new       | new       |
| signed, none   | new       | new       |
| no From        | new       | new       |
"""
#: `asked`: the registered address is asked first.
MEMBERS = """
| state          | command   | words     | note      | query     | from desk | to all    | dangerous | opening   |
| claimed        | held      | held      | held      | held      | held      | held      | held      | held      |
| number         | held      | held      | held      | held      | held      | held      | held      | held      |
| known id       | held      | held      | held      | held      | held      | held      | held      | held      |
| reference      | held      | held      | held      | held      | held      | held      | held      | held      |
| other's ref.   | held      | held      | held      | held      | held      | held      | held      | held      |
| token          | held      | held      | held      | held      | held      | held      | held      | held      |
| other's token  | held      | held      | held      | held      | held      | held      | held      | held      |
| token, case 2  | held      | held      | held      | held      | held      | held      | held      | held      |
| expired token  | held      | held      | held      | held      | held      | held      | held      | held      |
| token, fail    | held      | held      | held      | held      | held      | held      | held      | held      |
| verified       | held      | held      | held      | held      | held      | held      | held      | held      |
| verif.+ref.    | held      | held      | held      | held      | held      | held      | held      | held      |
| verif.+token   | yes       | yes       | yes       | yes       | held      | case 1    | asked     | held      |
| v.+other's t.  | held      | held      | held      | held      | held      | held      | held      | held      |
| v.+t., case 2  | case 2    | case 2    | case 2    | case 2    | held      | case 2    | asked     | held      |
| personal       | held      | held      | held      | held      | held      | held      | held      | held      |
| v.+personal    | yes       | yes       | yes       | yes       | yes       | yes       | asked     | yes       |
| v.+t.+Reply-To | held      | held      | held      | held      | held      | held      | held      | held      |
| session        | yes       | yes       | yes       | yes       | yes       | yes       | yes       | yes       |
| other's sess.  | held      | held      | held      | held      | held      | held      | held      | held      |
| sess.+Reply-To | yes       | yes       | yes       | yes       | yes       | yes       | yes       | yes       |
| signed         | yes       | yes       | yes       | yes       | yes       | yes       | yes       | yes       |
| signed, case 2 | held      | held      | held      | held      | yes       | held      | held      | yes       |
| signed, none   | held      | held      | held      | held      | yes       | held      | held      | yes       |
| no From        | held      | held      | held      | held      | held      | held      | held      | held      |
"""


def rows(text: str) -> list[tuple[str, dict[str, str]]]:
    """Read a table: each state with its cells by their columns."""
    lines = [[part.strip() for part in line.strip(" |").split("|")] for line in text.strip().split("\n")]
    _, *columns = lines.pop(0)
    return [(state, dict(zip(columns, cells, strict=True))) for state, *cells in lines]


@pytest.mark.parametrize(("state", "cells"), rows(CUSTOMERS), ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_customer_may_do(state: str, cells: dict[str, str]):
    assert {action: cell(BY_CUSTOMER, action, state, CUSTOMER) for action in BY_CUSTOMER} == cells


@pytest.mark.parametrize(("state", "cells"), rows(MEMBERS), ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_member_may_do(state: str, cells: dict[str, str]):
    assert {action: cell(BY_MEMBER, action, state, ANNA) for action in BY_MEMBER} == cells


@pytest.mark.parametrize("text", [CUSTOMERS, CONTACTS, MEMBERS], ids=["customers", "contacts", "members"])
def test_every_state_has_its_row(text: str):
    assert [state for state, _ in rows(text)] == list(STATES)


def test_no_state_without_a_log_in_or_a_signature_lets_a_member_do_what_is_dangerous_at_once():
    sure = {state for state, cells in rows(MEMBERS) if cells["dangerous"] == "yes"}
    assert sure == {"session", "sess.+Reply-To", "signed"}


@pytest.mark.parametrize(("state", "cells"), rows(CONTACTS), ids=lambda value: value if isinstance(value, str) else "")
def test_what_the_contact_of_the_customers_organisation_may_do(state: str, cells: dict[str, str]):
    actions = {action: BY_CUSTOMER[action] for action in ("text", "command")}
    assert {action: cell(actions, action, state, BOSS) for action in actions} == cells
