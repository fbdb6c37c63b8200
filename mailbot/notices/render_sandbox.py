"""The environments in which templates run: one for each language, without powers, with the filters of notices.

`docs/notices.md` says which values a template gets and how to write one.
"""

import re
import textwrap
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from mailbot.notices.language import ENGLISH, Language, catalogued
from mailbot.shipped import PACKAGE

#: Where the templates that come with mailbot lie: a folder per language. The one of English has every template; the
#: sentences in them are said in other languages by the catalogues.
TEMPLATES = PACKAGE / "templates"

#: Characters that a line of our own words has at most (RFC 5322 section 2.1.1).
LINE = 78
#: Stands for a space at which no line is broken while a text is made; a character of private use (Unicode).
UNPARTED = "\ue000"

#: Items that a template's `range` may have.
RANGE_LIMIT = 1_000

LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
LEADING_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")
BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, without powers and with a short `range`."""

    intercepted_binops = frozenset({"**"})

    def call_binop(self, _context: object, operator: str, _left: object, _right: object) -> object:
        """Refuse the power operator: `9**9**9` cannot even be interrupted."""
        raise SecurityError(f"the operator {operator} is not allowed in a template")


def short_range(*bounds: int) -> range:
    """Jinja2's `range` with at most a thousand items."""
    numbers = range(*bounds)
    if len(numbers) > RANGE_LIMIT:
        raise SecurityError(f"range has more than {RANGE_LIMIT} items")
    return numbers


def oneline(text: str) -> str:
    """Put a text on one line, its words parted by single spaces."""
    return " ".join(text.split())


def section(text: str) -> str:
    """Give a text an empty line after it, or nothing where there is no text; its inner lines stay as they are."""
    return f"{LEADING_BLANK_LINES.sub('', text).rstrip()}\n\n" if text.strip() else ""


def tidy(text: str) -> str:
    """Do as `section` and leave one empty line where there are several."""
    return section(BLANK_LINES.sub("\n\n", text))


def quoted(text: str) -> str:
    """Set off what is to be written as it stands, in a text that has no other means."""
    return f'"{text}"'


def whole(text: str) -> str:
    """Keep a company's own words on one line: `wrap` does not part them."""
    return text.replace(" ", UNPARTED)


def wrap(text: str) -> str:
    """Break lines that are longer than a mail's should be, between words; what stands indented stays so."""
    return "\n".join(_wrapped(line) if len(line) > LINE else line for line in text.split("\n"))


