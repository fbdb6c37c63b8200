"""Random histories of a desk with every command that there is: who hears of a case, and what never leaves the team.

The commands are those of the table, as `help` shows them, of all the companies: a new word joins by itself. What is
right is not asked of the rules: who may hear of a case follows from who wrote what, line by line, and a word that
was written for colleagues is a word that nobody else may ever find in a notice.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from mailbot.decision import Decision, Notice
from mailbot.event import (
    AliasAdmitted,
    AnswerRecalled,
    CaseOpened,
    CasesMerged,
    CommandsUndone,
    RequesterChanged,
    Visibility,
    WatchersChanged,
)
from mailbot.people import MEMBERS, Directory, Organisation, Person
from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.rules.case.evolve import fold
from mailbot.rules.command.words import vocabulary
from mailbot.shipped import shipped
from tests.builders import ANNA, BEN, CUSTOMER, LEA, STRANGER, WATCHER
from tests.lives import LIVES
from tests.rules.command.test_help_examples import people_of
from tests.rules.desk_in_memory import Life

COMPANIES = {path.stem: load_process(path) for path in sorted(shipped("processes").glob("*.toml"))}
OTHER = "olev@other.test"
CUSTOMERS, AGENTS = (CUSTOMER, OTHER, WATCHER, "colleague@customer.example"), (ANNA, BEN, LEA)
#: Whom the directory names as the contact of those of customer.test, and who they are.
BOSS, ACME = "boss@customer.test", "@customer.test"
#: A word that is written for colleagues only.
SECRET = "okapi"
#: What people write beside commands.
SAID = ("It is the cable.", "Thanks!", "All good, thanks!", "No, still the same", "Best regards", "", "", "")


def lines(*, member: bool) -> list[str]:
    """Every line that `help` shows, of all companies."""
    entries = [e for one in COMPANIES.values() for e in vocabulary(one, people_of(one), member=member)]
    shown = {entry.example for entry in entries}
    own = {f"cc add {WATCHER}", f"cc remove {WATCHER}", f"requester {OTHER}", f"for {OTHER}"} if member else set()
    return sorted(filter(None, shown | own))


MEMBER_LINES, CUSTOMER_LINES = lines(member=True), lines(member=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that somebody does."""

    sender: str
    text: str
    #: To which of the notices that they got they write, the latest first; -1 for none.
    answers: int
    after: timedelta
    way: str


def _text(chance: random.Random, *, member: bool) -> str:
    """Some lines, the numbers in them those of cases that there may be, above words or none."""
    known = MEMBER_LINES if member else CUSTOMER_LINES
    said = [chance.choice(known) for _ in range(chance.choice((0, 1, 1, 1, 1, 1, 2, 3)))]
    above = [re.sub(r"\bHD-\d+", lambda _: f"HD-{chance.randint(1, 4)}", line) for line in said]
    if member and above and chance.random() < 0.15:
        above[0] = f"HD-{chance.randint(1, 4)} {above[0]}"
    if member and chance.random() < 0.1:
        above.insert(0, "all")
    return "\n".join(above) + "\n\n" + chance.choice(SAID)


def _steps(chance: random.Random) -> Iterator[Step]:
    """A few customers open cases, some of one matter, then everybody writes."""
    for sender in (CUSTOMER, OTHER, chance.choice((CUSTOMER, WATCHER))):
        yield Step(sender=sender, text="It burns.", answers=-1, after=timedelta(0), way="logged in")
    for child in chance.choice(((), (), (2,), (2, 3))):
        yield Step(sender=ANNA, text="parent HD-1", answers=child - 1, after=timedelta(0), way="shell")
    for _ in range(chance.randint(4, 14)):
        member = chance.random() < 0.65
        yield Step(
            sender=chance.choice(AGENTS if member else (*CUSTOMERS, BOSS, STRANGER)),
            text=_text(chance, member=member),
            answers=chance.choice((-1, 0, 0, 0, 0, 0, 1, 1, 2, 3, 5, 8)),
            after=timedelta(hours=chance.choice((0, 0, 0, 1, 2, 30, 300, 900))),
            way=chance.choice(("logged in",) * 6 + ("by token", "note", "number", "shell")),
        )


