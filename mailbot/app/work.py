"""The parts of the work loop and of the send loop, made from the configuration."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b

import structlog

from mailbot import __version__
from mailbot.app.login import secret_files, tokens_of
from mailbot.app.mended_relay import MendedRelay
from mailbot.app.root import (
    CLOCK,
    answers_of,
    desk_of,
    fits,
    key_of,
    keys_of,
    people_of,
    process_of,
    relay_of,
    renderer_of,
    store_of,
)
from mailbot.clock import fraction
from mailbot.config import Config
from mailbot.daemon.bell import Bell, tell
from mailbot.daemon.loops import Role
from mailbot.daemon.send import SendParts
from mailbot.daemon.wake import ring
from mailbot.daemon.work import WorkParts
from mailbot.decision import AccountCame, Carried
from mailbot.engine.engine import Engine, Reader
from mailbot.engine.facts import Assume, no_assumption
from mailbot.ingest.limits import over_limit
from mailbot.ingest.parse import leaf, read_mail
from mailbot.mail import Mail
from mailbot.ports import Outbox, People, Store
from mailbot.ports.records import OutboxMail
from mailbot.process import Process
from mailbot.rules.identity.token import KeyRing
from mailbot.sending.mime import build
from mailbot.sending.outbox import SendLoop
from mailbot.sending.shadow import shadowed
from mailbot.store.sql import SqlStore
from mailbot.store.tally import tally

#: What came in is reported by the day.
DAY = timedelta(days=1)
#: How many notices may go out in a minute for what is late: a jump of the clock must not flood anybody.
LATE_PER_MINUTE = 60

log = structlog.get_logger("mailbot.send")
log_work = structlog.get_logger("mailbot.work")


def work_parts(config: Config, environ: Mapping[str, str]) -> WorkParts:
    """Make what decides about mails. Raises Faults, StoreAway."""
    store = store_of(config, environ, Role.WORK)
    key = key_of(config, environ)
    people = people_of(config, store)
    if again := store.replay(__version__, CLOCK.now()):
        log_work.info("mails-tried-again", mails=again, version=__version__)

    #: The one that decides now: a reload makes another.
    engines: list[Engine] = []

    def worker(alive: Callable[[], None]) -> Engine:
        process = process_of(config)
        fits(config, process, store)
        people.load()
        store.snapshot("process", process.version, config.desk.process.read_text(encoding="utf-8"))
        engines[:] = [engine_of(config, key, process, store=store, people=people, alive=alive)]
        return engines[0]

    return WorkParts(
        worker=worker,
        clock=CLOCK,
        bell=_bell(config, store, engines),
        free=partial(store.free, store.owner),
        limits=config.limits,
        ring=partial(ring, config.store.folder, Role.SEND),
    )


def engine_of(
    config: Config,
    key: bytes,
    process: Process,
    *,
    store: Store,
    people: People,
    alive: Callable[[], None] = lambda: None,
    assume: Assume = no_assumption,
    late_per_minute: int | None = LATE_PER_MINUTE,
) -> Engine:
    """Make the engine of the desk; `alive` is called before each mail is read."""
    desk = desk_of(config, process)
    mark = loop_mark(key, desk.address)
    keys = keys_of(config)

    def read(raw: bytes, border: str) -> Mail:
        alive()
        return read_mail(raw, border=border, own_domain=desk.domain, loop_mark=mark, keys=keys.of)

    return Engine(
        store=store,
        people=people,
        renderer=renderer_of(config),
        answers=answers_of(config),
        reader=Reader(read=read, over_limit=over_limit),
        process=process,
        desk=desk,
        ring=KeyRing(desk.domain, (key,)),
        loop_mark=mark,
        assume=assume,
        late_per_minute=late_per_minute,
    )


def loop_mark(key: bytes, address: str) -> str:
    """Return what marks this desk's own mail: nobody without the key can tell it beforehand."""
    return blake2b(address.encode(), key=key[:64], person=b"mailbot-loop", digest_size=12).hexdigest()


def _bell(config: Config, store: SqlStore, engines: Sequence[Engine]) -> Bell:
    bell = Bell()

    bell.daily(config.report.at, "report", lambda: report(config, store, engines[0], CLOCK.now()))
    bell.daily("03:30", "sweep", store.sweep)
    return bell


def report(config: Config, store: SqlStore, engine: Engine, now: datetime) -> None:
    """Tell what came in in a day and what became of it: the log, and the leads where the operator wants that."""
    counts = tally(store, now - DAY, now)
    tell(counts)
    if config.report.to == "leads":
        aside = Counter(mail.cause for mail in store.quarantine_list())
        engine.account(AccountCame(since=now - DAY, until=now, counts=counts, aside=aside), now)


def send_parts(config: Config, environ: Mapping[str, str], alive: Callable[[], None]) -> SendParts:
    """Make what takes letters to the relay and calls `alive` while it waits for it. Raises Faults, StoreAway."""
    store = store_of(config, environ, Role.SEND)
    relay = MendedRelay(
        lambda: relay_of(config, environ, tokens_of(config, "relay", config.relay, environ), alive),
        # A refresh token is read anew for each access token anyway.
        lambda: secret_files(config.relay, environ, refresh=False),
    )
    work = partial(ring, config.store.folder, Role.WORK)
    shadow = config.shadow.to
    if shadow:
        log.warning("shadow-mode", alarm="every notice goes to the address in shadow.to, and to nobody else")
    sender = SendLoop(
        store,
        relay,
        partial(_built, store),
        CLOCK.now,
        fraction,
        failed=lambda _letter, _reply: work(),
        addressed=partial(shadowed, to=shadow) if shadow else lambda letter: letter,
        mended=relay.mended,
    )
    return SendParts(
        sender=sender,
        clock=CLOCK,
        free=partial(store.free, store.owner),
        close=relay.close,
    )


def _built(outbox: Outbox, letter: OutboxMail) -> bytes:
    """Build a letter with the attachments that it carries on."""
    return build(letter, _contents(outbox, letter.carried), letter.created)


def _contents(outbox: Outbox, carried: Sequence[Carried]) -> list[bytes]:
    return [leaf(outbox.raw(one.inbox_id), one.attachment)[1] for one in carried]