def _wrapped(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip(" "))]
    return textwrap.fill(line, LINE, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


@jinja2.pass_context
def word(context: Context, command: str) -> str:
    """Return how a command is called in the reader's language, where the desk takes it in that one."""
    spoken = context["spoken"]
    return str(spoken.get(command, command))


def lines(text: str) -> Markup:
    """Escape a text for HTML with line breaks, indents and columns kept, without relying on `white-space`."""
    return Markup("<br>\n").join(_spaced(line.expandtabs(4)) for line in text.split("\n"))


def mailto(address: str, subject: str, body: str) -> str:
    """Return the link that writes a mail to this address (RFC 6068 section 2): line breaks are CRLF, a space is %20."""
    said = {"subject": oneline(subject), "body": "\r\n".join(body.split("\n"))}
    fields = "&".join(f"{name}={quote(text.encode('utf-8', 'replace'), safe='')}" for name, text in said.items())
    return f"mailto:{quote(address, safe='@+')}?{fields}"


def _spaced(line: str) -> Markup:
    shown = line.lstrip(" ")
    return Markup("&nbsp;") * (len(line) - len(shown)) + escape(shown).replace("  ", Markup(" &nbsp;"))


@lru_cache(maxsize=256)
def languages(tag: str) -> tuple[str, ...]:
    """Return the languages to try for a tag, nearest first: `de-AT` gives de-at, de, en."""
    tag = tag.lower().replace("_", "-")
    if not LANGUAGE_TAG.fullmatch(tag):
        return (ENGLISH,)
    subtags = tag.split("-")
    return (*("-".join(subtags[:n]) for n in range(len(subtags), 0, -1) if subtags[:n] != [ENGLISH]), ENGLISH)


def is_english(tag: str) -> bool:
    """Is it English, of whatever region?"""
    return tag.lower().replace("_", "-").split("-")[0] == ENGLISH


@lru_cache(maxsize=64)
def spoken_in(tag: str) -> Language:
    """Return how things are said where a language is asked for: in the nearest that has a catalogue."""
    return Language(next((tag for tag in languages(tag) if tag in catalogued()), ENGLISH))


def said_in(language: Language) -> dict[str, Callable[..., str]]:
    """Return gettext's functions as the extension makes them ("newstyle"), without its detours over the context.

    A letter says fifty sentences; called through the context three times over, they would be half of what it costs.
    """
    known = language.sentences

    @jinja2.pass_eval_context
    def gettext(evaluation: EvalContext, message: str, /, **values: object) -> str:
        return _filled(evaluation, known.gettext(message), values)

    @jinja2.pass_eval_context
    def pgettext(evaluation: EvalContext, meant: str, message: str, /, **values: object) -> str:
        return _filled(evaluation, known.pgettext(meant, message), {"context": meant, **values})

    @jinja2.pass_eval_context
    def ngettext(evaluation: EvalContext, one: str, many: str, number: int, /, **values: object) -> str:
        return _filled(evaluation, known.ngettext(one, many, number), {"num": number, **values})

    return {"_": gettext, "gettext": gettext, "pgettext": pgettext, "ngettext": ngettext}


def _filled(evaluation: EvalContext, sentence: str, values: Mapping[str, object]) -> str:
    """Put the values in their places; in HTML they are escaped, and the sentence is not."""
    return (Markup(sentence) if evaluation.autoescape else sentence) % values  # noqa: S704 - our own sentences


def environment(loader: jinja2.BaseLoader, tag: str) -> Sandbox:
    """Make the environment of one language; templates are kept in it, and looked for again when their file changed."""
    sandbox = Sandbox(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: not (name and name.endswith(".txt.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    language = spoken_in(tag)
    extended: Any = sandbox  # with what the extension adds to it
    extended.install_gettext_translations(language.sentences, newstyle=True)
    sandbox.globals.update(said_in(language))
    sandbox.globals.update(range=short_range, word=word, language=language.tag)
    del sandbox.globals["lipsum"], sandbox.globals["cycler"], sandbox.globals["joiner"]
    sandbox.filters.update(
        oneline=oneline, section=section, tidy=tidy, wrap=wrap, lines=lines, quoted=quoted, whole=whole
    )
    sandbox.filters.update(listed=language.listed, filesize=language.size, mailto=mailto)
    return sandbox


class Shelf:
    """The templates of one place, ready for each language that was asked for."""

    def __init__(self, loader: jinja2.BaseLoader) -> None:
        """`loader` finds the templates."""
        self._loader = loader
        self._sandboxes: dict[str, Sandbox] = {}

    def sandbox(self, tag: str) -> Sandbox:
        """Return the environment in which a language is written."""
        known = spoken_in(tag).tag
        if known not in self._sandboxes:
            self._sandboxes[known] = environment(self._loader, known)
        return self._sandboxes[known]


@cache
def shipped_shelf() -> Shelf:
    """Return the templates that come with mailbot: one shelf for all renderers, for compiling them takes a while."""
    return Shelf(jinja2.FileSystemLoader(TEMPLATES))


def operators(folder: Path) -> Shelf:
    """Return those of an operator's folder, which stands before the shipped templates."""
    shipped = jinja2.FileSystemLoader(TEMPLATES)
    # "shipped/en/answer.txt.j2" lets an operator's template extend the one that it stands before.
    own = jinja2.FileSystemLoader(folder)
    return Shelf(jinja2.ChoiceLoader([own, shipped, jinja2.PrefixLoader({"shipped": shipped})]))
