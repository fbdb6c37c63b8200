"""Tables for people: a terminal folds long cells, a pipe gets every row on one line. Holds no command."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from mailbot.cli.options import console
from mailbot.cli.words import clean


def show(page: RenderableType) -> None:
    """Print a page; outside a terminal without the blanks that fill a table's last column."""
    out = console()
    if out.is_terminal:
        out.print(page)
        return
    with out.capture() as capture:
        out.print(page)
    print(*(line.rstrip() for line in capture.get().splitlines()), sep="\n")


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[str] = (), whole: Iterable[str] = ()
) -> Table:
    """Make a table of cells that may hold strangers' texts; those in `right` are numbers, in `whole` never folded."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        justify: JustifyMethod = "right" if column in right else "left"
        made.add_column(column, justify=justify, overflow="fold", no_wrap=column in whole)
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


def pairs(rows: Iterable[tuple[str, object]]) -> Table:
    """Make a list of names and values, without lines."""
    made = Table(box=None, show_header=False, pad_edge=False)
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(name, cell(value))
    return made


def cell(value: object) -> Text:
    """Make a cell of one line that cannot steer the terminal and is taken for no markup."""
    return value if isinstance(value, Text) else Text(clean(str(value), one_line=True))


def indented(text: str, *, style: str = "") -> Text:
    """Make a paragraph of a stranger's text, set in by four blanks."""
    return Text("\n".join(f"    {line}".rstrip() for line in clean(text).split("\n")), style=style)


def heading(text: str) -> Text:
    """Make the line that begins a part of a page."""
    return Text(f"\n{text}", style="bold underline")
