"""Secrets come from files that nobody else can read, and are never shown."""

from pathlib import Path

import pytest

from mailbot.config.file import read_secret
from mailbot.faults import Faults


@pytest.fixture
def secret(tmp_path: Path):
    file = tmp_path / "relay-password"
    file.write_text("canary\n")
    file.chmod(0o600)
    return file


def test_a_secret_is_its_file_without_the_line_end_and_does_not_show_itself(secret: Path):
    found = read_secret(secret, {}, key="relay.password_file")
    assert found.get_secret_value() == "canary"
    assert "canary" not in f"{found} {found!r}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644], ids=oct)
def test_a_secret_that_others_can_read_is_refused(secret: Path, mode: int):
    secret.chmod(mode)
    with pytest.raises(Faults) as caught:
        read_secret(secret, {}, key="relay.password_file")
    wanted = f"{secret}: relay.password_file: can be read by others (mode {mode:04o}); make it yours alone: chmod 600 "
    assert str(caught.value) == wanted + str(secret)


def test_a_secret_that_is_missing_names_file_and_key(tmp_path: Path):
    with pytest.raises(Faults, match=r"gone: secrets.key: does not exist"):
        read_secret(tmp_path / "gone", {}, key="secrets.key")


def test_a_secret_that_is_no_file_cannot_be_read(tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    with pytest.raises(Faults, match="cannot be read"):
        read_secret(folder, {}, key="secrets.key")


def test_a_secret_that_is_no_text_is_refused_without_showing_it(secret: Path):
    secret.write_bytes(b"\xff\xfecanary")
    with pytest.raises(Faults, match="is no text") as caught:
        read_secret(secret, {}, key="secrets.key")
    assert "canary" not in str(caught.value)


def test_a_credential_of_systemd_goes_first(secret: Path, tmp_path: Path):
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    # systemd shows the access list's mask as the group's rights.
    (credentials / secret.name).write_text("from systemd\n")
    (credentials / secret.name).chmod(0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(credentials)}
    assert read_secret(secret, environ, key="relay.password_file").get_secret_value() == "from systemd"
    (credentials / secret.name).unlink()
    assert read_secret(secret, environ, key="relay.password_file").get_secret_value() == "canary"
