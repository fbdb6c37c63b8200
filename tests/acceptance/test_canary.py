"""What is internal stays internal: a thousand answers of an agent, quoted in every way that mail programs know.

The desk is the real one, in this process. A canary stands in an internal note, in the agents' names, addresses and
reply addresses, and in what only the team's notices say; nothing of it may be in any mail to the customer.
"""

import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.acceptance.bench import Bench, mail_of, reply_to, text_of
from tests.acceptance.desk import SUPPORT
from tests.acceptance.quoting import FATES, Fate, Style, Written, mail_as_written, notice

MARI, JAAN, ANNA = "mari@example.com", "jaan@example.com", "anna@customer.test"
ANSWERS, CHUNKS, CASES, SEED = 1_000, 10, 10, 20260302
NOTE = (
    "Their contract Quillfeather-Zwickel lapses soon, do not mention it.\n"
    "Vermilion okapi: the customer owes us nine invoices, so be slow.\n\nPS okapivermilion99"
)
PEOPLE = {
    "1": {"address": MARI, "role": "agent", "name": "Mari Xylographica"},
    "2": {"address": JAAN, "role": "agent", "name": "Jaan Wexelbrook"},
    "3": {"address": ANNA, "role": "customer", "name": "Anna Customer"},
}
#: As they would be read, whatever stands between their letters.
CANARIES = (
    "Quillfeather",
    "contract Quill",
    "vermilionokapi",
    "okapivermilion",
    "nine invoices",
    "Xylographica",
    "Wexelbrook",
    MARI,
    JAAN,
    "assign ADDRESS",
    "Your answer goes to",
    "stays inside the team",
    "is a new case",
    "inside the team",
    "is with you now",
    "nobody yet",
    "pick-up clock is met",
    "the time for the solution is used up",
)
#: With a number each, so that no sentence to a customer was ever a note to the team.
SENTENCES = (
    "We have looked at pump {n} and found a loose wire.",
    "Please switch it off and wait for {n} seconds.",
    "Könnten Sie bitte die Seriennummer {n} prüfen?",
    "Pouvez-vous nous envoyer la photo {n}, s'il vous plaît ?",
    "The spare part has the number {n}.",
    "It costs {n} euro, and takes two days.",
    "- first the left screw, {n} turns",
    "- then the right one, {n} turns",
    "See https://example.test/manual/{n} for more.",
    "Palun saatke meile number {n}.",
    "Version {n} mends this.",
)


def plain(text: str) -> str:
    """Only what a reader sees: no case, no punctuation, nothing between the letters."""
    return re.sub(r"[\W_]", "", text.lower())


def everything(mail: EmailMessage) -> str:
    """A mail's fields, and the decoded bytes of each of its parts."""
    parts = (part.get_payload(decode=True) or b"" for part in mail.walk() if not part.is_multipart())
    fields = "\n".join(f"{name}: {value}" for name, value in mail.items())
    return fields + "\n" + "\n".join(bytes(part).decode("utf-8", "replace") for part in parts)


def leaks(mail: EmailMessage, tokens: Sequence[str]) -> list[str]:
    """Return the canaries that a mail holds."""
    text = everything(mail)
    read = plain(re.sub(r"<[^>]*>", "", text)) + plain(text)
    return [c for c in CANARIES if plain(c) in read] + [token for token in tokens if token in text.lower()]


@dataclass
class Stage:
    """A desk with cases, and the notices about them that Mari has."""

    bench: Bench
    notices: list[EmailMessage]

    @property
    def tokens(self) -> list[str]:
        """What only a member's reply addresses hold."""
        addresses = {str(m["Reply-To"]).partition("@")[0] for m in self.notices if "+" in str(m["Reply-To"])}
        return sorted(address.partition("+")[2].lower() for address in addresses)


def staged(folder: Path) -> Stage:
    """Open cases, have them noted on, assigned, answered and late, so that there is every kind of notice."""
    bench = Bench(folder / "desk", MARI, JAAN, people=json.dumps({"people": PEOPLE}))
    for number in range(1, CASES + 1):
        bench.write(mail_of(ANNA, SUPPORT, f"The pump {number}", f"Our pump {number} makes a noise.\n\nSince Monday."))
        (team,) = [m for m in bench.sent(JAAN) if m["Subject"] == f"[HD-{number}] The pump {number}"]
        bench.write(reply_to(team, f"note\n\n{NOTE}"), session=JAAN)
        bench.write(reply_to(team, f"assign {MARI}"), session=JAAN)
        received = bench.sent(ANNA)[-1]
        bench.write(reply_to(received, "It also smells, since yesterday evening."))
    bench.rest(until=bench.now + timedelta(days=40))
    assert {case.assignee for case in bench.store.cases()} == {MARI}
    return Stage(bench, bench.sent(MARI))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = staged(tmp_path)
    yield stage
    stage.bench.close()


def words_of(chance: random.Random) -> str:
    """What the agent says: some sentences of her own, never the same twice."""
    lines = [line.format(n=chance.randrange(10**6)) for line in chance.sample(SENTENCES, chance.randrange(1, 5))]
    if len(lines) > 1 and chance.random() < 0.3:
        lines.insert(1, "")
    return "\n".join([f"Thank you, this is answer {chance.randrange(10**9)}.", *lines])


