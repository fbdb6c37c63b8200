"""TOML as a person may have written it: what cannot be read is said in plain words, in every file."""

from pathlib import Path

import pytest

from mailbot.config.file import load_config
from mailbot.faults import Faults
from mailbot.process.file import load_process
from mailbot.toml_text import toml

#: What the file holds, and what is said of it.
BROKEN = {
    "byte-order-mark": (b"\xef\xbb\xbfschema = 1\n", "begins with a byte order mark"),
    "latin-1": ('title = "Büro"\n'.encode("latin-1"), "is not UTF-8 at byte 10; save the file as UTF-8"),
    "half-a-line": (b"schema = \n", "is no valid TOML: invalid value (at line 1, column 10)"),
    "brackets-in-brackets": (b"title = " + b"[" * 6000 + b"]" * 6000, "brackets lie in brackets, hundreds deep"),
    "tables-in-tables": (b"title = " + b"{a=" * 6000 + b"1" + b"}" * 6000, "brackets lie in brackets"),
    "five-thousand-digits": (b"schema = " + b"1" * 5000, "a number has thousands of digits"),
    "every-sign": (bytes(range(256)), "is n"),
}


def test_what_is_written_well_is_read():
    assert toml(b'schema = 1\nclosed = ["a"]\r\n[start]\n') == {"schema": 1, "closed": ["a"], "start": {}}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("load", [load_process, lambda path: load_config(path, {})], ids=["process", "configuration"])
def test_what_cannot_be_read_is_one_fault_of_its_file(tmp_path: Path, name: str, load):
    raw, told = BROKEN[name]
    path = tmp_path / "file.toml"
    path.write_bytes(raw)
    with pytest.raises(Faults) as found:
        load(path)
    (fault,) = found.value.faults
    assert (fault.file, fault.key) == (str(path), "")
    assert told in fault.wrong


def test_a_list_of_the_environment_that_cannot_be_read_is_a_list_of_words(tmp_path: Path):
    path = tmp_path / "mailbot.toml"
    path.write_text('[desk]\naddress = "support@example.test"\n')
    environ = {"MAILBOT_LISTEN__BORDERS": "[" * 6000}
    with pytest.raises(Faults) as found:
        load_config(path, environ)
    (fault,) = found.value.faults
    assert fault.key.startswith("listen.borders")
