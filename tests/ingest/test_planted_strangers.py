"""The replies of strangers, with commands planted wherever it is sure that their authors did not write: none is read.

Their quotes, signatures and blocks are those of a dozen languages and programs; the mails themselves lie outside the
project.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from mailbot.ingest.parse import read_mail
from mailbot.ingest.text import html, reply
from mailbot.ingest.text.line import plain
from mailbot.rules.command.words import vocabulary
from mailbot.rules.reading.grammar import read
from tests.builders import a_directory, modera

#: With a sigil: such a line counts anywhere in one's own words.
COMMAND = "#close: planted"
FOLDERS = ("talon", "ghreply", "willdurand", "alfonsrv", "zapier")
_ORIGINAL = re.compile(
    r"(?im)^[ \t]*-{2,} ?(?:original message|ursprüngliche nachricht|message d'origine) ?-{2,}[ \t]*$"
)
_MARKED = re.compile(r"(?m)^((?:[ \t]?>)+)(.*)$")


def with_planted(text: str, *, is_html: bool) -> str:
    """Put the command into what is a quote or a signature beyond doubt; "" where nothing is."""
    if is_html:
        planted = re.sub(r"(?i)(<blockquote[^>]*>)", rf"\1<div>{COMMAND}</div>", text)
    else:
        planted = _MARKED.sub(rf"\1\2\n\1 {COMMAND}", text)
        signed = re.search(r"(?m)^-- $", text) and not _MARKED.search(text)
        below = _ORIGINAL.search(text) and not text.rstrip().rpartition("\n")[2].startswith(">")
        if signed or below:
            planted = f"{planted.rstrip()}\n{COMMAND}\n"
    return planted if planted != text else ""


def replies(strangers: Path) -> Iterator[tuple[Path, str, bool]]:
    for folder in FOLDERS:
        for file in sorted((strangers / folder).rglob("*")):
            if file.suffix in (".txt", ".html", ".eml", "") and file.is_file() and file.name.isascii():
                text = file.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
                planted = with_planted(text, is_html=file.suffix == ".html")
                if planted:
                    yield file, planted, file.suffix == ".html"


def new_text(file: Path, text: str, *, is_html: bool) -> str:
    if is_html:
        return reply.split(html.render(text).lines).new_text
    if re.match(r"(?:[A-Za-z-]+: .*\n)+", text) and file.suffix in (".eml", ".txt") and "\nSubject:" in text[:2_000]:
        return read_mail(text.encode()).new_text
    return reply.split(plain(text)).new_text


def test_no_command_that_was_planted_into_a_strangers_reply_is_read(strangers: Path):
    words = [entry.word for entry in vocabulary(modera(), a_directory(), member=True)]
    assert [given.line for given in read(f"Hello.\n{COMMAND}\n", words).commands] == [COMMAND], "as one's own it counts"
    read_of = {}
    for file, text, is_html in replies(strangers):
        given = read(new_text(file, text, is_html=is_html), words)
        lines = [*(one.line for one in given.commands), *(one.line for one in given.refused)]
        read_of[str(file.relative_to(strangers))] = [line for line in lines if "planted" in line]
    assert len(read_of) > 60
    assert {name: lines for name, lines in read_of.items() if lines} == {}
