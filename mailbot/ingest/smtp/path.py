"""The paths in MAIL and RCPT (RFC 5321 section 4.1.2)."""

import re

#: RFC 5321 section 4.1.2, dots anywhere in the local part, brackets left out and low lines in the domain as some
#: machines do; a source route is read over, as section 3.6.1 says. The library's own reader takes garbage and costs a
#: third of a mail's time.
_MAILBOX = (
    r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,128}|\"(?:[ !#-\[\]-~]|\\[ -~]){0,126}\")"
    r"@(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Za-z:.]{1,64}\])"
)
_PATH = re.compile(rf"(?:<(?:(?:@[A-Za-z0-9._-]+,?){{1,10}}:)?({_MAILBOX})?>|({_MAILBOX}))(?: +(.*))?")


def path(argument: str) -> tuple[str | None, str | None]:
    """Read a path, and what stands behind it; (None, None) for a garbled one, "<>" for the null path."""
    found = _PATH.fullmatch(argument.strip())
    return (found[1] or found[2] or "<>", found[3] or "") if found else (None, None)
