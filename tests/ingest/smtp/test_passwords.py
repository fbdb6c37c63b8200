"""The password file: what it may look like, who may read it, and whom it knows."""

from pathlib import Path

import pytest

from mailbot.login import passwords
from mailbot.login.passwords import PasswordFault, Passwords, password_line

SALT = b"0123456789abcdef"
LINE = password_line("Agent@Example.com", "correct horse", SALT)


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_line_holds_address_and_hash_and_not_the_password():
    address, _, stored = LINE.partition(":")
    assert address == "agent@example.com"
    assert stored.startswith("scrypt$16384$8$1$")
    assert "correct" not in LINE
    assert password_line("agent@example.com", "correct horse", b"fedcba9876543210") != LINE


@pytest.mark.parametrize(
    ("address", "password", "right"),
    [
        pytest.param("agent@example.com", "correct horse", True, id="right"),
        pytest.param("AGENT@example.com", "correct horse", True, id="letter-case-of-the-address"),
        pytest.param("agent@example.com", "Correct horse", False, id="letter-case-of-the-password"),
        pytest.param("agent@example.com", "", False, id="empty"),
        pytest.param("other@example.com", "correct horse", False, id="somebody-else"),
        pytest.param("", "", False, id="nobody"),
    ],
)
def test_only_the_right_password_of_a_known_address_is_right(tmp_path: Path, address: str, password: str, right: bool):
    file = write(tmp_path / "passwords", f"# agents\n\n{LINE}\n")
    assert Passwords.read(file).check(address, password.encode()) is right


def test_an_unknown_address_costs_one_hash_like_a_known_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    known = Passwords.read(write(tmp_path / "passwords", LINE))
    costs: list[object] = []

    def counted(_password: bytes, **cost: object) -> bytes:
        costs.append({key: cost[key] for key in ("n", "r", "p", "dklen")})
        return bytes(32)

    monkeypatch.setattr(passwords, "scrypt", counted)
    assert not known.check("agent@example.com", b"wrong")
    # Even where the hash of nobody is met.
    assert not known.check("nobody@example.com", b"wrong")
    assert costs[0] == costs[1]
    assert len(costs) == 2


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o660])
def test_a_file_that_others_can_reach_is_refused_with_what_to_do(tmp_path: Path, mode: int):
    file = write(tmp_path / "passwords", LINE, mode)
    with pytest.raises(PasswordFault, match=f"others can read it .mode {mode:04o}.; run `chmod 600 {file}`"):
        Passwords.read(file)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("nonsense", ":1: expected one line ADDRESS:HASH", id="no-colon"),
        pytest.param(f"{LINE}\n{LINE}", ":2: expected one line ADDRESS:HASH", id="twice"),
        pytest.param("a@example.com:plain-secret", ":1: the hash of a@example.com", id="plain-password"),
        pytest.param(LINE.replace("$16384$", "$16383$"), ":1: the hash of", id="cost-no-power-of-two"),
        pytest.param(LINE.replace("$16384$", "$16777216$"), ":1: the hash of", id="cost-too-high"),
        pytest.param(LINE.replace("$16384$", "$0$"), ":1: the hash of", id="no-cost"),
        pytest.param(LINE.replace("scrypt$", "md5$"), ":1: the hash of", id="other-scheme"),
        pytest.param(LINE[:-8], ":1: the hash of", id="cut-short"),
    ],
)
def test_a_broken_line_is_named_and_its_hash_is_not_shown(tmp_path: Path, text: str, fault: str):
    with pytest.raises(PasswordFault) as refused:
        Passwords.read(write(tmp_path / "passwords", text))
    assert fault in str(refused.value)
    assert "plain-secret" not in str(refused.value)


def test_a_missing_file_and_one_that_is_no_text_are_said_plainly(tmp_path: Path):
    with pytest.raises(PasswordFault, match="cannot be read: No such file"):
        Passwords.read(tmp_path / "none")
    file = write(tmp_path / "passwords", "")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(PasswordFault, match="is not a text file"):
        Passwords.read(file)


def test_the_addresses_are_known(tmp_path: Path):
    assert Passwords.read(write(tmp_path / "passwords", LINE)).addresses == {"agent@example.com"}
