"""Who or what wrote a mail: a person, or which kind of machine; what a delivery report says; until when one is away."""

from dataclasses import replace

from mailbot.ingest.format import body, header, parameter
from mailbot.ingest.format.body import Body
from mailbot.ingest.kind import absence, automatic, report
from mailbot.mail import Automatic, Mail


def written_by(mail: Mail, tree: Body, fields: header.Header, own_domain: str, loop_mark: str) -> Mail:
    """Return the mail with what is known of who or what wrote it; its fields and texts are read before.

    `loop_mark` is what our own mails carry in X-Mailbot-Loop; `own_domain` stands for it at a desk without one.
    """
    kind = parameter.content_type(fields.value("content-type"))
    report_type = kind.parameters.get("report-type", "").lower()
    if kind.value != "multipart/report":
        report_type = ""
    found = report.read(
        fields, kind.value, report_type, sorted(body.leaves(tree), key=lambda part: part.index), mail.text
    )
    sender = mail.from_.address if mail.from_ else ""
    seen = automatic.Headed(fields, kind.value, report_type, found is not None, sender)
    told = automatic.origin(seen, own_domain=own_domain, loop_mark=loop_mark)
    away = None
    if told.kind is Automatic.VACATION and mail.date:
        away = absence.away_until(f"{mail.subject}\n{mail.new_text}", mail.date.date())
    return replace(mail, report=found, automatic=told.kind, answerable=told.answerable, away_until=away)
