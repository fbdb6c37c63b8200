"""What every command has: `-c` and `--json`, help that a newcomer can live by, one line for wrong use."""

import pytest
import typer

from mailbot import __version__
from mailbot.cli import application, main

COMMANDS = typer.main.get_command(application()).commands  # type: ignore[attr-defined]  # several commands make a group


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_takes_a_configuration_and_json_after_it(name: str):
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {"-c", "--config", "--json"} <= options


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_and_its_options(name: str, capsys: pytest.CaptureFixture[str]):
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out.strip()
    assert COMMANDS[name].help
    assert [p.name for p in COMMANDS[name].params if p.param_type_name == "option" and not p.help] == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["dance"], "mailbot: No such command 'dance'.", id="unknown-command"),
        pytest.param(["check", "--loud"], "mailbot check: No such option: --loud", id="unknown-option"),
        pytest.param(["check", "-c"], "mailbot: Option '-c' requires an argument.", id="option-without-value"),
        pytest.param(
            ["run", "--only", "dance"], "mailbot run: Invalid value for '--only': 'dance' is not", id="wrong-choice"
        ),
    ],
)
def test_wrong_use_is_one_line_and_2(capsys: pytest.CaptureFixture[str], words: list[str], expected: str):
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(expected)
    assert len(said.err.splitlines()) == 1


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"mailbot {__version__}\n"


def test_without_a_command_it_shows_what_there_is(capsys: pytest.CaptureFixture[str]):
    assert main([]) == 2
    said = capsys.readouterr()
    assert "init" in said.out + said.err
