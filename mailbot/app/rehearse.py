"""A rehearsal made from the configuration: the desk's own process, directory and templates, and a scratch store."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from mailbot.app.root import desk_of, key_of, people_of, process_of
from mailbot.app.work import engine_of
from mailbot.config import Config
from mailbot.engine.facts import no_assumption
from mailbot.engine.rehearse import OldMail, Trust, assumption, play
from mailbot.faults import Fault, Faults
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.intake import OwnAddresses
from mailbot.ingest.parse import read_mail
from mailbot.people import Desk
from mailbot.sources import SourceMail, arrival, mails
from mailbot.store.codec import printed
from mailbot.store.sql import open_scratch


@contextmanager
def rehearsed(  # a rehearsal is asked for with these words
    config: Config,
    environ: Mapping[str, str],
    paths: Iterable[Path],
    *,
    until: datetime | None,
    trust: Trust | None,
    progress: Callable[[int, int], None],
) -> Iterator[Iterator[Mapping[str, Any]]]:
    """Play the mails and give the lines of what happened, as the contract prints them. Raises Faults."""
    process = process_of(config)
    desk = desk_of(config, process)
    past = list(_past(mails(paths), desk))
    store = open_scratch()
    try:
        people = people_of(config, store)
        people.load()
        engine = engine_of(
            config,
            key_of(config, environ),
            process,
            store=store,
            people=people,
            assume=assumption(trust) if trust else no_assumption,
            late_per_minute=None,
        )
        play(
            past,
            engine=engine,
            store=store,
            desk=desk,
            border=str(config.identity.border_of(desk.domain)),
            until=until,
            progress=lambda done: progress(done, len(past)),
        )
        yield (printed(line, desk.tag) for line in store.history())
    finally:
        store.close()


def _past(found: Iterable[SourceMail], desk: Desk) -> Iterator[OldMail]:
    """Read when each mail arrived and for which addresses of the desk; one without any date is a fault."""
    own = OwnAddresses.of(desk)
    undated: list[str] = []
    for source in found:
        arrived = arrival(source.raw, source.mbox_instant)
        if arrived is None:
            undated.append(source.name)
            continue
        mail = read_mail(source.raw)
        purposes = own.by_purpose(mailbox.address for mailbox in (*mail.to, *mail.cc))
        for purpose, addresses in (purposes or {desk.address: ()}).items():
            yield OldMail(
                raw=source.raw,
                arrived=arrived,
                forward_paths=addresses,
                purpose=purpose,
                digest=intake_digest(source.raw),
            )
    if undated:
        wrong = "says nowhere when it arrived; give it a Date field, or put it into an mbox whose From line has one"
        raise Faults(Fault(file=name, key="", wrong=wrong) for name in undated)
