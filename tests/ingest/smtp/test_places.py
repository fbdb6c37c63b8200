"""Nobody is kept out by those who hold places without bringing mail."""

from ipaddress import ip_network

import pytest

from mailbot.ingest.smtp.listener import SmtpLimits, SmtpSettings
from mailbot.ingest.smtp.place import Pace, Place, taken_back
from tests.ingest.smtp.conftest import MAIL, Desk, OpenDesk, Wire

BORDER = "127.0.0.99"
HOLDERS = ("127.0.1.1", "127.0.2.1")
STRANGER = "127.0.3.1"


def in_data(wire: Wire) -> None:
    wire.begin_data()
    wire.send(b"Subject: x\r\n")


def busy_with_nothing(wire: Wire) -> None:
    assert wire.say("NOOP").startswith("250")


@pytest.fixture(params=[in_data, busy_with_nothing], ids=["a byte a second", "nothing but NOOP"])
def besieged(request: pytest.FixtureRequest, open_desk: OpenDesk) -> tuple[Desk, list[Wire]]:
    """A desk whose places are all held by two addresses, as many each as one may."""
    limits = SmtpLimits(connections=4, connections_per_peer=2)
    desk = open_desk(SmtpSettings(port=0, limits=limits, borders=(ip_network(BORDER),)))
    wires = [desk.wire(holder) for holder in HOLDERS for _ in range(2)]
    for wire in wires:
        request.param(wire)
    return desk, wires


def test_a_border_is_served_while_strangers_hold_every_place(besieged: tuple[Desk, list[Wire]]):
    desk, wires = besieged
    border = desk.wire(BORDER)
    border.begin_data()
    border.send(MAIL + b".\r\n")
    assert border.reply().startswith("250 2.0.0")
    for wire in wires:
        wire.send(b".\r\n")
        assert wire.reply()[:3] in ("250", "500"), "nobody had to make way for it"


def test_a_stranger_from_elsewhere_is_served_at_once(besieged: tuple[Desk, list[Wire]]):
    desk, wires = besieged
    stranger = desk.wire(STRANGER)
    stranger.begin_data()
    stranger.send(MAIL + b".\r\n")
    assert stranger.reply().startswith("250 2.0.0")
    assert wires[0].reply().startswith("421 4.3.2")


def test_who_holds_places_cannot_take_the_newcomers(besieged: tuple[Desk, list[Wire]]):
    desk, _ = besieged
    stranger = desk.wire(STRANGER)
    for holder in HOLDERS:
        desk.wire(holder)
    assert stranger.say("NOOP").startswith("250")


def test_a_mail_that_is_being_stored_keeps_its_place(open_desk: OpenDesk):
    desk = open_desk(SmtpSettings(port=0, limits=SmtpLimits(connections=2)))
    desk.inbox.open.clear()
    wires = [desk.wire(HOLDERS[0]) for _ in range(2)]
    for wire in wires:
        wire.begin_data()
    wires[0].send(MAIL + b"0\r\n.\r\n")
    assert desk.inbox.begun.acquire(timeout=20)
    wires[1].send(MAIL + b"1\r\n.\r\n")
    desk.await_waiting(1)
    assert desk.wire(STRANGER).greeting.startswith("421 4.7.0")
    desk.inbox.open.set()
    assert {wire.reply()[:9] for wire in wires} == {"250 2.0.0"}


def place(held: int, *, working: bool = False, since: float = 0) -> Place:
    return Place(held=held, working=working, since=since)


@pytest.mark.parametrize(
    ("places", "held", "holder"),
    [
        pytest.param({}, 0, None, id="nobody is there"),
        pytest.param({"a": place(1), "b": place(1, since=1)}, 0, "a", id="the one that brought nothing for longest"),
        pytest.param({"a": place(1), "b": place(5, since=1)}, 0, "b", id="of the address that holds most"),
        pytest.param({"a": place(9, working=True), "b": place(1)}, 0, "b", id="first who does not get on"),
        pytest.param({"a": place(1)}, 2, None, id="never one who has less than the newcomer"),
        pytest.param({"a": place(2, working=True)}, 0, "a", id="one of many, though it gets on"),
        pytest.param({"a": place(1, working=True)}, 0, None, id="not the only one that an address has"),
        pytest.param({"a": place(9, working=True)}, 8, None, id="not when nothing would be fairer"),
    ],
)
def test_whose_place_is_taken_back(places: dict[str, Place], held: int, holder: str | None):
    assert taken_back(places, held) == holder


def test_a_client_works_while_it_speaks_and_not_when_it_speaks_without_bringing_mail():
    pace = Pace(0)
    assert pace.works(1)
    assert not pace.works(1.1), "silent"
    for second in range(1, 6):
        pace.heard = second
    assert pace.works(5)
    pace.heard = 5.8
    assert not pace.works(5.8), "spoke all the time and brought nothing"
    pace.begin(6)
    pace.end(7, brought=True)
    assert pace.works(8)


def test_a_mail_that_was_refused_is_none_that_was_brought():
    pace = Pace(0)
    pace.begin(4)
    pace.end(8, brought=False)
    assert not pace.works(8)


def test_a_mail_gets_on_while_it_comes_fast_enough():
    pace = Pace(0)
    pace.begin(0)
    assert pace.works(2.9), "too early to tell"
    for second in range(1, 60):
        pace.count(1_000, second)
        assert pace.works(second)
    assert not pace.works(63), "it came to a standstill"


def test_a_mail_that_trickles_after_a_quick_beginning_does_not_get_on():
    pace = Pace(0)
    pace.begin(0)
    pace.count(1_000_000, 1)
    for second in range(2, 10):
        pace.count(1, second)
    assert not pace.works(9.5)
