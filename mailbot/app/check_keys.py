"""The OpenPGP keys beside the directory, for an operator: whose they are, and why one counts for nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from mailbot.app.root import CLOCK
from mailbot.config import Config
from mailbot.faults import Fault
from mailbot.ingest.sender.openpgp_keys import Key, read_keys
from mailbot.people import Directory, Person


def key_faults(config: Config) -> Sequence[Fault]:
    """Return what is wrong with the files of the folder; what they were to hold counts for nobody."""
    return read_keys(config.directory.keys)[1]


def key_warnings(config: Config, directory: Directory) -> Iterator[Fault]:
    """Yield the keys by which nobody can prove anything."""
    known = {address for person in directory.people for address in addresses(person)}
    for key in read_keys(config.directory.keys)[0]:
        wrong = state_of(key, CLOCK.now())
        if key.address not in known:
            wrong = "nobody in the directory has this address; give it to somebody, or remove the file"
        if wrong:
            yield Fault(file=str(key.file), key="", wrong=f"the key {short(key)} counts for nothing: {wrong}")


def keys_of_people(config: Config, people: Sequence[Person]) -> Mapping[str, Sequence[str]]:
    """Return by their registered address the keys of the people, as a person names them, with what is wrong."""
    by_address: defaultdict[str, list[str]] = defaultdict(list)
    for key in read_keys(config.directory.keys)[0]:
        wrong = state_of(key, CLOCK.now()).partition(";")[0]
        by_address[key.address].append(short(key) + (f" ({wrong})" if wrong else ""))
    return {p.address: [key for address in addresses(p) for key in by_address[address]] for p in people}


def state_of(key: Key, now: datetime) -> str:
    """Say why a key does not count, and what to do; "" where it does."""
    if key.revoked:
        return "it is revoked; put the new one there"
    if key.expires and key.expires <= now:
        return f"it expired on {key.expires:%Y-%m-%d}; put it there with its new date, or a new one"
    return ""


def short(key: Key) -> str:
    """Return a key's id as mail programs show it."""
    return key.fingerprint[-16:].upper()


def addresses(person: Person) -> tuple[str, ...]:
    """Return every address of a person."""
    return (person.address, *person.also)
