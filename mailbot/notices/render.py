"""Turns a notice's name and plain values into subject, text and HTML, by Jinja2 templates.

The operator's folder is looked at first, then the templates that come with mailbot. A template is data of the
operator, values are data of strangers: neither may reach an object, a file or another value than it was given, and
an operator's templates run in a process of their own. A broken one costs an alarm, never a notice. Never reads the
clock, never sends.

`docs/notices.md` says which values a template gets and how to write one.
"""

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import jinja2
from jinja2.exceptions import SecurityError

from mailbot.notices.language import ENGLISH, catalogued
from mailbot.notices.render_confined import Confined, TemplateEndless, TemplateFault
from mailbot.notices.render_sample import sample
from mailbot.notices.render_sandbox import TEMPLATES, UNPARTED, Shelf, is_english, languages, oneline, shipped_shelf
from mailbot.ports import Rendered

#: Bytes of UTF-8 that one part of a notice may have.
OUTPUT_LIMIT = 256 * 1024

#: What a template finds where the engine had nothing to say, so that no template needs to ask whether it is there.
DEFAULTS: Mapping[str, object] = {
    "desk": {"name": "", "address": "", "language": ENGLISH},
    "person": {"address": "", "name": "", "is_member": False},
    "case": None,
    "cases": [],
    "words": "",
    "author": {"address": "", "name": ""},
    "reply": "none",
    "marker": "",
    "attachments": [],
    "may_echo": True,
    "data": {},
    "commands": [],
    "spoken": {},
    "actions": [],
    "reply_to": "",
}

#: Values, by where they stand, that a stranger may have chosen: empty where nothing of theirs may go out.
STRANGERS: Mapping[str, tuple[str, ...]] = {
    "case": ("subject", "requester", "requester_name"),
    "person": ("name",),
    "author": ("address", "name"),
    "data": ("text", "subject", "sender", "proposed_type", "proposed_priority", "lines"),
}

#: What is no notice, but is used by all of them.
FRAMES = ("layout", "parts")

#: C0 but tab and line feed, DEL, C1, line and paragraph separators, bidirectional controls, lone surrogates.
UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(value: object, where: str = "values") -> object:
    """Copy a value as plain dicts, lists, strings and integers; what cannot be shown in a string is left out.

    Raises TypeError for anything else: an object's attributes are no template's business.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        # str.__str__ makes an exact str of an enum's member, and of a Markup that would pass unescaped.
        return UNSHOWN.sub("", str.__str__(value).replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(value, Mapping):
        return {str(key): plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, where) for item in value]
    raise TypeError(f"{where} is a {type(value).__name__}: a template gets dicts, lists, strings and integers")


def context(values: Mapping[str, object]) -> dict[str, object]:
    """Return the plain values that a template gets; without a stranger's words where they must not be echoed."""
    given = {name: plain(value, name) for name, value in {**DEFAULTS, **values}.items()}
    if given["may_echo"]:
        return given
    for name, keys in STRANGERS.items():
        if isinstance(part := given[name], dict):
            given[name] = {key: type(item)() if key in keys and item else item for key, item in part.items()}
    return {**given, "words": "", "marker": "", "attachments": []}


def output(template: jinja2.Template, values: Mapping[str, object]) -> str:
    """Render piece by piece and stop at the limit. Raises whatever the template does."""
    size, pieces = 0, []
    for piece in template.generate(values):
        size += len(piece.encode("utf-8", "replace"))
        if size > OUTPUT_LIMIT:
            raise SecurityError(f"{template.name} gives more than {OUTPUT_LIMIT // 1024} KB")
        pieces.append(piece)
    return "".join(pieces)


def draw(shelf: Shelf, template: str, language: str, values: Mapping[str, object]) -> Rendered:
    """Render one notice: the first line of the text template's output is the subject."""
    order, sandbox = languages(language), shelf.sandbox(language)
    text = output(sandbox.select_template([f"{tag}/{template}.txt.j2" for tag in order]), values)
    text = text.replace(UNPARTED, " ")
    html = output(sandbox.select_template([f"{tag}/{template}.html.j2" for tag in order]), values)
    subject, _, body = text.lstrip().partition("\n")
    return Rendered(subject=subject.strip(), text=f"{body.strip()}\n", html=f"{html.strip()}\n")


def describe(fault: Exception) -> str:
    """Say in one line what is wrong with a template, and where as far as it is known."""
    if isinstance(fault, jinja2.TemplateSyntaxError):
        return f"{fault.name or 'template'}, line {fault.lineno}: {fault.message}"
    return oneline(f"{type(fault).__name__}: {fault}")


