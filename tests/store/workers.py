"""What runs in processes of their own, to be killed, starved of disk or set against each other.

Each tells its parent over a pipe what it was told is durable: the parent's ledger is what the store is measured by.
"""

import os
import resource
import signal
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from mailbot.ports import Conflict, StoreAway
from mailbot.ports.records import OutboxState
from mailbot.store.directory import DirectoryFile
from mailbot.store.sql import open_store
from tests.store.values import NOON, arrival, opening

LATER = NOON + timedelta(days=1)


def opened(folder: Path, owner: str, url: str = ""):
    """Open the store at this address, without one that of the folder."""
    return open_store(url or f"sqlite:///{folder / 'mailbot.db'}", folder, owner=owner)


def batch(name: str, n: int):
    """Three mails, one of them too large for its row."""
    large = f"Subject: {name}-{n}\r\n\r\n".encode() + os.urandom(40_000) * 2
    return [arrival(f"{name}-{n}-a"), arrival(f"{name}-{n}-b"), arrival(raw=large)]


def ingest_work_and_send(url: str, folder: Path, name: str, ledger: Any):
    """Do all that the three loops do, for ever."""
    store = opened(folder, "work", url)
    store.free("work")
    for n in count():
        arrivals = batch(name, n)
        store.receive(arrivals)
        ledger.send(("received", [one.digest for one in arrivals]))
        for mail in store.claim_mails(until=LATER, now=LATER, limit=4):
            number = store.next_number()
            store.commit(opening(mail, number))
            ledger.send(("opened", (mail.digest, number)))
        for letter in store.claim_letters(LATER, 4):
            store.finish_letter(letter, OutboxState.SENT, "250 ok", LATER)
            ledger.send(("sent", letter.id))


def contend(url: str, folder: Path, name: str, mails: int, ledger: Any):
    """Take in mails and open a case for each while others do the same."""
    store = opened(folder, name, url)
    for n in range(mails):
        store.receive([arrival(f"{name}-{n}")])
    done = conflicts = 0
    while done < mails:
        for mail in store.claim_mails(until=LATER, now=NOON, limit=1):
            while True:
                try:
                    store.commit(opening(mail, store.next_number()))
                except Conflict:
                    conflicts += 1
                else:
                    break
            done += 1
    ledger.send(conflicts)
    store.close()


def fill_the_disk(folder: Path, ledger: Any):
    """Receive until no file may grow any more, then once more with room again."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = opened(folder, "work")
    limit, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
    kept = 0
    try:
        for n in count():
            kept += store.receive(
                [arrival(f"{n}-{part}", raw=f"{n}-{part}".encode() + os.urandom(9_000)) for part in "ab"]
            )
    except StoreAway as away:
        ledger.send((kept, str(away)))
    try:
        store.receive([arrival(raw=os.urandom(800_000))])
    except StoreAway as away:
        ledger.send((kept, str(away)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    kept += store.receive([arrival("room again")])
    ledger.send((kept, ""))
    store.close()


def rewrite_the_directory(path: Path, files: Any, ledger: Any):
    """Import one CSV after the other, for ever."""
    directory = DirectoryFile(path)
    for n in count():
        directory.import_csv(files[n % len(files)])
        ledger.send(n)
