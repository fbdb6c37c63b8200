"""New text, quote and signature told apart, in the styles and languages of mail programs."""

# ruff: noqa: RUF001 - letters of many alphabets are what is tested

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.ingest.text import reply
from mailbot.ingest.text.line import plain


def split(text: str) -> reply.Reply:
    return reply.split(plain(text))


@pytest.mark.parametrize(
    "attribution",
    [
        pytest.param("On Mon, 2 Mar 2026 at 10:00, Desk <desk@example.com> wrote:", id="en"),
        pytest.param("On Mon, 2 Mar 2026 at 10:00, Example Support Desk\n<desk@example.com> wrote:", id="en-wrapped"),
        pytest.param("Am 02.03.2026 um 10:00 schrieb Desk:", id="de"),
        pytest.param("Desk <desk@example.com> hat am 2. März 2026 um 10:00 geschrieben:", id="de-verb-last"),
        pytest.param("Le lun. 2 mars 2026 à 10:00, Desk <desk@example.com> a écrit :", id="fr"),
        pytest.param("El lun, 2 mar 2026 a las 10:00, Desk (<desk@example.com>) escribió:", id="es"),
        pytest.param("Il giorno lun 2 mar 2026 alle ore 10:00 Desk <desk@example.com> ha scritto:", id="it"),
        pytest.param("Em seg., 2 de mar. de 2026 às 10:00, Desk <desk@example.com> escreveu:", id="pt"),
        pytest.param("Op ma 2 mrt 2026 om 10:00 schreef Desk <desk@example.com>:", id="nl"),
        pytest.param("Den mån 2 mars 2026 kl 10:00 skrev Desk <desk@example.com>:", id="sv"),
        pytest.param("Den man. 2. mar. 2026 kl. 10.00 skrev Desk <desk@example.com>:", id="da"),
        pytest.param("man. 2. mars 2026 kl. 10:00 skrev Desk <desk@example.com>:", id="no"),
        pytest.param("ma 2. maalisk. 2026 klo 10.00 Desk (desk@example.com) kirjoitti:", id="fi"),
        pytest.param("pon., 2 mar 2026 o 10:00 Desk <desk@example.com> napisał(a):", id="pl"),
        pytest.param("po 2. 3. 2026 v 10:00 odesílatel Desk <desk@example.com> napsal:", id="cs"),
        pytest.param("Desk <desk@example.com> ezt írta (időpont: 2026. márc. 2., H, 10:00):", id="hu"),
        pytest.param("În lun., 2 mar. 2026 la 10:00, Desk <desk@example.com> a scris:", id="ro"),
        pytest.param("пн, 2 мар. 2026 г. в 10:00, Desk <desk@example.com>:", id="ru"),
        pytest.param("02.03.2026 10:00, Desk пишет:", id="ru-verb"),
        pytest.param("пн, 2 бер. 2026 р. о 10:00 Desk <desk@example.com> пише:", id="uk"),
        pytest.param("Στις Δευ 2 Μαρ 2026 στις 10:00 π.μ., Desk <desk@example.com> έγραψε:", id="el"),
        pytest.param("Desk <desk@example.com>, 2 Mar 2026 Pzt, 10:00 tarihinde şunu yazdı:", id="tr"),
        pytest.param("2026年3月2日(月) 10:00 Desk <desk@example.com>:", id="ja"),
        pytest.param("Desk <desk@example.com> 于2026年3月2日周一 10:00写道：", id="zh"),
        pytest.param("2026년 3월 2일 (월) 오전 10:00, Desk <desk@example.com>님이 작성:", id="ko"),
    ],
)
@pytest.mark.parametrize("quote", [pytest.param("> Old", id="marked"), pytest.param("Old", id="unmarked")])
def test_the_quote_begins_at_its_attribution(attribution: str, quote: str):
    found = split(f"New words\n\n{attribution}\n\n{quote}\n")
    assert (found.new_text, found.signature) == ("New words", "")
    assert "Old" in found.quoted


