"""Shadow mode: every notice goes to one address instead of to people, so that an operator can watch for a first week.

Applied when a letter is handed to the relay and nowhere earlier: cases, clocks and outbox are those of real use, a
letter that was written before the mode was switched on does not slip out, and nothing is sent a second time when it is
switched off.
"""

import re
from dataclasses import replace
from html import escape

from mailbot.ports.records import OutboxMail

#: Names whom a letter was meant for, so that a mail program can sort by it.
FIELD = "X-Mailbot-Shadow"


def shadowed(letter: OutboxMail, to: str) -> OutboxMail:
    """Return the letter as the operator gets it: addressed to nobody else, and saying whom it was meant for."""
    said = f"Shadow mode: this mail was meant for {letter.to}, who did not get it."
    box = f'<p style="margin:0;padding:0;background:#fff3c4;color:#1f2328;font-size:14px">{escape(said)}</p>'
    html = re.sub(r"<body[^>]*>", lambda body: body[0] + box, letter.html, count=1)
    return replace(
        letter,
        to=to,
        text=f"{said}\n\n{letter.text}",
        html=html if html != letter.html or not html else f"{box}{html}",
        fields=(*letter.fields, (FIELD, letter.to)),
    )
