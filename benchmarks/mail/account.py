"""All mails through a whole desk, twice: each accounted for, none wrongly kept out, none doubled, no machine told."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from benchmarks.mail.table import Row, mails
from mailbot.decision import Ending
from mailbot.ingest.parse import read_mail
from tests.acceptance.bench import Bench

_AGENT = "mari@example.com"
#: Mail that people wanted and a corpus says so by its folder.
_WANTED = "ham"
#: Reasons of what is not wanted, and of a fault of ours.
_UNWANTED, _FAULT = ("spam", "blocked", "filter"), ("crash",)


def measure(folder: Path) -> Iterator[Row]:
    """Yield what became of the mails, the first time and the second."""
    # A line for each mail would bury the table.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    raws: dict[bytes, str] = {}
    for name, raw in mails(folder):
        raws.setdefault(raw, name)
    with TemporaryDirectory() as place:
        bench = Bench(Path(place) / "desk", _AGENT)
        try:
            yield from _first(bench, raws)
            yield from _second(bench, raws)
        finally:
            bench.close()


def _first(bench: Bench, raws: Mapping[bytes, str]) -> Iterator[Row]:
    for raw in raws:
        bench.take_in(raw)
    bench.rest()
    account = bench.account()
    ended = sum(account.get(ending, 0) for ending in Ending)
    told = ", ".join(f"{count} {ending}" for ending, count in account.items() if ending in frozenset(Ending))
    yield Row(f"accounted for: {told}", ended, account["received"])
    aside = bench.store.quarantine_list()
    names = {mail.id: raws.get(bench.store.raw(mail.id), f"mail {mail.id}") for mail in aside}
    crashed = tuple(f"{names[mail.id]}: {mail.reason}" for mail in aside if mail.cause in _FAULT)
    yield Row("read without a fault of ours", account["received"] - len(crashed), account["received"], crashed)
    wanted = sum(_WANTED in name for name in raws.values())
    lost = [mail for mail in aside if mail.cause in _UNWANTED and _WANTED in names[mail.id]]
    yield Row("wanted, and not kept out", wanted - len(lost), wanted, tuple(names[mail.id] for mail in lost))
    silent = {mail.message_id for mail in map(read_mail, raws) if not mail.answerable and mail.message_id}
    spoken = {mail.message_id for mail in map(read_mail, raws) if mail.answerable}
    machines = silent - spoken
    answered = [str(one["In-Reply-To"]) for _, one in bench.relay.taken if one["To"] != _AGENT]
    wrong = tuple(one for one in answered if one in machines)
    yield Row("machines that got no answer", len(machines) - len(set(wrong)), len(machines), wrong)


def _second(bench: Bench, raws: Mapping[bytes, str]) -> Iterator[Row]:
    cases, sent, received = len(bench.store.cases()), len(bench.relay.taken), bench.account()["received"]
    for raw in raws:
        bench.take_in(raw)
    bench.rest()
    more = len(bench.store.cases()) - cases, len(bench.relay.taken) - sent, bench.account()["received"] - received
    counted = zip(more, ("cases", "letters", "mails"), strict=True)
    lost = tuple(f"{count} more {what}" for count, what in counted if count)
    yield Row("known again", received - more[2], received, lost)
