"""`mailbot check` on the table of proofs: less than the default is a warning, stricter is none."""

from pathlib import Path

import pytest

from mailbot.app.init import Wishes, make_home
from mailbot.cli import main
from mailbot.config.file import load_config
from mailbot.people import SUFFICIENT


def checked(folder: Path, section: str) -> tuple[int, Path]:
    make_home(folder, Wishes(agents=("kim@example.test",), domain="example.test"))
    file = folder / "mailbot.toml"
    before, _, after = file.read_text().partition("[trust]\n")
    file.write_text(f"{before}[trust]\n{section}\n{after[after.index('# Cases') :]}")
    return main(["check", "-c", str(file)]), file


@pytest.mark.parametrize(
    ("section", "warned"),
    [
        pytest.param("", [], id="the defaults"),
        pytest.param('customer = ["verified+token"]\nmember = []\ndangerous = ["session+signed"]', [], id="stricter"),
        pytest.param('member = ["Verified + Token"]', [], id="written with capitals and spaces"),
        pytest.param('member = ["token+verified"]', [], id="in the other order"),
        pytest.param('member = ["session", "token"]', ["trust.member: 'token'"], id="a leaked address is enough"),
        pytest.param(
            'member = ["verified+reference"]\ndangerous = ["verified+token"]',
            ["trust.member: 'verified+reference'", "trust.dangerous: 'verified+token'"],
            id="two that are looser",
        ),
    ],
)
def test_what_asks_for_less_than_the_default_is_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], section: str, warned: list[str]
):
    status, file = checked(tmp_path / "desk", section)
    assert status == 0
    said = [line.partition(f"{file}: ")[2] for line in capsys.readouterr().err.splitlines() if "trust." in line]
    assert [line.partition(" is less")[0] for line in said] == warned


def test_the_defaults_of_the_file_are_the_table_of_the_rules(tmp_path: Path):
    _, file = checked(tmp_path / "desk", "")
    assert load_config(file, {}).outside().needs == SUFFICIENT


def test_a_bare_from_is_refused_with_file_and_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    status, file = checked(tmp_path / "desk", 'customer = ["token", "claimed"]')
    assert status == 2
    assert f"{file}: trust.customer: 'claimed' lets in whoever writes that From" in capsys.readouterr().err
