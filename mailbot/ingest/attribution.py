"""The lines by which mail programs introduce a quote, in the languages of the world: words as data, and how they match.

Looks at single lines and at most six after them, so that any text costs by its length alone.
"""

import re
from collections.abc import Sequence

#: Our own notices carry this in the line above which an answer is to be written.
MARKER = "##-"
#: A line that is longer introduces nothing.
_LONGEST = 400
_WRAPPED = 4
_HEADER_LINES = 7
_ENOUGH = 3

# fmt: off
#: "wrote", as it stands in "On ... wrote:", lower case.
_WROTE = (
    " wrote", "wrote:", "writes:", " says:", " schrieb", "geschrieben", "a écrit", "a ecrit", " escribió", " escribio",
    " ha scritto", "ha escrito", " scrive:", " scritto:", " escreveu", " schreef", " skrev", " kirjoitti", "napisał", " pisze:", "napisal",
    "napsal", "napísal", " píše:", " írta", " írt:", " ezt írta", " a scris", " написал", " пишет", " писал", " написав", " пише", "написа",
    " έγραψε", " yazdı", " yazd", "şunu yazdı", "写道", "寫道", "寫了", "のメール", "書きました", "さんは", "님이 작성", "작성:", "님의 말:", "כתב",
    "כתבה", " كتب", "đã viết", " menulis", " va escriure", " kirjutas", " rašė", " rakstīja", " je napisao", " je napisal", "napisao",
    " je napisala", " idatzi", " scribeva", " skrifaði", "เขียน", "نوشت",
)
#: How such a line begins.
_BEGINS = re.compile(
    r"\s*(?:On|At|Am|Um|Le|El|Il|Em|No dia|Na|Op|Den|På|Dne|Dňa|Dnia|W dniu|Pada|Vào|Lúc|Pe|La data|În|Ngày|Στις|Ημερ|"
    r"On:|Il giorno|Il giorno|Em qua|Em seg|Em ter|Em qui|Em sex|A|Dana|El dia|Kuupäeval|Ons|Tor|Fre|Lør|Søn|Man|Tir|"
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|"
    r"четверг|пятница|суббота|воскресенье|вівторок|середа)[a-zа-я]{0,9}[.,]?|\d{1,4}[./年-]|\d{1,2}\.? ?(?:de )?[^\W\d_]{3,12}\.?,? ?(?:de )?\d{4}|"
    r"В |У |На |Quoting |בתאריך|ב-|في|در|วันที่)\s*", re.IGNORECASE,
)
_ORIGINAL = (
    "original message", "original appointment", "ursprüngliche nachricht", "originalnachricht", "ursprungliche nachricht", "message d'origine",
    "message d’origine", "message original", "mensaje original", "mensagem original", "messaggio originale", "messaggio inoltrato", "oorspronkelijk bericht",
    "origineel bericht", "originalmeddelande", "ursprungligt meddelande", "oprindelig meddelelse", "original meddelelse", "opprinnelig melding", "alkuperäinen viesti",
    "oryginalna wiadomość", "wiadomość oryginalna", "původní zpráva", "pôvodná správa", "исходное сообщение", "пересылаемое сообщение", "оригинальное сообщение",
    "вихідне повідомлення", "eredeti üzenet", "mesajul original", "mesaj original", "orijinal ileti", "özgün ileti", "αρχικό μήνυμα", "原始邮件",
    "原始郵件", "邮件原件", "元のメッセージ", "原文", "원본 메시지", "원본 메일", "הודעה מקורית", "الرسالة الأصلية", "thư gốc", "forwarded message",
    "weitergeleitete nachricht", "message transféré", "mensaje reenviado", "mensagem encaminhada", "doorgestuurd bericht", "vidarebefordrat",
    "videresendt", "przekazana wiadomość", "переслан", "転送", "轉寄", "转发", "reply message", "reply above this line", "isvorna poruka", "izvorna poruka",
)
_FORWARDS = (
    "begin forwarded message", "anfang der weitergeleiteten", "début du message réexpédié", "début du message transféré", "inizio messaggio inoltrato",
    "inicio del mensaje reenviado", "begin doorgestuurd bericht", "vidarebefordrat brev", "videresendt besked", "начало переадресованного сообщения",
    "início da mensagem reencaminhada", "início da mensagem encaminhada",
)
#: Category -> the words of the header block that Outlook and others put above a quote.
_FIELD_WORDS = {
    "from": "from von de da van från fra lähettäjä od от,от кого,від feladó de la,kimden από 发件人 寄件者 寄件人 差出人 送信元,보낸 사람,보낸사람 "
            "expéditeur mittente remitente avsändare odesílatel nadawca מאת من gönderen từ dari afzender absender expeditor отправитель šalje",
    "date": "sent date gesendet datum envoyé enviado,enviado el,enviada,enviado em,enviada em,fecha data inviato verzonden skickat skickad sendt dato lähetetty "
            "wysłano,data wysłania,odesláno отправлено дата надіслано elküldve küldve dátum trimis,gönderilen,gönderildi tarih ημερομηνία στάλθηκε "
            "发送时间 日期 时间 傳送日期 送信日時 日時 날짜,보낸 날짜,보낸날짜 date et heure,päiväys päivämäärä נשלח תאריך ngày poslano,date/time",
    "to": "to an à a para aan till til vastaanottaja do komu кому címzett către kime,kime: προς 收件人 宛先,받는 사람,받는사람 destinataire destinatario empfänger "
          "mottagare příjemce odbiorca adresat אל إلى đến kepada pro za till:",
    "cc": "cc kopie copie copia kopia kopi kopio dw копия másolat bilgi 抄送 副本 참조 κοιν в копии,reply-to antwort an,responder a,répondre à,bcc importance priority wichtigkeit organization",
    "subject": "subject betreff objet asunto assunto oggetto onderwerp ämne emne aihe temat předmět predmet тема tárgy subiect konu θέμα 主题 主題 主旨 件名 제목 נושא "
               "الموضوع,chủ đề,perihal re",
}
# fmt: on
_CATEGORY = {
    word: category
    for category, words in _FIELD_WORDS.items()
    for group in words.split(",")
    for word in ([group.strip()] if len(group.split()) <= 3 else group.split())  # noqa: PLR2004 - phrases are short
} | {word: category for category, words in _FIELD_WORDS.items() for word in words.replace(",", " ").split()}
_FIELD = re.compile(r"[\s*_]*([^\W\d_][^:：*\d]{0,24}?)[\s*_]*[:：]")
_DATE = re.compile(r"\d{1,2}[:.h]\d{2}|\d{4}|\d{1,2}[./-]\d{1,2}|\d{1,2}\.? [^\W\d_]{3}")
_ADDRESS = re.compile(r"[<(\[]?[^\s<>@]{1,64}@[^\s<>@]{1,190}[>)\]]|<?mailto:|<[^\s<>@]{1,64}@")
_OWN_WORDS = (" i wrote", " you wrote", " we wrote", "ich schrieb", "sie schrieb")