@pytest.mark.parametrize(
    "attribution",
    [
        pytest.param("Le lun. 2 mars 2026 à 10:15, Desk <desk@example.com>\na écrit :", id="fr"),
        pytest.param("Desk <desk@example.com> escreveu (segunda, 2/03/2026\nà(s) 10:15):", id="pt"),
        pytest.param("Desk kirjoitti 2.3.2026\nklo 10.15:", id="fi"),
        pytest.param("pon., 2 mar 2026 o 10:15 Desk <desk@example.com>\nnapisał(a):", id="pl"),
        pytest.param("Dňa 2. 3. 2026 o 10:15 Desk\nnapísal(a):", id="sk"),
        pytest.param("Desk <desk@example.com> 于2026年3月2日周一\n10:15写道：", id="zh"),
        pytest.param("2026-03-02 오전 10:15에 Desk\n이(가) 쓴 글:", id="ko"),
        pytest.param("Desk <desk@example.com> ezt írta (időpont:\n2026. márc. 2., H, 10:15):", id="hu"),
        pytest.param("On Monday, 2 March 2026 at 10:15\nDesk of Example\n<desk@example.com>\nwrote:", id="four-lines"),
        pytest.param(
            "\u202bבתאריך יום ב׳, 2 במרץ 2026 ב-10:15 מאת \u202aDesk\u202c <\u202adesk@example.com\u202c>:\u202c",
            id="he",
        ),
        pytest.param("---- On Mon, 02 Mar 2026 10:15:00 +0100 Desk <desk@example.com> wrote ----", id="between-dashes"),
    ],
)
def test_the_whole_of_an_attribution_that_was_wrapped_goes_to_the_quote(attribution: str):
    assert split(f"New words.\n\n{attribution}\n\n> Old\n").new_text == "New words."


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("It broke at 10:15", id="a-time"),
        pytest.param("I looked at it on 02.03.2026.", id="a-sentence-with-a-date"),
        pytest.param("Please ask anna@example.com.", id="a-sentence-with-an-address"),
    ],
)
def test_the_author_s_line_above_an_attribution_is_no_part_of_it(words: str):
    assert split(f"{words}\nDesk wrote:\n> Old\n").new_text == words


@pytest.mark.parametrize(
    "block",
    [
        pytest.param("寄件者：A\n寄件日期：2026\n收件者：B\n主旨：C", id="zh-tw"),
        pytest.param("De la: A\nTrimis: luni\nCătre: B\nSubiect: C", id="ro"),
        pytest.param("Từ: A\nĐã gửi: 2026\nTới: B\nChủ đề: C", id="vi"),
        pytest.param("Nuo: A\nIšsiųsta: 2026\nKam: B\nTema: C", id="lt"),
        pytest.param("No: A\nNosūtīts: 2026\nKam: B\nTēma: C", id="lv"),
        pytest.param("-----Özgün İleti-----\nA", id="tr"),
    ],
)
def test_a_header_block_in_any_language_begins_the_quote(block: str):
    assert split(f"New words\n\n{block}\n\nOld words\n").new_text == "New words"


@pytest.mark.parametrize(
    "words",
    [
        "A továbbított üzenet nem érkezett meg.",
        "Videresendt melding er ikke her.",
        "Iletilen ileti yok.",
        "転送されたメッセージがありません。",
        "przekazana wiadomość nie działa",
    ],
)
def test_words_about_a_forwarded_mail_are_the_authors_own(words: str):
    assert split(f"{words}\n\nNew words").new_text == f"{words}\n\nNew words"


