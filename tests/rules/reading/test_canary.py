"""A canary in a note and in a team notice never reaches the customer, however an agent's mail program quotes.

The core alone: the worst a reader of mails could do is to take the whole body for the author's own text, so that is
what it gets here. The answer may go out without the canary, or be held.
"""

import textwrap
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.decision import Ending
from mailbot.event import Visibility
from mailbot.rules.reading.outgoing import telling_lines
from tests.builders import ANNA, BEN, CUSTOMER, a_story, to_customers

#: No line of a notice is so short that it tells nothing; each has the canary, so that no part may go.
MARKER = "##- Please write your answer above this line. -##"
SAID = "The printer in the back room is on fire."
NOTE = "Okapi thinks that they will not pay, okapi says wait.\nThe okapi asked us to be very slow about this."
NOTICE = f"""{MARKER}
Ben Berg left an okapi note on HD-1, for the team's eyes:

{NOTE}

Your answer stays inside the okapi team.
The customer of this okapi case wrote at first:
{SAID}
"""
OWN = (
    "We come tomorrow at nine.",
    "Please switch the printer off, and unplug it.",
    "It was the cable, and a new one is on its way.",
    "Could you send us a picture of it?",
)
Style = Callable[[str, str], str]


def top(own: str, notice: str) -> str:
    return f"{own}\n\nOn Monday, Support wrote:\n" + _marked(notice, "> ")


def bottom(own: str, notice: str) -> str:
    return _marked(notice, "> ") + f"\n\n{own}"


def below_without_marks(own: str, notice: str) -> str:
    return f"{notice}\n\n{own}"


def interleaved(own: str, notice: str) -> str:
    lines = _marked(notice, "> ").split("\n")
    return "\n".join([*lines[:3], own, *lines[3:5], own, *lines[5:]])


def header_block(own: str, notice: str) -> str:
    fields = "From: Support\nSent: Monday\nTo: Anna\nSubject: [HD-1] Printer"
    return f"{own}\n\n________________________________\n{fields}\n\n{notice}"


def original_message(own: str, notice: str) -> str:
    return f"{own}\n\n-----Original Message-----\n{notice}"


def twice_quoted(own: str, notice: str) -> str:
    return f"{own}\n\n" + _marked(_marked(notice, "> "), "> ")


def tight_marks(own: str, notice: str) -> str:
    return f"{own}\n" + _marked(notice, ">")


def bars(own: str, notice: str) -> str:
    return f"{own}\n" + _marked(notice, "| ")


def no_marks(own: str, notice: str) -> str:
    return f"{own}\n\n{notice}"


def marker_mangled(own: str, notice: str) -> str:
    """An HTML part made text: the marker lost its signs."""
    return f"{own}\n\n" + notice.replace("##-", "").replace("-##", "")


def marker_gone(own: str, notice: str) -> str:
    return f"{own}\n\n" + notice.partition("\n")[2]


def one_paragraph(own: str, notice: str) -> str:
    """HTML made text without its line breaks."""
    return f"{own} " + " ".join(notice.partition("\n")[2].split())


def entities(own: str, notice: str) -> str:
    return f"{own}\n" + notice.partition("\n")[2].replace(" ", "&nbsp;")


def wrapped(own: str, notice: str) -> str:
    lines = [part for line in notice.partition("\n")[2].split("\n") for part in textwrap.wrap(line, 34) or [""]]
    return f"{own}\n" + "\n".join(lines)


def wrapped_marks(own: str, notice: str) -> str:
    return f"{own}\n" + _marked(wrapped("", notice).strip(), "> ")


def marked_then_broken(own: str, notice: str) -> str:
    """The mark stands before what was one line: its rest begins a line without any."""
    lines = [f"> {line}" for line in notice.partition("\n")[2].split("\n")]
    return f"{own}\n" + "\n".join(part for line in lines for part in textwrap.wrap(line, 44) or [">"])


def pasted(own: str, notice: str) -> str:
    """The agent copied a line of it into the answer."""
    return f"{own}\n{NOTE.splitlines()[0]}\n{own}" + notice[:0]


def pasted_into_a_sentence(own: str, notice: str) -> str:
    return f"{own} By the way: {NOTE.splitlines()[0]} {own}" + notice[:0]


STYLES: tuple[Style, ...] = (
    top,
    bottom,
    below_without_marks,
    interleaved,
    header_block,
    original_message,
    twice_quoted,
    tight_marks,
    bars,
    no_marks,
    marker_mangled,
    marker_gone,
    one_paragraph,
    entities,
    wrapped,
    wrapped_marks,
    marked_then_broken,
    pasted,
    pasted_into_a_sentence,
)
#: Their authors wrote above what they quote, which is marked as such: their words go out.
HONEST = (top, original_message, twice_quoted, tight_marks, bars, no_marks, wrapped_marks)


def _marked(text: str, mark: str) -> str:
    return "\n".join(f"{mark}{line}" for line in text.split("\n"))


@pytest.mark.no_cover  # Twice as fast; it holds no line that no table holds.
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(STYLES),
    st.lists(st.sampled_from(OWN), min_size=1, max_size=3, unique=True).map("\n".join),
    st.sampled_from(("", "ask\n", "fix\n", "note\n", "#fix\n", "nto\n", "take\n")),
    st.sampled_from(list(Visibility)),
    st.sampled_from(("In progress", "Fixed", "Waiting for customer")),
)
def test_canary_reaches_no_customer(style: Style, own: str, command: str, reply: Visibility, status: str):
    story = a_story(status)
    story.mail(BEN, f"note\n{NOTE}")
    story.internal_lines = telling_lines([NOTICE, NOTE], [SAID])
    decision = story.mail(ANNA, style(command + own, NOTICE), reply=reply)
    again = story.mail(ANNA, "send as is")
    public = to_customers((*decision.notices, *again.notices))
    assert "okapi" not in " ".join(f"{n.words} {dict(n.data)}" for n in story.notices if n.to == CUSTOMER).lower()
    assert all(n.to == CUSTOMER for n in public)
    if style in HONEST and not command and reply is Visibility.PUBLIC:
        assert decision.ending is Ending.THREADED
        (answer,) = [n for n in public if n.words]
        assert answer.words.startswith(own)


def test_styles_differ():
    texts = [style(OWN[0], NOTICE) for style in STYLES]
    assert all(one != other for one, other in pairwise(sorted(texts)))
