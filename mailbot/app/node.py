"""What a node is called among all that share a store: who takes a lease, and whose leases are given back."""

import os
import socket
from contextlib import suppress
from pathlib import Path

from mailbot.clock import random_bytes
from mailbot.config import Config

#: Lies in the state folder and makes its name one of a kind: machines and folders may be copies of each other.
NODE = "node"


def owner(config: Config, role: str) -> str:
    """Name a loop: its role, its machine, its state folder. Raises OSError."""
    folder = config.store.folder
    name = f"{role}@{socket.gethostname()}:{folder}"
    # Beside SQLite there is no other node.
    return name if config.database_file() else f"{name}#{_number(folder / NODE)}"


def _number(path: Path) -> str:
    if not path.exists():
        part = path.with_name(f"{NODE}.{os.getpid()}")
        part.write_text(random_bytes(8).hex())
        # Of several loops that start at once the first one's stays.
        with suppress(FileExistsError):
            path.hardlink_to(part)
        part.unlink()
    return path.read_text()
