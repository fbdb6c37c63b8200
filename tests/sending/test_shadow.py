"""Shadow mode: the operator gets every mail, nobody else gets one, and each says whom it was meant for."""

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial

from aiosmtpd.smtp import Envelope

from mailbot.ports.records import OutboxMail, OutboxState
from mailbot.sending.mime import build
from mailbot.sending.outbox import SendLoop
from mailbot.sending.relay import Smarthost, SmtpRelay
from mailbot.sending.shadow import FIELD, shadowed
from tests.sending.conftest import NOW, Hand, Sink
from tests.sending.test_outbox import Rows

OPERATOR = "operator@example.com"


def read(envelope: Envelope) -> EmailMessage:
    assert isinstance(envelope.content, bytes)
    return message_from_bytes(envelope.content, policy=policy.default)


def sent_in_shadow(sinks: Callable[..., Sink], hand: Hand, rows: Rows) -> Sink:
    sink = sinks()
    relay = SmtpRelay(Smarthost(host="127.0.0.1", port=sink.port, tls="none", hello="desk.test", timeout=10))
    loop = SendLoop(
        rows, relay, lambda one: build(one, [], NOW), hand.now, lambda: 0.0, addressed=partial(shadowed, to=OPERATOR)
    )
    while loop.step():
        pass
    relay.close()
    return sink


def test_every_letter_goes_to_the_operator_and_nobody_else(
    sinks: Callable[..., Sink], hand: Hand, letter: Callable[..., OutboxMail]
):
    rows = Rows({number: letter(number) for number in (1, 2, 3)})
    sink = sent_in_shadow(sinks, hand, rows)
    assert [envelope.rcpt_tos for envelope in sink.taken] == [[OPERATOR]] * 3
    for envelope in sink.taken:
        mail = read(envelope)
        assert mail["To"] == OPERATOR
        assert mail["Cc"] is None
    assert rows.states() == [OutboxState.SENT] * 3


def test_a_letter_says_whom_it_was_meant_for(sinks: Callable[..., Sink], hand: Hand, letter: Callable[..., OutboxMail]):
    (envelope,) = sent_in_shadow(sinks, hand, Rows({1: letter(to="anna@customer.example")})).taken
    mail = read(envelope)
    assert mail[FIELD] == "anna@customer.example"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().startswith("Shadow mode: this mail was meant for anna@customer.example")
    assert "meant for anna@customer.example" in html.get_content()
    assert "One of us has taken up your case." in text.get_content()


def test_the_page_of_a_letter_stays_a_page(letter: Callable[..., OutboxMail]):
    page = '<!DOCTYPE html>\n<html><body style="margin:0">\n<p>Hello</p></body></html>'
    shown = shadowed(letter(html=page), OPERATOR).html
    assert shown.startswith("<!DOCTYPE html>")
    assert shown.index("<body") < shown.index("Shadow mode") < shown.index("<p>Hello</p>")


def test_the_outbox_keeps_whom_it_was_for_and_says_where_it_went(
    sinks: Callable[..., Sink], hand: Hand, letter: Callable[..., OutboxMail]
):
    rows = Rows({1: letter(to="anna@customer.example")})
    sent_in_shadow(sinks, hand, rows)
    assert rows.letters[1].to == "anna@customer.example"
    assert f"(sent to {OPERATOR} in shadow mode)" in rows.letters[1].last_reply