def ignore(_alarm: str) -> None:
    """Let an alarm pass: for those who only look at templates."""


class TemplateRenderer:
    """Renders notices from the operator's folder and the shipped templates (`mailbot.ports.Renderer`)."""

    def __init__(self, folder: Path | None = None, alarm: Callable[[str], None] = ignore) -> None:
        """`folder` is the operator's, laid out like the shipped one; `alarm` hears of each broken template once."""
        self._known = frozenset(notices())
        self._folder = folder
        self._alarm = alarm
        self._alarmed: set[str] = set()
        #: Templates that took too long, by what the folder was like then: a team of twenty does not wait twenty times.
        self._endless: dict[str, int] = {}
        self._shipped = shipped_shelf()
        self._confined = Confined(folder) if folder is not None else None

    def language(self, *wanted: str) -> str:
        """Return the first of the wanted languages in which there are notices, English if there are in none."""
        for tag in (tag for one in wanted if one for tag in languages(one)[: None if is_english(one) else -1]):
            if tag in catalogued() or (self._folder is not None and (self._folder / tag).is_dir()):
                return tag
        return ENGLISH

    def render(self, template: str, language: str, values: Mapping[str, object]) -> Rendered:
        """Render subject, text and HTML. A broken operator's template falls back to the shipped one, with an alarm.

        Raises KeyError for a notice that does not exist, TypeError for values that are not plain.
        """
        if template not in self._known:
            raise KeyError(f"there is no notice {template!r}")
        given = context(values)
        changed = self._changed()
        if self._confined is not None and changed and self._endless.get(template) != changed:
            try:
                return self._confined.draw(template, language, given)
            except TemplateFault as fault:
                if isinstance(fault, TemplateEndless):
                    self._endless[template] = changed
                self._tell(f"template {template}: {fault}; the shipped one is used")
        return draw(self._shipped, template, language, given)

    def check_templates(self, names: Iterable[str] = ()) -> list[str]:
        """Return every fault, a line each: notices that do not exist, files that stand for none, broken templates.

        `names` are the notices that are needed; each that there is gets rendered with the values of an ordinary day.
        """
        known = notices()
        faults = [f"there is no notice {name!r}" for name in names if name not in known]
        if self._folder is None:
            return faults
        if not self._folder.is_dir():
            return [*faults, f"{self._folder} is no folder"]
        return [*faults, *self._strays(known), *self._broken(known)]

    def _strays(self, known: list[str]) -> list[str]:
        """Say which of the operator's files would never be used: a misspelt name is a template that is not seen."""
        assert self._folder is not None
        used = {f"{name}.{part}.j2" for name in (*known, *FRAMES) for part in ("txt", "html")}
        files = sorted(file for file in self._folder.rglob("*.j2"))
        return [f"{file}: there is no notice of this name" for file in files if file.name not in used]

    def _broken(self, known: list[str]) -> list[str]:
        """Say which of the operator's templates do not compile or render; a frame concerns all notices."""
        assert self._folder is not None
        assert self._confined is not None
        faults = []
        for folder in sorted(entry for entry in self._folder.iterdir() if entry.is_dir()):
            own = {file.name.partition(".")[0] for file in folder.glob("*.j2")}
            for name in known if own & {*FRAMES} else sorted(own & {*known}):
                try:
                    made = self._confined.draw(name, folder.name, context(sample(name)))
                except TemplateFault as fault:
                    faults.append(f"{folder / name}: {fault}")
                    continue
                empty = [part for part in ("subject", "text", "html") if not getattr(made, part).strip()]
                if empty:
                    faults.append(f"{folder / name}: gives no {' and no '.join(empty)}; write one, or remove the file")
        return faults

    def _changed(self) -> int:
        """Tell when the operator's templates last changed, 0 without any: then no process of its own is needed."""
        newest = 0
        for file in self._folder.glob("*/*.j2") if self._folder else ():
            # An editor may be about to put another file in its place.
            with contextlib.suppress(FileNotFoundError):
                newest = max(newest, file.stat().st_mtime_ns)
        return newest

    def close(self) -> None:
        """End the process in which the operator's templates run."""
        if self._confined is not None:
            self._confined.close()

    def _tell(self, alarm: str) -> None:
        """Raise an alarm, the same one only once: a busy desk renders a template a thousand times an hour."""
        if alarm not in self._alarmed:
            self._alarmed.add(alarm)
            self._alarm(alarm)


def notices() -> list[str]:
    """Return the names of all notices, sorted."""
    names = (file.name.removesuffix(".txt.j2") for file in (TEMPLATES / ENGLISH).glob("*.txt.j2"))
    return sorted(name for name in names if name not in FRAMES)
