"""Which lines of a mail are commands (`semantics.md` 16 to 19). Reads lines; knows nothing of cases.

A line with a sigil (`#`, `/`, `!`) is a command wherever it stands; a bare one only in the leading block before any
prose, and only if it is the word alone, or the word with arguments from a closed set. Free text needs a colon.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from mailbot.rules.reading.slips import distance, is_slip
from mailbot.rules.reading.tongues import behind
from mailbot.rules.reading.word import Given, Reading, Refused, Takes, Word
from mailbot.rules.telling import say
from mailbot.sentence import Sentence

#: Commands in one mail; with more, none runs.
MOST_COMMANDS = 10
#: A mail of one line with so many words at most that begins with a command word can only be meant as one.
SHORT_LINE = 3
#: Letters of a word of another language whose slips are told from prose.
SAFE_LENGTH = 7
#: Length of an argument on a command's own line.
LONGEST_ARGUMENT = 200
_SIGIL = re.compile(r"[#/!]([^\W\d_](?:[^\W\d_]|-){0,19})(?=[.,;!?]*(?:[\s:]|$))[.,;!?]*[ \t]*(.*)$")
_BARE = re.compile(r"([^\W\d_](?:[^\W\d_]|-){0,19})([ \t]*:[ \t]*|[ \t]+|$)(.*)$")
#: What people put behind a word and do not mean by it.
_FINAL = ".,;!?"
_QUOTES = "\"'"
#: Quotes and the emphasis of plain text (`*take*`).
_DRESS = _QUOTES + "*_"
#: What a command of any desk acts on: a case, a person, a date.
_OBJECT = re.compile(r"\[?[A-Za-z]{1,10}-\d|\S+@\S|until |\d{4}-\d\d-\d\d")
_SMART = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "\u00a0": " "})  # noqa: RUF001


def read(
    text: str,
    vocabulary: Sequence[Word],
    reserved: frozenset[str] = frozenset(),
    *,
    called: Mapping[str, str] = MappingProxyType({}),
) -> Reading:
    """Tell the commands of a mail from its words.

    `called` are what words are called in other languages than English, with the English ones (`tongues`).
    `reserved` are command words that this desk does not have: said by somebody whose text goes out to others, they
    are answered and not sent on, and so is a mail that is nothing but a short line with a command word.
    """
    words = _by_name(vocabulary, called)
    reserved |= {name for name, meant in called.items() if meant in reserved}
    lonely = bool(reserved) and sum(bool(line.strip()) for line in text.split("\n")) == 1
    commands: list[Given] = []
    refused: list[Refused] = []
    prose: list[str] = []
    leading = True
    for line in text.split("\n"):
        plain = plain_line(line)
        if not plain:
            prose.append(line) if prose else None
            continue
        found = _with_sigil(plain, words)
        if found is None and leading:
            noted = any(given.word == "note" for given in commands)  # what stands below a note is the note
            found = _bare(plain, words, slips=not noted) or _not_here(plain, words, reserved, lonely=lonely)
        if isinstance(found, Given):
            commands.append(found)
        elif found is not None:
            refused.append(found)
        else:
            leading = False
            prose.append(line)
    if len(commands) > MOST_COMMANDS:
        too_many = say("more than %(most)s commands in one mail", most=MOST_COMMANDS)
        refused.append(Refused(line=commands[-1].line, reason=too_many))
    return Reading(commands=tuple(commands), refused=tuple(refused), words="\n".join(prose).strip())


def plain_line(line: str) -> str:
    """Return a line as commands are read from it."""
    return unicodedata.normalize("NFC", line).translate(_SMART).strip()


def _by_name(vocabulary: Sequence[Word], called: Mapping[str, str]) -> dict[str, Word]:
    """Return each word by each of its names; in another language free text always needs its colon."""
    own = {word.word: word for word in vocabulary}
    others: dict[str, Word] = {}
    for name, meant in called.items():
        if word := own.get(meant):
            takes = Takes.TEXT if word.takes is Takes.BARE_TEXT else word.takes
            others[name] = replace(word, takes=takes, read=_in_english(word))
    return {**others, **own}


def _in_english(word: Word) -> Callable[[str], str | None]:
    return lambda text: word.read(behind(text))


def _with_sigil(line: str, words: dict[str, Word]) -> Given | Refused | None:
    """A sigil always means a command, so that a mistake in it is answered and not sent out."""
    match = _SIGIL.match(line)
    if match is None:
        return None
    word = words.get(match[1].lower())
    if word is None and not match[1].isascii():
        return None
    if word is None:
        return Refused(line=line, reason=_unknown(match[1], words))
    argument = match[2].lstrip(":").strip()
    return _command(word, argument, line) or Refused(line=line, reason=_wrong(word, argument))


def _not_here(line: str, words: dict[str, Word], reserved: frozenset[str], *, lonely: bool) -> Refused | None:
    """Refuse what can only have been meant as a command: a word that is not offered here, a short line with one."""
    match = _BARE.match(line)
    if match is None:
        return None
    name, rest = match[1].lower(), match[3].strip()
    short = lonely and len(line.split()) <= SHORT_LINE
    if name in reserved and name not in words and (short or not rest or ":" in match[2] or _OBJECT.match(rest)):
        return Refused(
            line=line,
            reason=say("this desk has no command '%(name)s'; there are %(words)s", name=name, words=_offered(words)),
        )
    word = words.get(name) or next((w for w in words.values() if len(name) > 3 and w.word.startswith(name)), None)
    if short and word is not None and not word.common and rest and (name in word.word or len(name) >= SAFE_LENGTH):
        return Refused(line=line, reason=_wrong(word, rest))
    return None


def _bare(line: str, words: dict[str, Word], *, slips: bool = True) -> Given | Refused | None:
    """Read a line of the leading block. A near miss is refused on each, so that no note goes out below a slip."""
    match = _BARE.match(line) or _BARE.match(line.strip(_DRESS).rstrip(_FINAL).rstrip(_DRESS))
    if match is None:
        return None
    name, rest = match[1].lower(), match[3].strip()
    colon = ":" in match[2]
    word = words.get(name)
    alone = not rest and not colon
    if word is None:
        near = words.get(_near(name, words)) if not line.endswith(",") else None  # "Jake," greets
        slip = near is not None and (alone or colon or (near.takes is Takes.CHOICE and near.read(_plain(rest))))
        return Refused(line=line, reason=_unknown(name, words)) if slip and slips else None
    if word.common and (not alone or line.rstrip(_DRESS).endswith(",")):
        return None
    if word.takes in (Takes.NOTHING, Takes.TEXT) and rest and not colon:
        return None  # free text needs a colon: "ask him tomorrow" is prose
    if word.takes in (Takes.TEXT, Takes.BARE_TEXT) and line.rstrip(_QUOTES).endswith("?") and not colon:
        return None  # "Close?" asks, it does not tell
    if word.takes is Takes.CHOICE_OR_TEXT and rest and not colon and word.read(_plain(rest)) is None:
        return Refused(line=line, reason=_wrong(word, rest)) if _meant(rest, word) else None
    if given := _command(word, rest, line):
        return given
    wanted = (colon and not word.label) or alone or _labels(rest, word) or _meant(rest, word)
    return Refused(line=line, reason=_wrong(word, rest)) if wanted else None


def _command(word: Word, argument: str, line: str) -> Given | None:
    """Return the command if the argument fits the word."""
    if len(argument.partition(":")[0]) > LONGEST_ARGUMENT and word.takes in (Takes.CHOICE, Takes.OPTIONAL):
        return None
    match word.takes:
        case Takes.NOTHING:
            return None if _plain(argument) else Given(word=word.word, argument="", line=line)
        case Takes.TEXT | Takes.BARE_TEXT:
            return Given(word=word.word, argument=argument, line=line)
        case Takes.CHOICE_OR_TEXT:
            return Given(word=word.word, argument=word.read(_plain(argument)) or argument, line=line)
        case Takes.OPTIONAL if not _plain(argument):
            return Given(word=word.word, argument="", line=line)
        case _:
            value = word.read(argument) or word.read(_plain(argument))
            return Given(word=word.word, argument=value, line=line) if value else None


def _plain(argument: str) -> str:
    """Return a choice without the final punctuation and the quotes around it."""
    return argument.strip(_QUOTES).rstrip(_FINAL).strip(_QUOTES)


def _unknown(name: str, words: dict[str, Word]) -> Sentence:
    near = _near(name.lower(), words)
    if near:
        return say("there is no command '%(name)s'; did you mean '%(near)s'?", name=name, near=near)
    return say("there is no command '%(name)s'; there are %(words)s", name=name, words=_offered(words))


def _wrong(word: Word, argument: str) -> Sentence:
    if word.takes is Takes.NOTHING:
        return say("'%(word)s' stands alone on its line", word=word.word)
    if word.takes is Takes.NAMED_TEXT:
        argument = argument.partition(":")[0]
    choices = _list(word.choices)
    if not argument:
        return say("'%(word)s' needs to say which; it takes %(choices)s", word=word.word, choices=choices)
    return say(
        "'%(word)s' does not take '%(argument)s'; it takes %(choices)s",
        word=word.word,
        argument=argument,
        choices=choices,
    )


def _offered(words: dict[str, Word]) -> str:
    return _list(list(dict.fromkeys(word.word for word in words.values())))


def _list(names: Sequence[str]) -> str:
    if len(names) > 1:
        return say("%(some)s or %(last)s", some=", ".join(names[:-1]), last=names[-1])
    return names[0] if names else say("nothing")


def _near(name: str, words: dict[str, Word]) -> str:
    """Return the word that a slip of the finger or two makes this name, "" if there is none.

    A short word of another language is too near to words of prose ("Listo" is no slip of `lista`).
    """
    safe = (known for known, word in words.items() if len(known) >= SAFE_LENGTH or (known == word.word and word.slips))
    return next((one for one in safe if is_slip(name, one)), "")


def _labels(argument: str, word: Word) -> bool:
    """Does a colon set something apart behind a choice? What is meant for colleagues must not reach the customer.

    `consult Somebody: words` is never prose, nor are `priority High: it is bad` and `assign second line: look`.
    """
    named, colon, _ = argument.partition(":")
    if not colon or word.takes not in (Takes.CHOICE, Takes.OPTIONAL, Takes.NAMED_TEXT):
        return False
    short = word.takes is not Takes.OPTIONAL and len(named.split()) <= SHORT_LINE
    return short or word.takes is Takes.NAMED_TEXT or word.read(_plain(named)) is not None


def _meant(argument: str, word: Word) -> bool:
    """Is it a wrong or misspelt choice rather than prose that happens to begin with a command word?"""
    plain = _plain(argument).lower()
    if any("ADDRESS" in choice for choice in word.choices):
        return "@" in plain  # "for example" is prose
    names = [choice.lower() for choice in word.choices]
    if any(distance(plain, name) <= min(2, max(1, len(name) // 3)) or plain.startswith(f"{name} ") for name in names):
        return True
    if word.takes is not Takes.CHOICE:
        return False  # "help me" is prose
    # `priority hihg`, `hold until next week`
    return " " not in plain or any(plain.startswith(f"{name.split()[0]} ") for name in names if " " in name)