@pytest.mark.parametrize(
    "delimiter",
    [
        pytest.param("-----Original Message-----", id="en"),
        pytest.param("-----Ursprüngliche Nachricht-----", id="de"),
        pytest.param("-----Message d'origine-----", id="fr"),
        pytest.param("-------- Mensaje original --------", id="es"),
        pytest.param("-----Oprindelig meddelelse-----", id="da"),
        pytest.param("---------- Forwarded message ---------", id="forwarded"),
        pytest.param("Begin forwarded message:", id="apple-forward"),
        pytest.param("---------- Weitergeleitete E-Mail ----------", id="forwarded-de"),
        pytest.param("-------- Message transféré --------", id="forwarded-fr"),
        pytest.param("---------- Wiadomość przekazana dalej ----------", id="forwarded-pl"),
        pytest.param("-------- Treść przekazanej wiadomości --------", id="forwarded-pl-thunderbird"),
        pytest.param("Początek przekazanej wiadomości:", id="forwarded-pl-apple"),
        pytest.param("---------- Mensagem reencaminhada ----------", id="forwarded-pt"),
        pytest.param("---------- Messaggio inoltrato ----------", id="forwarded-it"),
        pytest.param("---------- Doorgestuurde e-mail ----------", id="forwarded-nl"),
        pytest.param("-------- Vidarebefordrat meddelande --------", id="forwarded-sv"),
        pytest.param("Vidarebefordrat meddelande:", id="forwarded-sv-apple"),
        pytest.param("-------- Videresendt meddelelse --------", id="forwarded-da"),
        pytest.param("Start på videresendt besked:", id="forwarded-da-apple"),
        pytest.param("Videresendt melding:", id="forwarded-no-apple"),
        pytest.param("-------- Vidaresend melding --------", id="forwarded-nn"),
        pytest.param("---------- Välitetty viesti ----------", id="forwarded-fi"),
        pytest.param("Välitetty viesti alkaa:", id="forwarded-fi-apple"),
        pytest.param("-------- Přeposlaná zpráva --------", id="forwarded-cs"),
        pytest.param("Začátek přeposílané zprávy:", id="forwarded-cs-apple"),
        pytest.param("-------- Preposlaná správa --------", id="forwarded-sk"),
        pytest.param("-------- Перенаправленное сообщение --------", id="forwarded-ru"),
        pytest.param("---------- Пересылаемое сообщение ----------", id="forwarded-ru-yandex"),
        pytest.param("-------- Переслане повідомлення --------", id="forwarded-uk"),
        pytest.param("-------- İletilmiş İleti --------", id="forwarded-tr"),
        pytest.param("-------- Yönlendirilmiş ileti --------", id="forwarded-tr-other"),
        pytest.param("-------- 転送メッセージ --------", id="forwarded-ja"),
        pytest.param("転送されたメッセージ:", id="forwarded-ja-apple"),
        pytest.param("-------- 转发的消息 --------", id="forwarded-zh"),
        pytest.param("-------- 轉發郵件 --------", id="forwarded-zh-tw"),
        pytest.param("-------- 전달된 메시지 --------", id="forwarded-ko"),
        pytest.param("-------- Továbbított üzenet --------", id="forwarded-hu"),
        pytest.param("-------- Mesaj redirecționat --------", id="forwarded-ro"),
        pytest.param("-------- Προωθημένο μήνυμα --------", id="forwarded-el"),
        pytest.param("-------- Препратено съобщение --------", id="forwarded-bg"),
        pytest.param("-------- Proslijeđena poruka --------", id="forwarded-hr"),
        pytest.param("-------- Pārsūtīta vēstule --------", id="forwarded-lv"),
        pytest.param("-------- Persiųstas laiškas --------", id="forwarded-lt"),
        pytest.param("________________________________\nFrom: A\nSent: Monday\nTo: B\nSubject: C", id="outlook-en"),
        pytest.param("Von: A\nGesendet: Montag\nAn: B\nBetreff: C", id="outlook-de"),
        pytest.param("*From:* A\n*Date:* Monday\n*To:* B\n*Subject:* C", id="bold"),
        pytest.param("De : A\nEnvoyé : lundi\nÀ : B\nObjet : C", id="outlook-fr"),
        pytest.param("Van: A\nVerzonden: maandag\nAan: B\nOnderwerp: C", id="outlook-nl"),
        pytest.param("От: A\nОтправлено: понедельник\nКому: B\nТема: C", id="outlook-ru"),
        pytest.param("发件人: A\n发送时间: 2026\n收件人: B\n主题: C", id="outlook-zh"),
        pytest.param("##- Please write above this line -##", id="our-marker"),
        pytest.param("> ##- Please write above this line -##", id="our-marker-quoted"),
    ],
)
def test_everything_below_a_delimiter_is_quoted(delimiter: str):
    found = split(f"New words\n\n{delimiter}\n\nOld words\n#close\n")
    assert found.new_text == "New words"
    assert "#close" in found.quoted


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        pytest.param("New words\n-- \nAnna\nExample Ltd", "-- \nAnna\nExample Ltd".replace("-- ", "--"), id="dashes"),
        pytest.param("New words\n\nSent from my iPhone", "Sent from my iPhone", id="mobile-en"),
        pytest.param("New words\n\nVon meinem iPhone gesendet", "Von meinem iPhone gesendet", id="mobile-de"),
        pytest.param("New words\n\nEnvoyé de mon iPhone", "Envoyé de mon iPhone", id="mobile-fr"),
        pytest.param("New words\n\nMit freundlichen Grüßen\nAnna", "Mit freundlichen Grüßen\nAnna", id="closing-de"),
        pytest.param(
            "New words\n\nBest regards,\nAnna\nExample Ltd", "Best regards,\nAnna\nExample Ltd", id="closing-en"
        ),
        pytest.param("New words\n\nBest regards, Anna", "Best regards, Anna", id="closing-on-one-line"),
        pytest.param("New words\n\nEnviado desde mi iPhone", "Enviado desde mi iPhone", id="mobile-es"),
        pytest.param("New words\n\nΕστάλη από το iPhone μου", "Εστάλη από το iPhone μου", id="mobile-el"),
        pytest.param(
            "New words\n\nOutlook für iOS<https://aka.ms/o0ukef> beziehen",
            "Outlook für iOS<https://aka.ms/o0ukef> beziehen",
            id="outlook-mobile-de",
        ),
        pytest.param(
            "New words\n\niOS용 Outlook<https://aka.ms/o0ukef> 다운로드",
            "iOS용 Outlook<https://aka.ms/o0ukef> 다운로드",
            id="outlook-mobile-ko",
        ),
        pytest.param("New words\n\n감사합니다.\n안나 드림", "감사합니다.\n안나 드림", id="thanks-above-a-name-ko"),
        pytest.param(
            "New words\n\n____________________\nAnna Example\nTel. +49 30 123456",
            "____________________\nAnna Example\nTel. +49 30 123456",
            id="a-block-below-a-rule",
        ),
    ],
)
def test_a_signature_is_told_apart(text: str, signature: str):
    found = split(text)
    assert (found.new_text, found.signature) == ("New words", signature)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Sent from my desk, is much easier than my phone.", id="prose-about-sending"),
        pytest.param("On your host the disk is full.\nPlease look.", id="prose-with-on"),
        pytest.param("I wrote:\nplease look at it", id="prose-with-wrote"),
        pytest.param("Am 2.3.2026 um 10:15 habe ich Ihnen geschrieben:\ner ist kaputt", id="prose-with-wrote-de"),
        pytest.param("At 10:15 I mailed\nanna@example.com and others this:\nit is on", id="prose-with-address"),
        pytest.param("Best regards to your team, they did well.", id="closing-words-in-prose"),
        pytest.param("a\n\nb\n\n\nc", id="blank-lines"),
        pytest.param(">From here on it fails", id="changed-by-a-mailbox-file"),
        pytest.param("Thanks,\nAnna", id="thanks"),
        pytest.param("First part.\n--------------------\nSecond part, which matters.", id="prose-below-a-rule"),
        pytest.param("Errors:\n----------\nE1 paper\nE2 ink", id="a-table-below-a-rule"),
        pytest.param("1. start\n____________________\n2. stop\nIt hangs at 2.", id="steps-below-a-rule"),
        pytest.param("We tried:\n- Restart", id="a-list-of-one"),
        pytest.param("- Paper\n- Toner", id="a-list"),
        pytest.param("It is broken.\nSent with DHL yesterday.", id="prose-about-a-parcel"),
        pytest.param("It works.\n\n감사합니다.", id="thanks-ko"),
        pytest.param("Sent with DHL yesterday", id="a-parcel-alone"),
        pytest.param("Thanks and\nbest regards\nto your whole team for all that you do.", id="a-sentence-with-regards"),
        pytest.param("Hello,\n\nAt 10:15 the log says:\nerror 5", id="a-log-that-says"),
        pytest.param("From: the printer room\nIt smells.", id="one-header-word"),
    ],
)
def test_the_author_s_words_are_kept(text: str):
    assert split(text) == reply.Reply(text, "", "")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("It is broken.\n\nBest regards,\nAnna\n\nPS: the key is under the mat.", "PS: the key", id="ps"),
        pytest.param("It is broken.\n\nBest regards,\nAnna\nP.S. ask for me", "P.S. ask for me", id="ps-at-once"),
        pytest.param(
            "Kaputt.\n\nGruß,\nAnna\n\nDer Schlüssel liegt unter der Matte.", "Der Schlüssel", id="a-paragraph"
        ),
        pytest.param("It is broken.\n-- \nAnna\n\nPS: the key is under the mat.", "PS: the key", id="ps-below-dashes"),
        pytest.param(
            "It hums.\n\nSent from my iPhone\n\nNow the lamp is red, too.", "Now the lamp", id="below-a-device"
        ),
    ],
)
def test_what_the_author_adds_below_the_signature_is_the_author_s(text: str, kept: str):
    found = split(text)
    assert found.new_text.endswith(text[text.index(kept) :])
    assert "Anna" not in found.new_text


