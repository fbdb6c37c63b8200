"""The enhanced status codes of the replies that the library writes by itself (RFC 2034, RFC 3463, RFC 5248).

Our own replies have theirs. The greeting and the answers to HELO and EHLO carry none (RFC 2034 section 4).
"""

import re

_BEGINNINGS = {
    "250 OK": "2.0.0",
    "250 Syntax:": "2.0.0",
    "250 Supported commands:": "2.0.0",
    "252 ": "2.0.0",
    "221 Bye": "2.0.0",
    "220 Ready to start TLS": "2.0.0",
    "454 TLS": "4.7.0",
    "500 Error: command": "5.5.1",
    "500 ": "5.5.2",
    "501 ": "5.5.4",
    "502 ": "5.5.1",
    "503 ": "5.5.1",
    "530 ": "5.7.0",
    "552 ": "5.3.4",
    "554 ": "5.7.0",
    "555 ": "5.5.4",
}
_HAS_CODE = re.compile(r"\d{3} [245]\.\d{1,3}\.\d{1,3} ")


def coded(reply: str) -> str:
    """Return the reply with an enhanced status code where it should have one and has none."""
    if _HAS_CODE.match(reply):
        return reply
    code = next((code for beginning, code in _BEGINNINGS.items() if reply.startswith(beginning)), "")
    return f"{reply[:4]}{code} {reply[4:]}" if code else reply
