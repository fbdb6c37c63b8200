"""How people's mail programs quote a mail that they answer: a table of styles, ways to put words and quote together.

The styles are those of real mail programs and real habits; the words and the quoted letter are the test's.
"""

import html
import random
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from enum import Enum

from tests.acceptance.bench import text_of
from tests.acceptance.desk import SUPPORT


class Fate(Enum):
    """What must become of an answer to a notice whose answers go to the customer."""

    #: Exactly its words reach the customer.
    GOES = "goes"
    #: It has no words above the line: held, and its writer hears of it.
    NOTHING = "nothing"
    #: It may go or be held, as long as nothing of ours goes with it.
    EITHER = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The body of an answer, as text or HTML or both."""

    text: str = ""
    html: str = ""
    #: A whole letter that the mail program attached to the answer.
    attached: EmailMessage | None = None


Style = Callable[[random.Random, str, EmailMessage], Written]

WHO = "Support"
ATTRIBUTIONS = (
    f"On Mon, 2 Mar 2026 at 10:00, {WHO} <{SUPPORT}> wrote:",
    f"On Mar 2, 2026, at 10:00 AM, {WHO}\n<{SUPPORT}> wrote:",
    f"On 02/03/2026 10:00, {WHO} wrote:",
    f"Am 02.03.26 um 10:00 schrieb {WHO}:",
    f"Am Mo., 2. März 2026 um 10:00 Uhr schrieb {WHO} <{SUPPORT}>:",
    f"Le lun. 2 mars 2026 à 10:00, {WHO} <{SUPPORT}> a écrit :",
    f"El lun, 2 mar 2026 a las 10:00, {WHO} (<{SUPPORT}>) escribió:",
    f"Il giorno lun 2 mar 2026 alle ore 10:00 {WHO} <{SUPPORT}> ha scritto:",
    f"Em seg., 2 de mar. de 2026 às 10:00, {WHO} <{SUPPORT}> escreveu:",
    f"Op ma 2 mrt 2026 om 10:00 schreef {WHO} <{SUPPORT}>:",
    f"Den mån 2 mars 2026 kl 10:00 skrev {WHO} <{SUPPORT}>:",
    f"Den 2. mar. 2026 kl. 10.00 skrev {WHO} <{SUPPORT}>:",
    f"man. 2. mar. 2026 kl. 10:00 skrev {WHO} <{SUPPORT}>:",
    f"W dniu 02.03.2026 o 10:00, {WHO} pisze:",
    f"pon., 2 mar 2026 o 10:00 {WHO} <{SUPPORT}> napisał(a):",
    f"2 березня 2026 р. о 10:00 {WHO} <{SUPPORT}> написав:",  # noqa: RUF001 - Ukrainian
    f"02.03.2026, 10:00, {WHO} <{SUPPORT}>:",
    f"2026年3月2日(月) 10:00 {WHO} <{SUPPORT}>:",
    f"2026. 03. 02. 10:00 keltezéssel, {WHO} írta:",
    f"{WHO} kirjutas kuupäeval E, 2. märts 2026 kell 10:00:",
    f"ma 2. maalisk. 2026 klo 10.00 {WHO} <{SUPPORT}> kirjoitti:",
    f"2 Mar 2026 Pzt, 10:00 tarihinde {WHO} <{SUPPORT}> şunu yazdı:",  # noqa: RUF001 - Turkish
)
BLOCKS = (
    ("From", "Sent", "To", "Subject", "-----Original Message-----"),
    ("Von", "Gesendet", "An", "Betreff", "-----Ursprüngliche Nachricht-----"),
    ("De", "Envoyé", "À", "Objet", "-----Message d'origine-----"),
    ("Fra", "Sendt", "Til", "Emne", "-----Oprindelig meddelelse-----"),
    ("Från", "Skickat", "Till", "Ämne", "-----Ursprungligt meddelande-----"),
    ("Van", "Verzonden", "Aan", "Onderwerp", "-----Oorspronkelijk bericht-----"),
    ("Da", "Inviato", "A", "Oggetto", "-----Messaggio originale-----"),
    ("De", "Enviado", "Para", "Asunto", "-----Mensaje original-----"),
    ("Od", "Wysłano", "Do", "Temat", "-----Wiadomość oryginalna-----"),
    ("Saatja", "Saadetud", "Adressaat", "Teema", "-----Algne kiri-----"),
)
SIGNATURES = ("-- \nMari", "Sent from my iPhone", "--\nMari\nSupport team", "_____\nSent with a phone")


def notice(letter: EmailMessage) -> list[str]:
    return text_of(letter).rstrip("\n").split("\n")


def notice_html(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    whole = str(part.get_content())
    return whole.partition("<body")[2].partition(">")[2].rpartition("</body>")[0]


def attribution(chance: random.Random) -> str:
    return chance.choice(ATTRIBUTIONS)


def block(chance: random.Random, letter: EmailMessage, *, bold: str = "") -> str:
    sender, sent, to, subject, _ = chance.choice(BLOCKS)
    values = (
        (sender, f"{WHO} <{SUPPORT}>"),
        (sent, "02 March 2026 10:00"),
        (to, str(letter["To"])),
        (subject, str(letter["Subject"])),
    )
    return "\n".join(f"{bold}{name}:{bold} {value}" for name, value in values)


def quoted(lines: Sequence[str], mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in lines)


def paragraphs(words: str) -> str:
    return "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in words.split("\n"))


# Answers on top, as nearly all mail programs make them.


def marked(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    mark = chance.choice(("> ", ">", "> > ", ">> ", "| "))
    return Written(text=f"{words}\n\n{attribution(chance)}\n\n{quoted(notice(letter), mark)}\n")


def marked_after_older(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    older = quoted(["I wrote this before.", "", "And this too."], ">> ")
    return Written(text=f"{words}\n\n{attribution(chance)}\n{quoted(notice(letter))}\n>\n{older}\n")


def unmarked(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    return Written(text=f"{words}\n\n{attribution(chance)}\n\n{text_of(letter)}")


def without_attribution(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    mark = chance.choice(("", "> ", ">"))
    return Written(text=f"{words}\n\n{quoted(notice(letter), mark)}\n")


def header_block(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    rule = chance.choice(("", "_" * 32 + "\n", "-" * 20 + "\n"))
    return Written(text=f"{words}\n\n{rule}{block(chance, letter, bold=chance.choice(('', '*')))}\n\n{text_of(letter)}")


def original_message(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    mark = chance.choice(("", "> "))
    original = chance.choice(BLOCKS)[-1]
    return Written(
        text=f"{words}\n\n{original}\n{quoted([*block(chance, letter).split(chr(10)), '', *notice(letter)], mark)}\n"
    )


def forwarded(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    line = chance.choice(
        (
            "---------- Forwarded message ---------",
            "Begin forwarded message:",
            "-------- Weitergeleitete Nachricht -----",
        )
    )
    return Written(text=f"{words}\n\n{line}\n{block(chance, letter)}\n\n{text_of(letter)}")


def wrapped_and_marked(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    lines = [piece for line in notice(letter) for piece in (textwrap.wrap(line, chance.randrange(30, 70)) or [""])]
    return Written(text=f"{words}\n\n{attribution(chance)}\n{quoted(lines)}\n")


def wrapped_and_unmarked(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    lines = [piece for line in notice(letter) for piece in (textwrap.wrap(line, chance.randrange(20, 60)) or [""])]
    return Written(text=f"{words}\n\n" + "\n".join(lines) + "\n")


def signed(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    return Written(text=f"{words}\n\n{chance.choice(SIGNATURES)}\n\n{attribution(chance)}\n{quoted(notice(letter))}\n")


def html_blockquote(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    said = html.escape(attribution(chance))
    made = (
        f'<div dir="ltr">{paragraphs(words)}</div><br><div class="gmail_quote"><div class="gmail_attr">{said}<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{notice_html(letter)}</blockquote></div>'
    )
    both = f"{words}\n\n{attribution(chance)}\n{quoted(notice(letter))}\n"
    return Written(html=made, text=chance.choice(("", both)))


def html_cite(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    made = (
        f'<html><body bgcolor="#FFFFFF">{paragraphs(words)}'
        f'<div class="moz-cite-prefix">{html.escape(attribution(chance))}<br></div>'
        f'<blockquote type="cite" cite="mid:1@example.com">{notice_html(letter)}</blockquote></body></html>'
    )
    return Written(html=made)


def html_outlook(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    fields = "<br>".join(
        f"<b>{name}:</b> {html.escape(value)}"
        for name, _, value in (line.partition(": ") for line in block(chance, letter).split("\n"))
    )
    said = "".join(f'<p class="MsoNormal">{html.escape(line) or "&nbsp;"}</p>' for line in words.split("\n"))
    rule = chance.choice(
        (
            '<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm">',
            '<hr tabindex="-1"><div>',
        )
    )
    return Written(html=f"<html><body>{said}{rule}<p>{fields}</p></div>{notice_html(letter)}</body></html>")


def html_bare(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    del chance
    return Written(html=f"<html><body>{paragraphs(words)}<br><br>{notice_html(letter)}</body></html>")


# Answers that stand elsewhere, and quotes that were edited or damaged.


def below(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    return Written(text=f"{attribution(chance)}\n{quoted(notice(letter), chance.choice(('> ', '>')))}\n\n{words}\n")


def below_unmarked(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    del chance
    return Written(text=f"{text_of(letter)}\n\n{words}\n")


def quote_alone(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    del words
    return Written(text=f"{attribution(chance)}\n{quoted(notice(letter))}\n")


def html_below(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    said = html.escape(attribution(chance))
    return Written(html=f"<div>{said}</div><blockquote>{notice_html(letter)}</blockquote>{paragraphs(words)}")


def between(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    lines = notice(letter)[chance.choice((0, 1)) :]
    cut = chance.randrange(1, len(lines))
    mark = chance.choice(("> ", ">", ""))
    return Written(text=f"{quoted(lines[:cut], mark)}\n\n{words}\n\n{quoted(lines[cut:], mark)}\n")


def partly_deleted(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    lines = notice(letter)[1:]
    start = chance.randrange(len(lines))
    left = lines[start : start + chance.randrange(1, 12)]
    above = chance.choice(("", f"{attribution(chance)}\n"))
    return Written(text=f"{words}\n\n{above}{quoted(left, chance.choice(('', '', '> ')))}\n")


def half_lines(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    lines = [line[len(line) // 2 :] if chance.random() < 0.5 else line for line in notice(letter)[1:]]
    return Written(text=f"{words}\n\n" + "\n".join(lines) + "\n")


def into_the_lines(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    lines = [line for line in notice(letter)[1:] if line.strip()]
    line = chance.choice(lines)
    return Written(
        text=chance.choice((f"{line} {words}\n", f"{words} {line}\n", f"{words.split(maxsplit=1)[0]} {line} {words}\n"))
    )


MANGLED = (
    lambda line: line.replace("##-", "## -"),
    lambda line: line.replace("##-", "#\n#-"),
    lambda line: line.replace("##-", "=23=23-"),
    lambda line: line.replace("##-", "&#35;&#35;-"),
    lambda line: line.replace("##-", "#\u200b#\u200b-"),
    lambda line: line.replace("##-", "＃＃－"),  # noqa: RUF001 - full-width, as an input method leaves it
    lambda line: line.replace("##-", "**-"),
    lambda line: line.replace("##-", "").replace("-##", ""),
    lambda _: "##– Schreiben Sie über dieser Zeile. –##",  # noqa: RUF001 - as a translating program leaves it
    lambda _: "",
)


def mangled_marker(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    lines = notice(letter)
    first = chance.choice(MANGLED)(lines[0])
    return Written(text=f"{words}\n\n{first}\n" + "\n".join(lines[1:]) + "\n")


def marks_lost_in_wrapping(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    """Each quoted line is broken after the mark was set, so that its rest has none."""
    width = chance.randrange(20, 72)
    lines = ["\n".join(textwrap.wrap(f"> {line}", width) or [">"]) for line in notice(letter)[chance.choice((0, 1)) :]]
    return Written(text=f"{words}\n\n{attribution(chance)}\n" + "\n".join(lines) + "\n")


def soft_line_ends_left(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    """Quoted-printable that somebody put into the text as it was: `=` at the ends of the lines."""
    width = chance.randrange(25, 76)
    lines = ["=\n".join(textwrap.wrap(line, width) or [""]) for line in notice(letter)[chance.choice((0, 1)) :]]
    return Written(text=f"{words}\n\n" + "\n".join(lines) + "\n")


def entities_left(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    del chance
    text = "<br>\n".join(html.escape(line).replace("#", "&#35;").replace(" ", "&nbsp;") for line in notice(letter)[1:])
    return Written(text=f"{words}\n\n{text}\n")


def html_with_breaks_in_words(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    """Webmail lets long words break: `<wbr>` and soft hyphens; and the marker line was deleted."""
    mark = chance.choice(("<wbr>", "&shy;", "&#8203;", "<span></span>"))
    lines = (
        " ".join(mark.join(html.escape(part) for part in textwrap.wrap(word, 5)) for word in line.split())
        for line in notice(letter)[1:]
    )
    return Written(html=f"<html><body>{paragraphs(words)}<br>{'<br>'.join(lines)}</body></html>")


def html_columns(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    del chance
    rows = "".join(f"<tr><td>{html.escape(line)}</td></tr>" for line in notice(letter)[1:])
    return Written(html=f"<html><body>{paragraphs(words)}<table>{rows}</table></body></html>")


def spoken_into_the_quote(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    """The answer is typed into the HTML quote, behind one of its lines."""
    inner = notice_html(letter)
    places = [place for place in range(len(inner)) if inner.startswith("</p>", place)]
    place = chance.choice(places)
    return Written(
        html=f"<html><body><blockquote>{inner[:place]}<br>{paragraphs(words)}{inner[place:]}</blockquote></body></html>"
    )


def original_attached(chance: random.Random, words: str, letter: EmailMessage) -> Written:
    """Some programs attach the mail that is answered instead of quoting it."""
    del chance
    return Written(text=f"{words}\n", attached=letter)


TOP: tuple[Style, ...] = (
    marked,
    marked_after_older,
    unmarked,
    without_attribution,
    header_block,
    original_message,
    forwarded,
    wrapped_and_marked,
    wrapped_and_unmarked,
    signed,
    html_blockquote,
    html_cite,
    html_outlook,
    html_bare,
)
EMPTY: tuple[Style, ...] = (below, below_unmarked, quote_alone, html_below)
ODD: tuple[Style, ...] = (
    between,
    partly_deleted,
    half_lines,
    into_the_lines,
    mangled_marker,
    marks_lost_in_wrapping,
    soft_line_ends_left,
    entities_left,
    html_with_breaks_in_words,
    html_columns,
    spoken_into_the_quote,
    original_attached,
)
FATES: dict[Style, Fate] = {
    **dict.fromkeys(TOP, Fate.GOES),
    **dict.fromkeys(EMPTY, Fate.NOTHING),
    **dict.fromkeys(ODD, Fate.EITHER),
}


def mail_as_written(mail: EmailMessage, written: Written, chance: random.Random) -> EmailMessage:
    """Put a body into a mail, in one of the encodings that mail programs use."""
    encoding = chance.choice(("quoted-printable", "base64", "8bit"))
    if written.text or not written.html:
        mail.set_content(written.text, cte=encoding)
        if written.html:
            mail.add_alternative(written.html, subtype="html", cte=encoding)
    else:
        mail.set_content(written.html, subtype="html", cte=encoding)
    if written.attached is not None:
        mail.add_attachment(written.attached)
    return mail
