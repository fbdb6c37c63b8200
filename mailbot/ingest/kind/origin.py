"""Who or what wrote a mail: a person, or which kind of machine; what a delivery report says; until when one is away."""

import re
from collections.abc import Sequence
from dataclasses import replace

from mailbot.ingest.format import body, header, parameter
from mailbot.ingest.format.body import Body
from mailbot.ingest.format.leaf import Leaf
from mailbot.ingest.kind import absence, automatic, report, report_sign
from mailbot.mail import Automatic, Mail

#: RFC 5546 section 3.2.3: somebody takes part, or does not.
_REPLY = re.compile(rb"(?im)^METHOD:REPLY\s*$")
#: As many bytes of a calendar are looked at.
_CALENDAR = 4_000


def written_by(mail: Mail, tree: Body, fields: header.Header, own_domain: str, loop_mark: str) -> Mail:
    """Return the mail with what is known of who or what wrote it; its fields and texts are read before.

    `loop_mark` is what our own mails carry in X-Mailbot-Loop; `own_domain` stands for it at a desk without one.
    """
    kind, report_type = _media(fields)
    leaves = _leaves(tree)
    found = report.read(fields, kind, report_type, leaves, mail.text)
    seen = automatic.Headed(
        fields=fields,
        media=kind,
        report_type=report_type,
        is_report=found is not None,
        sender=mail.from_.address if mail.from_ else "",
        text=mail.text,
        new_text=mail.new_text,
        parts=frozenset(leaf.type for leaf in leaves),
        answers_invitation=any(
            leaf.type == "text/calendar" and _REPLY.search(leaf.data[:_CALENDAR]) for leaf in leaves
        ),
    )
    told = automatic.origin(seen, own_domain=own_domain, loop_mark=loop_mark)
    away = None
    if told.kind is Automatic.VACATION and mail.date:
        away = absence.away_until(f"{mail.subject}\n{mail.new_text}", mail.date.date())
    return replace(
        mail,
        report=found,
        automatic=told.kind,
        by_words=told.by_words,
        answerable=told.answerable,
        away_until=away,
    )


def _media(fields: header.Header) -> tuple[str, str]:
    """Return the media type of a mail, and the report-type of a multipart/report."""
    kind = parameter.content_type(fields.value("content-type"))
    return kind.value, kind.parameters.get("report-type", "").lower() if kind.value == "multipart/report" else ""


def _leaves(tree: Body) -> Sequence[Leaf]:
    return sorted(body.leaves(tree), key=lambda part: part.index)


def is_around_a_report(fields: header.Header, text: str) -> bool:
    """May the mail that is attached to this one be a report that a filter on the way packed into a mail of its own?"""
    return report_sign.is_report(fields, text.split("\n")[:100])
