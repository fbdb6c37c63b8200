"""What `mailbot check` and `mailbot directory` say of the OpenPGP keys beside the directory."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pysequoia import Cert

from tests.cli.conftest import ANNA, Said
from tests.ingest.signing import signer

Mailbot = Callable[..., Said]
SIGNER = signer("anna")
PUBLIC = SIGNER.public
SHORT = PUBLIC.fingerprint[-16:].upper()


def expired() -> Cert:
    return PUBLIC.set_expiration(datetime.now(UTC) - timedelta(seconds=1), SIGNER.secret.certifier())


def revoked() -> Cert:
    return Cert.from_bytes(bytes(PUBLIC) + bytes(PUBLIC.revoke(SIGNER.secret.certifier())))


@pytest.mark.parametrize(
    ("address", "key", "code", "said"),
    [
        pytest.param(ANNA, str(PUBLIC), 0, "", id="hers"),
        pytest.param("who@example.com", str(PUBLIC), 0, "nobody in the directory has this address", id="nobody's"),
        pytest.param(ANNA, str(revoked()), 0, f"the key {SHORT} counts for nothing: it is revoked", id="revoked"),
        pytest.param(ANNA, str(expired()), 0, f"the key {SHORT} counts for nothing: it expired on", id="expired"),
        pytest.param(ANNA, "no key", 2, "holds no OpenPGP key", id="broken"),
    ],
)
def test_check_says_which_keys_count_for_nothing(
    home: Path, mailbot: Mailbot, *, address: str, key: str, code: int, said: str
):
    file = home / "keys" / f"{address}.asc"
    file.parent.mkdir()
    file.write_text(key)
    found = mailbot("check")
    assert found.code == code
    lines = [line for line in found.err.splitlines() if str(file) in line]
    assert len(lines) == bool(said)
    assert said in "".join(lines)


def test_the_directory_shows_whose_keys_there_are_and_which_files_are_broken(home: Path, mailbot: Mailbot):
    keys = home / "keys"
    keys.mkdir()
    (keys / f"{ANNA}.asc").write_text(str(PUBLIC))
    (keys / "who.asc").write_text(str(PUBLIC))
    assert json.loads(mailbot("directory", "--json").out)[0]["openpgp"] == [SHORT]
    listed = mailbot("directory")
    assert SHORT in listed.out
    assert listed.err.startswith(f"{keys / 'who.asc'}: is not called after an address")
    assert f"openpgp  {SHORT}" in mailbot("directory", "show", ANNA).out
    (keys / f"{ANNA}.asc").write_text(str(revoked()))
    assert json.loads(mailbot("directory", "show", ANNA, "--json").out)["openpgp"] == [f"{SHORT} (it is revoked)"]
