"""What spam filters in front wrote into the header: SpamAssassin, Rspamd, Microsoft, Barracuda, Proofpoint and others.

Only a verdict against the mail is read. Points alone are none: how many are too many is the filter's own setting.
"""

import re
from itertools import islice

from mailbot.ingest.format import header
from mailbot.spam import Spam

#: Field name -> what its value says when the mail is spam. First the fields of those who say nothing else.
_VERDICTS = {
    "X-Spam-Flag": r"yes\b",  # SpamAssassin, Amavis
    "X-Spam-Status": r"yes\b",
    "X-Spam": r"yes\b|true\b",  # Rspamd
    "X-Rspamd-Action": r"reject\b|add header\b|rewrite subject\b",
    "X-Spamd-Result": r"[\w.-]+: *true\b",
    # Microsoft: SFV is the verdict (spam; blocked by a list; marked by a rule), SCL its confidence, spam from 5 on.
    "X-Forefront-Antispam-Report": r".*\bSFV: ?(?:SPM|SKB|SKS)\b|.*\bSCL: ?[5-9]\b",
    "X-Forefront-Antispam-Report-Untrusted": r".*\bSFV: ?(?:SPM|SKB|SKS)\b|.*\bSCL: ?[5-9]\b",
    "X-MS-Exchange-Organization-SCL": r"[5-9]\b",
    "X-Barracuda-Spam-Flag": r"yes\b",
    "X-Barracuda-Spam-Status": r"yes\b",
    "X-Proofpoint-Spam-Details": r".*\brule=(?!\w*notspam)\w*spam\w*",
    "X-SES-Spam-Verdict": r"fail\b",  # Amazon
    "X-Mailgun-SFlag": r"yes\b",
    "X-KLMS-AntiSpam-Status": r"spam\b",  # Kaspersky
    "X-DSPAM-Result": r"(?:spam|blacklisted|blocklisted)\b",
    "X-Bogosity": r"(?:spam|yes)\b",
    "X-VR-SPAMSTATE": r"spam\b",  # Vade
    "X-GND-Status": r"spam\b",  # Gandi
    "X-purgate-type": r"spam\b",  # Eleven
    "X-Yandex-Spam": r"4\b",
}
_PATTERNS = {
    name.lower(): (name, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for name, pattern in _VERDICTS.items()
}
_SCORE = re.compile(r"(?:\b(?:score|hits|SCL)[=:] ?|\[ ?)(-?\d{1,4}(?:\.\d{1,4})?)\b", re.IGNORECASE)
#: Fields that are looked at, and characters of each: whoever writes more means to cost.
_MOST, _LONGEST = 40, 4_000


def verdict(fields: header.Header) -> Spam | None:
    """Return the first verdict that the mail is spam, None where no field says so."""
    known = (field for field in fields.fields if field.name in _PATTERNS)
    for field in islice(known, _MOST):
        name, pattern = _PATTERNS[field.name]
        value = field.value[:_LONGEST].strip()
        if pattern.match(value):
            score = _SCORE.search(value)
            return Spam(by=name, score=float(score[1]) if score else None)
    return None
