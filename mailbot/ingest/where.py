"""Where a fault of ours happened, for the log: places in the code and nothing of a mail, an address or a password."""

import traceback
from pathlib import Path

#: The innermost calls tell most.
_MOST = 8


def where(error: BaseException) -> str:
    """Return the innermost calls, outermost first: `door.py:147 handle_DATA, ...`."""
    frames = traceback.extract_tb(error.__traceback__)[-_MOST:]
    return ", ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