@pytest.mark.parametrize(
    "disclaimer",
    [
        pytest.param(
            "This e-mail is confidential and intended solely for the addressee. If you are not the intended recipient, "
            "please notify the sender and delete it.",
            id="en",
        ),
        pytest.param(
            "Diese Nachricht ist vertraulich. Wenn Sie nicht der Empfänger sind, informieren Sie bitte den Absender\n"
            "und löschen Sie sie.",
            id="de-wrapped",
        ),
        pytest.param(
            "Ce message est confidentiel. Si vous l'avez reçu par erreur, merci d'avertir l'expéditeur et de détruire "
            "ce message. Si vous n'êtes pas le destinataire, toute copie est interdite.",
            id="fr",
        ),
        pytest.param(
            "Данное сообщение конфиденциально и предназначено исключительно для адресата. Если вы получили его по "
            "ошибке, уведомите отправителя и удалите его.",
            id="ru",
        ),
        pytest.param(
            "See e-kiri on konfidentsiaalne ja ainult adressaadile. Kui te olete saanud selle ekslikult, teavitage "
            "saatjat ja kustutage kiri.",
            id="et",
        ),
        pytest.param(
            "DISCLAIMER\n\nThis message may contain privileged information. If you have received it in error, "
            "distribution is prohibited and you must delete this message.",
            id="headline",
        ),
        pytest.param("Please consider the environment before printing this e-mail.", id="paper"),
        pytest.param("Diese E-Mail wurde von Example Antivirus auf Viren geprüft.", id="virus"),
    ],
)
def test_a_disclaimer_is_no_word_of_the_author_s(disclaimer: str):
    found = split(f"New words\n\n{disclaimer}\n")
    assert (found.new_text, found.signature) == ("New words", disclaimer)
    assert split(f"New words\n\nBest regards,\nAnna\n{disclaimer}\n").new_text == "New words"
    assert split(disclaimer).new_text == disclaimer, "where nothing else was written it is what was written"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The invoice went to the wrong recipient by mistake, please delete it and inform them.", id="en"),
        pytest.param("Ich habe die E-Mail versehentlich an den falschen Empfänger gesendet, bitte löschen.", id="de"),
        pytest.param(
            "Is the printer log confidential? We would like to send it to the manufacturer of it.", id="secret"
        ),
    ],
)
def test_a_person_who_asks_for_a_mail_to_be_deleted_writes_no_disclaimer(text: str):
    assert split(f"Hello,\n\n{text}").new_text == f"Hello,\n\n{text}"