def answered(chance: random.Random, style: Style, words: str, letter: EmailMessage) -> EmailMessage:
    mail = reply_to(letter, "")
    mail.clear_content()
    return mail_as_written(mail, style(chance, words, letter), chance)


def goes_to_customer(letter: EmailMessage) -> bool:
    return "Your answer goes to" in text_of(letter)


def said_to_customer(mail: EmailMessage) -> str:
    """The agent's words in an answer: between the marker line and what the notice says of the case."""
    said = text_of(mail).partition("\n\n")[2].rpartition("\n\nSupport, case HD-")[0]
    return said.partition("\n\nYour case HD-")[0]


def lines_of(text: str) -> list[str]:
    """Lines with words: HTML says with margins, which differ, how far apart they stand."""
    return [line for line in text.split("\n") if line.strip()]


@pytest.mark.timeout(200)
@pytest.mark.parametrize("chunk", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, CHUNKS))])
def test_of_a_thousand_answers_none_carries_anything_internal_and_the_honest_ones_go_out(
    stage: Stage, chunk: int
) -> None:
    chance = random.Random(SEED + chunk)
    bench, styles, tokens = stage.bench, list(FATES), stage.tokens
    assert {goes_to_customer(letter) for letter in stage.notices} == {True, False}
    assert len(tokens) >= CASES
    assert not [found for mail in bench.sent(ANNA) if (found := leaks(mail, tokens))]
    went, honest, faults = Counter[str](), Counter[str](), list[str]()
    for place in range(ANSWERS // CHUNKS):
        style, letter, words = styles[place % len(styles)], chance.choice(stage.notices), words_of(chance)
        out = bench.write(answered(chance, style, words, letter), session=MARI)
        to_customer = [mail for mail in out if mail["To"] == ANNA]
        faults += [f"{style.__name__}: {found} in\n{text_of(m)}" for m in to_customer if (found := leaks(m, tokens))]
        if not goes_to_customer(letter):
            faults += [f"{style.__name__}: an answer to an internal notice went out"] * len(to_customer)
        elif FATES[style] is Fate.GOES:
            honest[style.__name__] += 1
            went[style.__name__] += [lines_of(said_to_customer(mail)) for mail in to_customer] == [lines_of(words)]
        elif FATES[style] is Fate.NOTHING and [mail["To"] for mail in out] != [MARI]:
            faults.append(f"{style.__name__}: nothing stands above the line, and its writer alone must hear of it")
    assert faults == []
    assert sum(went.values()) >= 0.9 * sum(honest.values()) > 10, honest - went
    assert bench.account().get("quarantined", 0) == 0


def test_what_was_held_goes_out_once_it_is_written_above_the_line(stage: Stage) -> None:
    bench = stage.bench
    letter = next(filter(goes_to_customer, stage.notices))
    words = "We have looked at the pump and found a loose wire."
    (held,) = bench.write(reply_to(letter, f"{text_of(letter)}\n\n{words}\n"), session=MARI)
    assert held["To"] == MARI
    assert bench.account()["held"] == 1
    out = bench.write(reply_to(letter, f"{words}\n\n{text_of(letter)}"), session=MARI)
    assert [said_to_customer(mail) for mail in out if mail["To"] == ANNA] == [words]


def strangers_layouts() -> list[Path]:
    folder = Path(os.environ.get("MAILBOT_TEST_MAIL", "../shared/mail"))
    names = ("ghreply", "willdurand", "alfonsrv", "zapier")
    return sorted(path for name in names for path in (folder / name).rglob("*.txt"))


def our_notice_in(layout: str, letter: EmailMessage) -> str:
    """A stranger's answer with our notice in place of what it quotes, with that quote's own marks and introduction."""
    lines = layout.replace("\r\n", "\n").split("\n")
    marks = [re.match(r"[> |]*>[> ]*", line) for line in lines]
    ours, result, put = notice(letter), list[str](), False
    for line, mark in zip(lines, marks, strict=True):
        if mark is None:
            result.append(line)
        elif not put:
            result += [f"{mark[0]}{one}" for one in ours]
            put = True
    if put:
        return "\n".join(result)
    delimiter = next(
        (i for i, line in enumerate(lines) if re.search(r"(:|\uff1a|-----|_____)\s*$", line)), len(lines) // 2
    )
    return "\n".join([*lines[: delimiter + 1], *ours])


@pytest.mark.parametrize(
    "every",
    [
        pytest.param(5, id="a-fifth"),
        pytest.param(1, id="all", marks=[pytest.mark.slow, pytest.mark.timeout(300)]),
    ],
)
def test_no_stranger_s_layout_carries_anything_internal(stage: Stage, every: int) -> None:
    layouts = strangers_layouts()
    if not layouts:
        pytest.skip("the mails of MAILBOT_TEST_MAIL (../shared/mail) are not here")
    assert len(layouts) > 100
    layouts = layouts[::every]
    chance = random.Random(SEED)
    letters = list(filter(goes_to_customer, stage.notices))
    sent = 0
    for path in layouts:
        text = our_notice_in(path.read_bytes().decode("utf-8", "replace"), letter := chance.choice(letters))
        mail = reply_to(letter, "")
        mail.clear_content()
        out = stage.bench.write(mail_as_written(mail, Written(text=text), chance), session=MARI)
        for one in (mail for mail in out if mail["To"] == ANNA):
            sent += 1
            assert leaks(one, stage.tokens) == [], path
    assert sent > len(layouts) / 3, "most have words of their own above the quote"