def is_marker(text: str) -> bool:
    """Our own "write above this line"."""
    return MARKER in text[:2_000]


def is_original(text: str) -> bool:
    """`-----Original Message-----` and its kin, or the line above a forwarded mail."""
    line = text.strip().lower()
    if not 6 <= len(line) <= 120:  # noqa: PLR2004 - the shortest and the longest of them
        return False
    if line[:2] in ("--", "__", "==", "**", "~~") and line[-2:] in ("--", "__", "==", "**", "~~"):
        return any(phrase in line for phrase in _ORIGINAL)
    return line.startswith(_FORWARDS)


def category(text: str) -> str:
    """Which field of a header block a line begins with, or ""."""
    found = _FIELD.match(text[:60])
    return _CATEGORY.get(found[1].strip().lower(), "") if found else ""


def is_header_block(lines: Sequence[str], start: int) -> bool:
    """Does a block of From, Sent, To, Subject begin here?"""
    if not category(lines[start]):
        return False
    seen: set[str] = set()
    for line in lines[start : start + _HEADER_LINES]:
        found = category(line)
        if not found and not line.strip() and len(seen) < 2:  # noqa: PLR2004 - a rendered table has blank lines
            continue
        if not line.strip():
            break
        seen.add(found)
    return "from" in seen and len(seen - {""}) >= _ENOUGH


def attribution(lines: Sequence[str], end: int) -> tuple[int, bool]:
    """Where the attribution that ends in this line begins, or -1; and whether it needs no quote marks behind it."""
    last = lines[end].rstrip(" *_\u00a0")
    if not last.endswith((":", "：", "):")) or len(last) > _LONGEST:
        return -1, False
    joined = last
    for start in range(end, max(-1, end - _WRAPPED), -1):
        if start < end:
            if not lines[start].strip() or lines[start].startswith(">") or len(joined) > _LONGEST:
                break
            joined = f"{lines[start].strip()} {joined}"
        if _BEGINS.match(joined) and (strength := _strength(joined)) >= 0:
            return start, strength > 0
    if _strength(last) >= 0:
        return end, bool(_ADDRESS.search(last) and _DATE.search(last))
    return -1, False


def _strength(text: str) -> int:
    """-1: no attribution; 0: one if a quote follows; 1: one in any case."""
    lower = text.lower()
    wrote = any(word in lower for word in _WROTE)
    address = bool(_ADDRESS.search(text))
    dated = bool(_DATE.search(text))
    if any(word in lower for word in _OWN_WORDS):
        return 0
    if dated and (wrote or address):
        return 1
    return 0 if wrote else -1