def test_answers_between_quoted_lines_are_the_author_s():
    found = split("On 2 Mar 2026, Desk wrote:\n> one?\n\nYes.\n\n> two?\n\nNo.\n\n--\nAnna")
    assert found.new_text == "Yes.\n\nNo."
    assert found.quoted.splitlines() == ["On 2 Mar 2026, Desk wrote:", "> one?", "", "> two?"]


def test_an_answer_below_the_quote_is_the_author_s():
    assert split("Desk wrote:\n> Is it on?\n\nYes, it is.").new_text == "Yes, it is."


def test_an_answer_below_our_whole_quoted_notice_is_the_author_s():
    found = split(
        "On 2 Mar 2026, Desk wrote:\n> ##- Please write above this line -##\n> Old\n\nYes, it works.\n\n-- \nAnna"
    )
    assert found.new_text == "Yes, it works."
    assert "Old" in found.quoted


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("New\n\n> ##- write above -##\n> Old\n\nsecret", id="words-above"),
        pytest.param("> ##- write above -##\n> Old and long\nsecret", id="the-rest-of-a-wrapped-line"),
        pytest.param("> ##- write above -##\n> Old\nsecret\n> Old\n\nsecret", id="a-line-without-its-mark"),
        pytest.param("##- write above -##\n> Old\n\nsecret", id="marker-without-its-mark"),
    ],
)
def test_nothing_else_below_our_marker_is_the_author_s(text: str):
    assert "secret" not in split(text).new_text


def test_an_author_may_name_our_marker_in_a_sentence():
    said = 'You wrote "##- Please write above this line -##", and I do.\nIt still fails.'
    assert split(said).new_text == said


@given(st.text(alphabet="ab \n>-_:#OnFromwrte", max_size=400))
def test_no_line_with_words_is_lost(text: str):
    found = split(text)
    lines = sorted(line.rstrip() for line in text.split("\n") if line.strip())
    parts = f"{found.new_text}\n{found.quoted}\n{found.signature}"
    assert sorted(line for line in parts.split("\n") if line.strip()) == lines
