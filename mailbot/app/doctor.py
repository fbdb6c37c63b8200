"""`mailbot doctor`: the parts that mailbot is configured to use, in the order in which they are tried for real.

Changes nothing and sends nothing. What is wrong in the configuration comes first and ends it: nothing can be tried
with a file that says nonsense.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from mailbot.app.check import written_faults
from mailbot.app.doctor_daemon import clock, daemon, listener, lmtp_listener
from mailbot.app.doctor_home import configuration, directory, secrets, shadow, state_folder, store
from mailbot.app.doctor_mail import mailbox_parts, names, relay
from mailbot.app.doctor_part import Ground, Part, Surroundings
from mailbot.config.file import load_config
from mailbot.faults import Faults


def ground_of(path: Path | None, environ: Mapping[str, str], around: Surroundings | None = None) -> Ground:
    """Read the configuration that the parts are tried with. Raises Faults with all that is wrong in it."""
    config = load_config(path, environ)
    if found := tuple(written_faults(config, environ)):
        raise Faults(found)
    return Ground(config=config, environ=environ, around=around or Surroundings())


def parts(ground: Ground) -> Iterator[Part]:
    """Yield the parts in the order in which they are tried: what others need comes first."""
    yield Part(name="configuration", attempt=configuration)
    yield Part(name="state folder", attempt=state_folder)
    yield Part(name="secrets", attempt=secrets)
    yield Part(name="store", attempt=store)
    yield Part(name="directory", attempt=directory)
    yield Part(name="daemon", attempt=daemon)
    yield Part(name="listener", attempt=listener)
    yield Part(name="lmtp", attempt=lmtp_listener)
    yield from mailbox_parts(ground.config)
    yield Part(name="relay", attempt=relay)
    yield Part(name="names", attempt=names)
    yield Part(name="clock", attempt=clock)
    yield Part(name="shadow mode", attempt=shadow)
