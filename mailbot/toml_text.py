"""TOML that a person wrote, read or refused in plain words: never a traceback, whatever the file holds.

Reads bytes that somebody else fetched; knows no file and no key.
"""

import tomllib
from collections.abc import Mapping
from typing import Any

_MARK = b"\xef\xbb\xbf"


def toml(raw: bytes) -> Mapping[str, Any]:
    """Read a whole document. Raises ValueError that says what is wrong, without the name of the file."""
    if raw.startswith(_MARK):
        wrong = "begins with a byte order mark, which TOML does not have; save the file as UTF-8 without BOM"
        raise ValueError(wrong)
    try:
        return tomllib.loads(raw.decode())
    except UnicodeDecodeError as error:
        wrong = f"is not UTF-8 at byte {error.start}; save the file as UTF-8"
    except tomllib.TOMLDecodeError as error:
        # Its text ends with the place: "... (at line 3, column 7)".
        wrong = f"is no valid TOML: {str(error)[:1].lower()}{str(error)[1:]}"
    except RecursionError:
        wrong = "is no valid TOML: brackets lie in brackets, hundreds deep; write the lists that the key takes"
    except ValueError:
        # The only other thing that Python's reader does not bear: thousands of digits.
        wrong = "is no valid TOML: a number has thousands of digits; write one that can be meant"
    raise ValueError(wrong)
