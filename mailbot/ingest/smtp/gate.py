"""Who may connect and who may try a password: the limits of the SMTP door, counted per peer.

Counts only; the session speaks. Borders (our own mail servers in front) bring everybody's mail: they are exempt from
what is counted per address and have places of their own. All the instants come from outside.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

#: More keys than this are never remembered; the oldest are forgotten first.
_MOST_KEYS = 10_000

#: What a border may do on one connection: it keeps it open and brings everybody's mail.
BORDER_CALLS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpLimits:
    """The bounds of the SMTP door; sizes in bytes, times in seconds."""

    message_size: int = 35 * 2**20
    #: Space that all mails in hand share, most of it on the disk: no more than the disk floor keeps free.
    room: int = 256 * 2**20
    #: Of strangers; borders have as many again to themselves.
    connections: int = 100
    connections_per_peer: int = 10
    #: New connections of one peer in a minute; this machine itself is exempt.
    new_per_minute: int = 60
    recipients: int = 20
    #: Refused recipients on one connection before it is closed: nobody tries out addresses here.
    refused_recipients: int = 20
    mails_per_connection: int = 100
    #: The longest wait for a command.
    idle: float = 60
    #: From 354 to the end of the data.
    data: float = 300
    #: The longest TLS handshake.
    handshake: float = 10
    failures_per_connection: int = 3
    #: Failed log-ins of one peer in ten minutes.
    failures_per_peer: int = 10
    #: Failed log-ins to one account in an hour.
    failures_per_account: int = 20
    #: Free bytes on the disk below which no mail is taken.
    disk_floor: int = 256 * 2**20


def command_limits(limits: SmtpLimits) -> dict[str, int]:
    """Return how often each command may come on one connection."""
    mails = limits.mails_per_connection
    return {
        "*": 20,
        "AUTH": limits.failures_per_connection,
        "MAIL": mails,
        "DATA": mails,
        "RSET": mails,
        # One more than fits each mail, so that it is told so rather than cut off.
        "RCPT": mails * (limits.recipients + 1),
    }


class Recent:
    """How often something happened of late, by key."""

    def __init__(self, limit: int, span: timedelta) -> None:
        self._limit = limit
        self._span = span
        self._seen: dict[str, deque[datetime]] = {}

    def reached(self, key: str, now: datetime) -> bool:
        """Has the key had its fill within the span?"""
        times = self._seen.get(key)
        while times and times[0] <= now - self._span:
            times.popleft()
        if times is not None and not times:
            del self._seen[key]
        return times is not None and len(times) >= self._limit

    def count(self, key: str, now: datetime) -> None:
        """Note one more."""
        times = self._seen.pop(key, None)
        if times is None:
            times = deque(maxlen=self._limit)
            if len(self._seen) >= _MOST_KEYS:
                del self._seen[next(iter(self._seen))]
        times.append(now)
        # At the end of the order: the key that was quiet longest is forgotten first.
        self._seen[key] = times

    def forgive(self, key: str) -> None:
        """Take the latest one back."""
        if times := self._seen.get(key):
            times.pop()


class Gate:
    """The counts of one listener."""

    def __init__(self, limits: SmtpLimits, borders: Sequence[Network] = ()) -> None:
        self._limits = limits
        self._borders = tuple(borders)
        self._open: Counter[str] = Counter()
        self._open_of_borders = 0
        self._arrived = Recent(limits.new_per_minute, timedelta(minutes=1))
        self._failed_peers = Recent(limits.failures_per_peer, timedelta(minutes=10))
        self._failed_accounts = Recent(limits.failures_per_account, timedelta(hours=1))

    def is_border(self, peer: str) -> bool:
        """Is the peer one of our own mail servers?"""
        address = _address(peer)
        return address is not None and any(address in network for network in self._borders)

    def enter(self, peer: str, now: datetime, take_back: Callable[[int], bool] = lambda _held: False) -> bool:
        """Count a new connection in, or say that there are too many; each that entered must `leave`.

        When strangers have all their places, `take_back` is told how many the newcomer holds and says whether it took
        one from another, who has left by then.
        """
        if self.is_border(peer):
            if self._open_of_borders >= self._limits.connections:
                return False
            self._open_of_borders += 1
            return True
        key = _key(peer)
        if self.held(peer) >= self._limits.connections_per_peer:
            return False
        if not is_loopback(peer) and self._arrived.reached(key, now):
            return False
        if self._open.total() >= self._limits.connections and not take_back(self.held(peer)):
            return False
        if not is_loopback(peer):
            self._arrived.count(key, now)
        self._open[key] += 1
        return True

    def leave(self, peer: str) -> None:
        """Count a connection out."""
        if self.is_border(peer):
            self._open_of_borders -= 1
            return
        key = _key(peer)
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]

    def held(self, peer: str) -> int:
        """Return how many places the stranger's address holds."""
        return self._open[_key(peer)]

    def may_try(self, peer: str, account: str, now: datetime) -> bool:
        """May the peer try a password of this account? A try counts as failed until `welcome` takes it back.

        Counted before it is checked, so that tries side by side do not slip through.
        """
        if self._failed_peers.reached(_key(peer), now) or self._failed_accounts.reached(account, now):
            return False
        self._failed_peers.count(_key(peer), now)
        self._failed_accounts.count(account, now)
        return True

    def welcome(self, peer: str, account: str) -> None:
        """The password was right."""
        self._failed_peers.forgive(_key(peer))
        self._failed_accounts.forgive(account)


def is_loopback(peer: str) -> bool:
    """Does the peer run on this machine?"""
    address = _address(peer)
    return address is not None and address.is_loopback


def _address(peer: str) -> Address | None:
    """Read a peer's address; an IPv4 peer on an IPv6 socket is an IPv4 peer."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _key(peer: str) -> str:
    """Return what a peer is counted by: one customer line has a whole IPv6 /64."""
    address = _address(peer)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or peer)
