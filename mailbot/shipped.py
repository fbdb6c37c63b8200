"""Where the files that come with mailbot lie: process files and the commented default configuration.

They stand in `config/` at the top of the repository and in `mailbot/share/` inside an installed wheel. Never writes.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The path of a shipped file or folder, such as `processes/modera.toml`, which may not exist."""
    installed = PACKAGE / "share"
    return (installed if installed.is_dir() else PACKAGE.parent / "config") / name
