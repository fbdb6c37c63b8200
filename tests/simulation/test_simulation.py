"""Random lives of a desk, each from one seed: nothing that must not happen ever does.

What a life found becomes a row of FOUND with its seed, so that it is lived again in each run.
"""

import pytest

from mailbot.engine import engine
from tests.lives import LIVES
from tests.simulation.world import COMPANIES, Loud, World

#: Lives in the ordinary suite, for each company; and in the slow lane, for all together (`make test-slow LIVES=1000`).
ORDINARY, SLOW = range(4), LIVES
#: Lives of one slow test: each says when it is through.
STRETCH = 100


@pytest.fixture(autouse=True)
def loud(monkeypatch: pytest.MonkeyPatch):
    """The failures that the engine lives with are failures of a life."""
    monkeypatch.setattr(engine, "log", Loud())


def live(company: str, seed: int) -> None:
    """Let one life happen; what breaks a rule is told with the story that led to it."""
    world = World(company, seed)
    try:
        world.live()
        world.watch.whole()
    except BaseException as error:
        error.add_note(f"{company}, seed {seed}:\n" + "\n".join(world.story))
        raise
    finally:
        world.store.close()


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("seed", ORDINARY)
def test_no_life_of_a_desk_breaks_a_rule(company: str, seed: int):
    live(company, seed)


FOUND = [
    pytest.param("modera", 1, id="a question in a case ended in no case"),
    pytest.param("quadrotech", 4, id="a word from the shell was nowhere explained"),
    pytest.param("advendio", 8, id="a clock that had ended was met without going on"),
]


@pytest.mark.parametrize(("company", "seed"), FOUND)
def test_what_a_life_found_stays_mended(company: str, seed: int):
    live(company, seed)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("first", range(10_000, 10_000 + SLOW // len(COMPANIES), STRETCH))
def test_thousands_of_lives_break_no_rule(company: str, first: int, capsys: pytest.CaptureFixture[str]):
    for seed in range(first, first + STRETCH):
        live(company, seed)
    with capsys.disabled():
        print(f" {company}: seeds {first} to {first + STRETCH - 1} lived")  # noqa: T201 - how far the slow lane is
