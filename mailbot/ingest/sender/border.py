"""Which border a mail shows: the kind of server before a mailbox, its id, and the hosts behind it.

For an operator who sets a desk up with a mail that is known to be genuine. Nothing is believed because of it: a sender
could write all of it, so it only says what may be put into the configuration.
"""

from collections.abc import Iterator
from itertools import takewhile

from mailbot.ingest.format import header
from mailbot.ingest.format.header import Header
from mailbot.ingest.sender import identify, results
from mailbot.mail import Authentication, Border, BorderKind

#: Providers whose servers change from mail to mail, by what their ids end with.
PROVIDERS = {
    ".messagingengine.com": Border(
        authserv_id="*.messagingengine.com", hosts=("*.internal", "sloti*"), every_field=True
    )
}
#: The domain that a forged result of our own vouches for; nobody has it (RFC 2606).
FORGED = "forged-by-mailbot-doctor.invalid"


def shown(raw: bytes, domain: str) -> Border | None:
    """Return the border whose words this mail would have believed, None where there are none to believe.

    `domain` is the desk's own, for mail from inside its organisation.
    """
    fields = header.read(raw)
    return next((one for one in _possible(fields, domain) if identify.authentication(fields, one) != _NONE), None)


def results_in(raw: bytes) -> tuple[str, ...]:
    """Return what each result field of a mail calls its server, from the top; "" for one without an id."""
    return tuple(_id(field.value) for field in header.read(raw).all(identify.RESULTS))


def forged_in(raw: bytes) -> bool:
    """Is the forged result of our own probe still in this mail, as a result field?"""
    return any(FORGED in field.value for field in header.read(raw).all(identify.RESULTS))


_NONE = Authentication()


def _possible(fields: Header, domain: str) -> Iterator[Border]:
    """Yield the borders that the mail may have come through, the most telling shape first."""
    above = list(takewhile(lambda field: field.name != identify.RESULTS, fields.fields))
    below = fields.fields[len(above) :]
    first = _id(below[0].value) if below else ""
    way = tuple(dict.fromkeys(filter(None, identify.hops(above))))
    if first == identify.GMAIL_ID:
        yield Border(kind=BorderKind.GMAIL, authserv_id=identify.GMAIL_ID)
    yield Border(kind=BorderKind.MICROSOFT365, domains=(domain,))
    yield from (border for ending, border in PROVIDERS.items() if first.endswith(ending))
    if first:
        hosts = tuple(host for host in way if host != first.lower())
        alone = Border(authserv_id=first, hosts=hosts)
        every = Border(authserv_id=first, hosts=hosts, every_field=True)
        if identify.authentication(fields, alone) != identify.authentication(fields, every):
            yield every
        yield alone
    servers = tuple(dict.fromkeys(filter(None, identify.hops(fields.fields))))
    yield Border(kind=BorderKind.EXCHANGE, hosts=servers, domains=(domain,))


def _id(value: str) -> str:
    """RFC 8601 section 2.2: the authserv-id of a result field."""
    bare = results.bare(value)
    found = results.split_id(bare) if bare is not None else None
    return found[0] if found else ""
