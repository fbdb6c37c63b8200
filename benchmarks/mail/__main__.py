"""What mailbot makes of real mail, and what it loses: python -m benchmarks.mail [MODULE...] [-v].

Each module beside this one that has a `measure` is a table; -v names what is lost. The mails lie in
$MAILBOT_TEST_MAIL, or where the tests look for them. Exit status 2 where there are none, or no such module.
"""

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from rich.console import Console
from rich.table import Table

from benchmarks.mail.table import Row, folder

#: What every table stands on.
_FRAME = ("__main__", "run", "table")
#: As many of the lost as are named without -v.
_NAMED = 3


def modules() -> list[str]:
    """Return the tables that there are."""
    return [one.name for one in iter_modules([str(Path(__file__).parent)]) if one.name not in _FRAME]


def table(name: str, rows: Iterable[Row], *, verbose: bool) -> Table:
    """Lay out what one module measured."""
    drawn = Table("what", title=name.replace("_", " "), title_justify="left", min_width=80)
    for heading in ("right", "of", "%"):
        drawn.add_column(heading, justify="right")
    drawn.add_column("lost or wrong", overflow="fold")
    for row in rows:
        share = f"{100 * row.right / row.of:.1f}" if row.of else "-"
        named = list(row.lost if verbose else row.lost[:_NAMED])
        more = len(row.lost) - len(named)
        lost = "\n".join([*named, *([f"and {more} more"] if more else [])])
        drawn.add_row(row.what, f"{row.right:,}", f"{row.of:,}", share, lost)
    return drawn


def main() -> int:
    """Print the tables."""
    verbose = "-v" in sys.argv
    wanted = [name for name in sys.argv[1:] if name != "-v"] or modules()
    place = folder()
    if not place.is_dir():
        print(f"{place}: no such folder of mails; name one in MAILBOT_TEST_MAIL", file=sys.stderr)
        return 2
    if unknown := set(wanted) - set(modules()):
        print(f"{', '.join(sorted(unknown))}: no such table; there are {', '.join(modules())}", file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False, markup=False)
    for name in wanted:
        console.print(table(name, import_module(f"benchmarks.mail.{name}").measure(place), verbose=verbose))
    return 0


if __name__ == "__main__":
    sys.exit(main())
