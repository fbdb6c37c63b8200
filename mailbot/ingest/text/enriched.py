"""The words of text/enriched (RFC 1896) and of text/richtext (RFC 1341): its commands are taken out.

Knows no style: a person would read the words alone. Linear.
"""

import re

_PARAMETER = re.compile(r"(?i)<param>[^<]{0,1000}+</param>")
_COMMAND = re.compile(r"</?[A-Za-z0-9-]{1,60}>")
_LINE_ENDS = re.compile(r"\n+")
#: A character that no text holds stands for the one that is written twice.
_LESS = "\x00"


def rendered(text: str) -> str:
    """Return what is read: one line end is a blank, of several one is dropped; `<<` is one (RFC 1896 section 2)."""
    words = _COMMAND.sub("", _PARAMETER.sub("", text.replace("<<", _LESS))).replace(_LESS, "<")
    return _LINE_ENDS.sub(lambda found: found[0][1:] or " ", words.strip("\n"))


def rich(text: str) -> str:
    """Return what is read of the older text/richtext: line ends are blanks, `<nl>` is one, `<lt>` a sign."""
    lines = re.sub(r"(?i)<nl>|</?paragraph>", "\n", " ".join(text.split("\n")))
    return _COMMAND.sub("", re.sub(r"(?i)<lt>", _LESS, lines)).replace(_LESS, "<")
