"""Where the author's words end and the signature begins: RFC 3676 section 4.3, mobile programs, closing formulas.

Only the end of a run of the author's lines can be a signature. In doubt it is the author's own.
"""

import re
from collections.abc import Sequence

_MOST_LINES = 10
_FEW_LINES = 3
_LONGEST = 100
_DASHES = re.compile(r"(?:--|—|– ?–|-- ?-- ?)\s*\Z")
_RULE = re.compile(r"\s*(?:_{5,}|-{5,}|={5,}|\*{5,})\s*\Z")
_NAME = re.compile(r"\s*[-–—/] ?[A-ZÀ-ÖØ-ÝА-Я][\w.'’]+(?: [\w.'’]+){0,3}\s*\Z")
# fmt: off
_DEVICE = re.compile(
    r"[\s*_>(\[]*(?:"
    r"(?:sent|written|typed) (?:from|with|via|on|using) (?:my |a |an |the )?[^,;:!?]{2,60}|get outlook for \w+.{0,80}|"
    r"(?:von|aus) mein\w+ .{2,40} gesendet|gesendet (?:von|mit|aus|über) [^,;:!?]{2,60}|diese nachricht wurde von mein\w+ .{2,60}|"
    r"envoy[ée]e? (?:de|depuis|à partir d[e']) ?[^,;:!?]{2,60}|"
    r"envia[dt]o?a? (?:desde|do|a partir do|dal?|de|del) [^,;:!?]{2,60}|inviato d[ae]l?(?: mio)? [^,;:!?]{2,60}|"
    r"verzonden (?:vanaf|met|vanuit|via) [^,;:!?]{2,60}|verstuurd vanaf [^,;:!?]{2,60}|skickat från [^,;:!?]{2,60}|sendt fra [^,;:!?]{2,60}|"
    r"sent fra min [^,;:!?]{2,60}|lähetetty [^,;:!?]{2,60}|wysłan[eoay] z [^,;:!?]{2,60}|odesláno z[e]? [^,;:!?]{2,60}|odoslané z [^,;:!?]{2,60}|"
    r"отправлено (?:с|из|от) [^,;:!?]{2,60}|надіслано (?:з|із) [^,;:!?]{2,60}|[^,;:!?]{2,40}(?:ımdan|imden|umdan|ümden|'dan|'den) gönderildi|"
    r"az? [^,;:!?]{2,40} küldve|trimis de pe [^,;:!?]{2,60}|[^,;:!?。]{2,20}から送信|发自我的\s?\S{2,30}|從我的.{2,30}傳送|나의 .{2,20}에서 보냄|"
    r"στάλθηκε από .{2,60}|נשלח מה?.{2,60}|yahoo mail.{0,60}|download .{2,40} for (?:android|ios)"
    r")[\s*_<)\].!]*\Z", re.IGNORECASE,
)
_CLOSINGS = (
    "best regards", "kind regards", "kindest regards", "warm regards", "with kind regards", "with best regards", "regards", "warmest regards", "best wishes",
    "with regards", "many regards", "sincerely", "yours sincerely", "sincerely yours", "yours faithfully", "yours truly", "respectfully", "kr", "rgds", "br", "brgds",
    "mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "freundliche grüße", "freundliche grüsse", "viele grüße", "viele grüsse",
    "beste grüße", "beste grüsse", "liebe grüße", "schöne grüße", "herzliche grüße", "gruß", "grüße", "mfg", "vg", "lg", "mit besten grüßen", "mit freundlichen gruessen",
    "cordialement", "bien cordialement", "bien à vous", "sincères salutations", "meilleures salutations", "cdt", "salutations", "amicalement",
    "saludos", "un saludo", "saludos cordiales", "atentamente", "cordialmente", "un cordial saludo", "atenciosamente", "cumprimentos", "com os melhores cumprimentos",
    "melhores cumprimentos", "abraços", "cordiali saluti", "distinti saluti", "saluti", "un saluto", "con i migliori saluti",
    "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten", "groeten", "groet", "mvg", "hartelijke groet",
    "med vänlig hälsning", "med vänliga hälsningar", "vänliga hälsningar", "vänlig hälsning", "hälsningar", "mvh", "bästa hälsningar", "vh",
    "med venlig hilsen", "venlig hilsen", "mange hilsner", "hilsen", "de bedste hilsner", "bedste hilsner", "kh", "dbh", "med vennlig hilsen", "vennlig hilsen", "beste hilsen", "hilsner",
    "ystävällisin terveisin", "terveisin", "pozdrawiam", "z poważaniem", "z powazaniem", "pozdrowienia", "z wyrazami szacunku", "s pozdravem", "s pozdravom", "s přátelským pozdravem",
    "с уважением", "с наилучшими пожеланиями", "з повагою", "üdvözlettel", "tisztelettel", "cu stimă", "cu respect", "saygılarımla", "iyi çalışmalar", "με εκτίμηση",
    "lep pozdrav", "lijep pozdrav", "srdačan pozdrav", "lugupidamisega", "pagarbiai", "ar cieņu", "此致", "敬具", "以上、よろしくお願いいたします。", "祝好", "trân trọng", "salam",
)
# fmt: on
_CLOSING = frozenset(_CLOSINGS)


def begins(lines: Sequence[str], *, words_before: bool) -> int:
    """The index in a run of the author's lines at which the signature begins; the run's length when there is none.

    `words_before` says whether other words of the author stand above this run.
    """
    for index, line in enumerate(lines):
        if _DASHES.match(line[:12]) and len(line) < 12:  # noqa: PLR2004 - dashes and nothing else
            return index
    filled = [index for index, line in enumerate(lines) if line.strip()]
    found = _device(lines, filled)
    end = found if found >= 0 else len(lines)
    filled = [index for index in filled if index < end]
    for rule in (_closing, _ruled, _named):
        start = rule(lines, filled)
        if start >= 0 and (words_before or (filled and start > filled[0])):
            return start
    return end


def _device(lines: Sequence[str], filled: Sequence[int]) -> int:
    """`Sent from my phone` and what stands below it."""
    for index in filled[-_FEW_LINES:]:
        if len(lines[index]) <= _LONGEST and _DEVICE.match(lines[index]):
            return index
    return -1


def _closing(lines: Sequence[str], filled: Sequence[int]) -> int:
    """A closing formula with at most a few short lines after it."""
    for index in filled[-_MOST_LINES:]:
        formula = lines[index].strip(" \t,.!;*-–—\u00a0").lower()
        if len(formula) < _LONGEST and (formula in _CLOSING or _with_name(formula)):
            return index
    return -1


def _with_name(text: str) -> bool:
    """`Best regards, Anna` on one line."""
    formula, comma, name = text.partition(",")
    return bool(comma) and formula.strip() in _CLOSING and 0 < len(name.split()) <= _FEW_LINES


def _ruled(lines: Sequence[str], filled: Sequence[int]) -> int:
    """A line of dashes or underscores with a few short lines after it."""
    for index in filled[-_MOST_LINES:]:
        if _RULE.match(lines[index][:_LONGEST]) and all(len(line) <= _LONGEST for line in lines[index:]):
            return index
    return -1


def _named(lines: Sequence[str], filled: Sequence[int]) -> int:
    """`-Anna Example` or `/Anna` as the last line."""
    last = filled[-1] if filled else -1
    return last if last > 0 and len(lines[last]) <= _LONGEST and _NAME.match(lines[last]) else -1