class Watch:
    """What may be, by who wrote what."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.approved: dict[int, set[str]] = {}
        self.ever: dict[int, set[str]] = {}
        directory = life.directory
        self.hears = any(one.contact_hears for one in directory.organisations)
        self.team = {person.address for person in directory.people if person.role in MEMBERS}
        self.inside = self.team | {person.address for person in directory.people if directory.adviser(person.address)}

    def look(self, decision: Decision, sender: str, text: str) -> None:
        """Take in one decision, then hold each of its notices to what may be."""
        before = {number: set(people) for number, people in self.approved.items()}
        for happened in decision.happened:
            if happened.case is not None:
                self._take_in(decision, happened.case, happened.event, sender, text)
        for notice in decision.notices:
            self._may_be(notice, before, sender)

    def _take_in(self, decision: Decision, number: int, event: object, sender: str, text: str) -> None:
        known = self.approved.setdefault(number, set())
        match event:
            case CaseOpened(requester=requester):
                own = requester == sender or requester in text.lower() or requester in self._of_source(decision)
                assert own or requester in self._beside(decision, number), "a member's word opens it for no other"
                assert own or sender in self.team
                known.add(requester)
            case RequesterChanged(old=old, new=new):
                assert sender in self.team
                assert new in text.lower()
                known.add(new)
                known.discard(old)
            case WatchersChanged(watchers=watchers):
                added = set(watchers) - known
                named = {address for address in added if f"cc add {address}" in text.lower()}
                of_acme = self.life.store.known[number].requester.endswith(ACME)
                by_directory = added & {BOSS} if of_acme and self.hears else set()
                assert added <= named | by_directory | self._of_source(decision), "nobody joins but by a member's word"
                assert not added - by_directory or sender in self.team
                known |= added
                known &= {*watchers, self.life.store.known[number].requester}
            case CommandsUndone() | AnswerRecalled():
                assert sender in self.team
                # Who was let in once may be let in again by taking a command back, nobody else.
                known |= self.ever[number] & self.life.store.known[number].participants
                known &= self.life.store.known[number].participants
            case AliasAdmitted(address=address):
                contact = address == sender == BOSS and self.life.store.known[number].requester.endswith(ACME)
                assert sender in self.team or contact
            case _:
                pass
        self.ever.setdefault(number, set()).update(known)

    def _of_source(self, decision: Decision) -> set[str]:
        """Who heard of the cases that this decision joins with others."""
        sources = [h.case for h in decision.happened if isinstance(h.event, CasesMerged) and h.case is not None]
        return {one for number in sources for one in self.approved[number]}

    def _beside(self, decision: Decision, number: int) -> set[str]:
        """Whose the other cases of this decision are: a case may be opened out of one of them."""
        others = {happened.case for happened in decision.happened} - {number, None}
        # A line below may have given one of them to somebody else since.
        return {one for other in others if other is not None for one in self._ever(other)}

    def _ever(self, number: int) -> set[str]:
        return self.approved.get(number, set()) | self.ever.get(number, set())

    def _may_be(self, notice: Notice, before: dict[int, set[str]], sender: str) -> None:
        if notice.to in self.inside:
            return
        assert SECRET not in repr(notice), "no word for colleagues leaves"
        of_case = self.approved.get(notice.case or 0, set()) | before.get(notice.case or 0, set())
        owners = {one for people in self.approved.values() for one in people}
        may = (
            of_case if notice.case is not None else {sender} | (owners if notice.template == "other_sender" else set())
        )
        assert notice.to in may, (notice.template, notice.case)
        for case in notice.listed:
            assert notice.to in self.approved[case.number]


def _entitled(process: Process, *, hears: bool) -> Directory:
    """The people of a process, and customers who have whatever it asks of them, some of an organisation."""
    directory = people_of(process)
    plan = next((one.name for one in process.plans), "")
    entitled = Person(address=BOSS, plan=plan, contract_until=date(2030, 12, 31))
    customers = (
        replace(entitled, address=one, organisation="Acme" if one.endswith(ACME) else "") for one in (BOSS, *CUSTOMERS)
    )
    others = (person for person in directory.people if person.address not in CUSTOMERS)
    acme = Organisation(name="Acme", contact=BOSS, contact_hears=hears)
    return Directory(version="1", people=(*customers, *others), organisations=(acme,))


def play(seed: int) -> Life:
    chance = random.Random(seed)
    process = chance.choice([*COMPANIES.values()])
    life = Life(process, _entitled(process, hears=chance.random() < 0.3))
    # At some desks an answer waits before it leaves.
    life.desk = replace(life.desk, send_delay=timedelta(minutes=chance.choice((0, 15))))
    life.gathering = replace(life.gathering, desk=life.desk)
    watch = Watch(life)
    for step in _steps(chance):
        for fired in life.until(life.now + step.after):
            watch.look(fired, "", "")
        text, decision = _does(life, watch, step)
        watch.look(decision, step.sender, text)
    return life


def _does(life: Life, watch: Watch, step: Step) -> tuple[str, Decision]:
    """Let somebody do something; return what they wrote with what came of it."""
    mine = [notice for notice in life.notices if notice.to == step.sender]
    answers = step.way not in ("number", "shell") and 0 <= step.answers < len(mine)
    answered = mine[-1 - step.answers] if answers and mine[-1 - step.answers].case is not None else None
    text = step.text.strip()
    if step.sender in watch.team and (step.way == "note" or (answered and answered.reply is Visibility.INTERNAL)):
        note = "note\n" if step.way == "note" else ""
        text = f"{note}{text}\n\nThe {SECRET} said that they never pay for it."
    if step.way == "shell" and life.store.known:
        return text, life.say(step.sender, text, step.answers % max(life.store.known) + 1)
    subject = f"Re: [HD-{step.answers + 2}] Printer" if step.way == "number" else "Printer"
    return text, life.write(step.sender, text, answered, subject=subject, proven=step.way != "by token")


def hold(seed: int) -> Life:
    """Play a life and look at what it left."""
    life = play(seed)
    assert {number: fold(events) for number, events in life.store.events.items()} == life.store.known
    for case in life.store.known.values():
        if case.merged_into:
            assert case.number in life.store.known[case.merged_into].absorbed
        assert all(life.store.known[child].parent == case.number for child in case.children)
        assert not case.parent or case.number in life.store.known[case.parent].children
    return life


@pytest.mark.no_cover  # Twice as fast; it holds no line that no table holds.
def test_only_who_was_let_in_hears_of_a_case_and_no_word_for_colleagues_leaves():
    happened = {
        type(one).__name__ for seed in range(50) for events in hold(seed).store.events.values() for one in events
    }
    people = {"WatchersChanged", "RequesterChanged"}
    assert people | {"CasesMerged", "CommandRefused", "StatusChanged", "ParentChanged"} <= happened


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("thousand", range(10))
def test_so_it_is_in_ten_thousand_histories(thousand: int):
    for number in range(LIVES // 10):
        hold(thousand * 1000 + number)
