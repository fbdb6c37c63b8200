"""What a mail passes on, in the forms in which the common mail programs forward."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mailbot.ingest.kind import forwarded

JANE = "jane@customer.example"
#: The half of an hour of the day at which Jane wrote, where no zone is named, and where one is.
LOCAL = datetime(2026, 3, 2, 21, 30)  # noqa: DTZ001 - a header table without a zone
EAST = LOCAL.replace(tzinfo=timezone(timedelta(hours=2)))
LATER = LOCAL.replace(hour=22, tzinfo=timezone(timedelta(hours=3)))
WEST = LOCAL.replace(tzinfo=timezone(-timedelta(hours=3.5)))
WORDS = "The pump leaks.\n\n-- \nJane"

THUNDERBIRD = """\
-------- Forwarded Message --------
Subject: \tPump in hall 4
Date: \tMon, 2 Mar 2026 21:30:00 +0200
From: \tJane Doe <jane@customer.example>
To: \tanna@example.com

"""
THUNDERBIRD_DE = """\
-------- Weitergeleitete Nachricht --------
Betreff: \tPump in hall 4
Datum: \tMon, 2 Mar 2026 21:30:00 +0200
Von: \tJane Doe <jane@customer.example>
An: \tanna@example.com

"""
THUNDERBIRD_ET = """\
-------- Edastatud kiri --------
Teema: \tPump in hall 4
Kuupäev: \tMon, 2 Mar 2026 21:30:00 +0200
Saatja: \tJane Doe <jane@customer.example>
Adressaat: \tanna@example.com

"""
GMAIL = """\
---------- Forwarded message ---------
From: Jane Doe <jane@customer.example>
Date: Mon, Mar 2, 2026 at 9:30\u202fPM
Subject: Pump in hall 4
To: <anna@example.com>, Somebody Else <else@example.com>,
 A Third <third@example.com>


"""
GMAIL_DE = """\
---------- Forwarded message ---------
Von: Jane Doe <jane@customer.example>
Date: Mo., 2. März 2026 um 21:30 Uhr
Subject: Pump in hall 4
To: <anna@example.com>


"""
GMAIL_FR = """\
---------- Forwarded message ---------
De : Jane Doe <jane@customer.example>
Date: lun. 2 mars 2026 à 21:30
Subject: Pump in hall 4
To: <anna@example.com>


"""
GMAIL_ES = """\
---------- Forwarded message ---------
De: Jane Doe <jane@customer.example>
Date: lun, 2 mar 2026 a las 21:30
Subject: Pump in hall 4
To: <anna@example.com>


"""
GMAIL_ET = """\
---------- Forwarded message ---------
Saatja: Jane Doe <jane@customer.example>
Date: E, 2. märts 2026 kell 21:30
Subject: Pump in hall 4
To: <anna@example.com>


"""
OUTLOOK = """\
________________________________
From: Jane Doe <jane@customer.example>
Sent: Monday, March 2, 2026 9:30 PM
To: Anna Agent <anna@example.com>
Cc: else@example.com
Subject: Pump in hall 4

"""
OUTLOOK_NO_RULE = """\
From: Doe, Jane [mailto:jane@customer.example]
Sent: Monday, March 02, 2026 9:30 PM
To: Anna Agent
Subject: Pump in hall 4
Importance: High

"""
OUTLOOK_OLD = """\
-----Original Message-----
From: Jane Doe <jane@customer.example<mailto:jane@customer.example>>
Sent: 02 March 2026 21:30
To: Anna Agent
Subject: Pump in hall 4

"""
OUTLOOK_DE = """\
Von: Jane Doe <jane@customer.example>
Gesendet: Montag, 2. März 2026 21:30
An: Anna Agent <anna@example.com>
Betreff: Pump in hall 4

"""
OUTLOOK_FR = """\
De\u00a0: Jane Doe <jane@customer.example>
Envoyé\u00a0: lundi 2 mars 2026 21:30
À\u00a0: Anna Agent <anna@example.com>
Objet\u00a0: Pump in hall 4

"""
OUTLOOK_ES = """\
De: Jane Doe <jane@customer.example>
Enviado el: lunes, 2 de marzo de 2026 21:30
Para: Anna Agent <anna@example.com>
Asunto: Pump in hall 4

"""
OUTLOOK_ET = """\
*Saatja:* Jane Doe <jane@customer.example>
*Saadetud:* esmaspäev, 2. märts 2026 21:30
*Adressaat:* Anna Agent <anna@example.com>
*Teema:* Pump in hall 4

"""
APPLE = """\
Begin forwarded message:

From: Jane Doe <jane@customer.example>
Subject: Pump in hall 4
Date: March 2, 2026 at 9:30:00 PM GMT+2
To: anna@example.com

"""
APPLE_DE = """\
Anfang der weitergeleiteten Nachricht:

Von: Jane Doe <jane@customer.example>
Betreff: Pump in hall 4
Datum: 2. März 2026 um 21:30:00 OEZ
An: anna@example.com

"""
APPLE_FR = """\
Début du message réexpédié :

De: Jane Doe <jane@customer.example>
Objet: Pump in hall 4
Date: 2 mars 2026 à 21:30:00 UTC+2
À: anna@example.com

"""
YAHOO = """\
----- Forwarded Message -----
From: "Jane Doe" <jane@customer.example>
To: "anna@example.com" <anna@example.com>
Sent: Monday, March 2, 2026 at 09:30:00 PM EET
Subject: Pump in hall 4

"""
NEOMUTT = """\
----- Forwarded message from Jane Doe <jane@customer.example> -----

Date: Mon, 2 Mar 2026 21:30:00 +0200
From: Jane Doe <jane@customer.example>
To: anna@example.com
Subject: Pump in hall 4

"""


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


@pytest.mark.parametrize(
    ("table", "when"),
    [
        pytest.param(THUNDERBIRD, EAST, id="thunderbird"),
        pytest.param(THUNDERBIRD_DE, EAST, id="thunderbird-de"),
        pytest.param(THUNDERBIRD_ET, EAST, id="thunderbird-et"),
        pytest.param(GMAIL, LOCAL, id="gmail"),
        pytest.param(GMAIL_DE, LOCAL, id="gmail-de"),
        pytest.param(GMAIL_FR, LOCAL, id="gmail-fr"),
        pytest.param(GMAIL_ES, LOCAL, id="gmail-es"),
        pytest.param(GMAIL_ET, LOCAL, id="gmail-et"),
        pytest.param(OUTLOOK, LOCAL, id="outlook-with-a-rule"),
        pytest.param(OUTLOOK_NO_RULE, LOCAL, id="outlook-without-a-rule"),
        pytest.param(OUTLOOK_OLD, LOCAL, id="outlook-original-message"),
        pytest.param(OUTLOOK_DE, LOCAL, id="outlook-de"),
        pytest.param(OUTLOOK_FR, LOCAL, id="outlook-fr"),
        pytest.param(OUTLOOK_ES, LOCAL, id="outlook-es"),
        pytest.param(OUTLOOK_ET, LOCAL, id="outlook-et-in-bold"),
        pytest.param(APPLE, EAST, id="apple"),
        pytest.param(APPLE_DE, LOCAL, id="apple-de-with-a-zone-that-we-do-not-know"),
        pytest.param(APPLE_FR, EAST, id="apple-fr"),
        pytest.param(YAHOO, EAST, id="yahoo"),
        pytest.param(NEOMUTT, EAST, id="neomutt"),
    ],
)
def test_author_date_subject_and_words_are_read_below_the_header_table(table: str, when: datetime):
    found = forwarded.inline(f"fwd\n\nPlease look.\n\n{table}{WORDS}")
    assert found is not None
    assert found.from_ is not None
    assert (found.from_.address, found.from_.name.replace("Doe, Jane", "Jane Doe")) == (JANE, "Jane Doe")
    assert (found.date, found.subject, found.text, found.index) == (when, "Pump in hall 4", WORDS, None)
    assert bool(found.date and found.date.tzinfo) is bool(when.tzinfo)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"Begin forwarded message:\n\n{quoted(APPLE.partition(':')[2].lstrip() + WORDS)}", id="apple"),
        pytest.param(quoted(THUNDERBIRD + WORDS), id="all-of-it"),
        pytest.param(
            NEOMUTT.partition("\n")[0] + "\n\n" + quoted(NEOMUTT.partition("\n")[2].lstrip() + WORDS)
            + "\n\n----- End forwarded message -----\nAnna",
            id="neomutt-forward-quote",
        ),
        pytest.param(f"{NEOMUTT}{WORDS}\n\n----- End forwarded message -----\n-- \nAnna", id="neomutt"),
    ],
)  # fmt: skip
def test_quote_marks_and_the_line_below_are_not_the_customers(text: str):
    found = forwarded.inline(f"fwd\n\n{text}")
    assert found is not None
    assert found.text == WORDS
    assert found.from_ is not None


def test_of_a_chain_the_outermost_is_meant_and_the_rest_are_its_words():
    inner = GMAIL.replace(JANE, "boss@customer.example").replace("Pump in hall 4", "Do something")
    found = forwarded.inline(f"fwd\n\n{OUTLOOK}See below.\n\n{inner}It drips.")
    assert found is not None
    assert found.from_ is not None
    assert (found.from_.address, found.subject) == (JANE, "Pump in hall 4")
    assert found.text.startswith("See below.\n\n---------- Forwarded")
    assert found.text.endswith("It drips.")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("From: Jane Doe", id="a-name-alone"),
        pytest.param("From: jane@customer.example on behalf of boss@customer.example", id="two-addresses"),
        pytest.param('From: "boss@customer.example" <jane@customer.example>', id="a-name-that-is-another-address"),
        pytest.param(f"From: {JANE}\nFrom: boss@customer.example", id="two-fields"),
        pytest.param("From: jane@cust\u043emer..example", id="no-address"),
    ],
)
def test_author_is_nobody_where_not_exactly_one_address_is_named(line: str):
    found = forwarded.inline(OUTLOOK.replace("From: Jane Doe <jane@customer.example>", line) + WORDS)
    assert found is not None
    assert found.from_ is None
    assert found.text == WORDS


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The pump leaks.\nFrom: the hall", id="prose"),
        pytest.param("---------- Forwarded message ---------\n\nThe pump leaks.", id="no-table"),
        pytest.param("---------- Forwarded message ---------\n\n\n\n\n\nFrom: jane@customer.example", id="far-below"),
        pytest.param("On Monday Jane wrote:\n> The pump leaks.", id="an-answer"),
        pytest.param("Begin forwarded message:", id="the-end"),
        pytest.param("", id="nothing"),
    ],
)
def test_text_without_a_header_table_passes_nothing_on(text: str):
    assert forwarded.inline(text) is None


def test_wrapped_values_belong_to_their_field_and_fields_may_stand_apart():
    found = forwarded.inline(
        "-----Original Message-----\nFrom: Jane Doe\n<jane@customer.example>\nSent: 2 March 2026 21:30\nTo: a@x.test,\n"
        "b@x.test;\nc@x.test\nSubject: Pump in\nhall 4\nTo: Anna\n\nThe pump leaks."
    )
    assert found is not None
    assert (found.subject, found.text) == ("Pump in hall 4", "The pump leaks.")
    apart = forwarded.inline("Begin forwarded message:\n\nFrom: jane@customer.example\n\nSubject: Pump\n\nIt leaks.")
    assert apart is not None
    assert (apart.subject, apart.text, apart.date) == ("Pump", "It leaks.", None)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        pytest.param("2026-03-02 21:30", LOCAL, id="iso"),
        pytest.param("02.03.2026 21:30", LOCAL, id="figures"),
        pytest.param("02.03.26, 21:30", LOCAL, id="two-figures-of-the-year"),
        pytest.param("02/03/2026 21:30", LOCAL, id="day-first-with-24-hours"),
        pytest.param("3/2/2026 9:30 PM", None, id="nobody-knows-which-is-the-month"),
        pytest.param("3/22/2026 9:30 PM", LOCAL.replace(day=22), id="no-month-22"),
        pytest.param("22/3/2026 9:30 pm", LOCAL.replace(day=22), id="no-month-22-either"),
        pytest.param("3/3/2026 9:30 p.m.", LOCAL.replace(day=3), id="both-the-same"),
        pytest.param("Mar 2, 2026, 12:30 AM", LOCAL.replace(hour=0), id="midnight"),
        pytest.param("Mar 2, 2026, 12:30 PM", LOCAL.replace(hour=12), id="noon"),
        pytest.param("2 March 2026 at 21:30:00 Z", LOCAL.replace(tzinfo=UTC), id="utc"),
        pytest.param("2 March 2026 at 22.30.00 EEST", LATER, id="eest"),
        pytest.param("Mon, 2 Mar 2026 21:30:00 -0330", WEST, id="west"),
        pytest.param("2 March 2026", None, id="no-time"),
        pytest.param("21:30", None, id="no-day"),
        pytest.param("2 March 21:30", None, id="no-year"),
        pytest.param("31 February 2026 21:30", None, id="no-such-day"),
        pytest.param("2 March 2026 21:30:75", None, id="no-such-second"),
        pytest.param("2 March 2026 21:30 PM", None, id="no-such-half"),
        pytest.param("2 March 2026 25:30", None, id="no-such-hour"),
    ],
)  # fmt: skip
def test_date_of_a_header_table_is_read_or_left_open(text: str, when: datetime | None):
    assert forwarded.instant(text) == when
