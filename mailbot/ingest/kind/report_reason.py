"""Why a mail did not arrive, in a small vocabulary: by the words of the other server, else by its status code.

The words come first, for servers give 5.7.1 and 5.0.0 for everything (RFC 3463 section 3 says what the codes mean).
"""

from mailbot.ingest import words

OTHER = "other"
_LONGEST = 1_000
#: In the order of the file: the first that fits is the reason.
_SAID = {name: words.pattern("failures", name) for name in words.names("failures")}
_CODES = words.meanings("codes")
#: These codes are exact: who gives them means them, whatever sentence about policies stands behind them.
_EXACT = frozenset({"x.1.1", "x.1.2", "x.1.10", "x.2.1", "x.2.2", "x.2.3", "x.3.4", "x.4.6"})
#: What a later mail, or a later try, may find gone.
PASSING = frozenset({"mailbox-full", "greylisted", "rate", "network", "expired"})


def reason(status: str, said: str) -> str:
    """Return a word of the vocabulary for a failure: `unknown-address`, `mailbox-full`, ...; `other` for none."""
    code = f"x{status[1:]}" if status else ""
    if code in _EXACT:
        return _CODES[code]
    shown = said[:_LONGEST]
    return next((name for name, pattern in _SAID.items() if pattern.search(shown)), _CODES.get(code, OTHER))
