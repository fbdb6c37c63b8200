"""A backup of a desk and the way back: the store with its raw mails, and the directory. Never the secrets."""

from pathlib import Path

from mailbot.app.shell import Shell
from mailbot.config import Config
from mailbot.faults import Fault, Faults
from mailbot.store.backup import restore

#: Under this name the directory lies in a backup.
DIRECTORY = "directory.json"


def back_up(shell: Shell, archive: Path) -> None:
    """Write the copy. Raises Faults for a store that is not SQLite, StoreAway when it cannot be read or written."""
    directory = shell.config.directory.file
    shell.store.backup(archive, {DIRECTORY: directory} if directory.is_file() else {})


def bring_back(config: Config, archive: Path) -> Path | None:
    """Bring the copy back to where the configuration says, and return where its directory lies now, None without one.

    A directory that is there stays: the backup's is then left in the state folder. Raises Faults, and then nothing
    has changed.
    """
    database = config.database_file()
    if database is None:
        wrong = "is not SQLite; bring a PostgreSQL database back with pg_restore"
        raise Faults([Fault(file=str(config.file), key="store.url", wrong=wrong)])
    # A directory that the operator has made meanwhile counts: the older one is laid beside the store.
    place = config.directory.file if not config.directory.file.exists() else config.store.folder / DIRECTORY
    try:
        # What comes to lie there are other people's mails.
        config.store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        restore(archive, config.store.folder, database, {DIRECTORY: place})
    except OSError as error:
        raise Faults([Fault(file=str(error.filename or archive), key="", wrong=str(error.strerror))]) from None
    return place if place.is_file() else None
