"""What writing a notice costs, beside reading a mail in the same run: python -m benchmarks.letters.

The figure to watch is the ratio, which hardly depends on the machine: a letter should cost no more than two mails read.
"""

from email.message import EmailMessage

from rich.console import Console
from rich.table import Table

from benchmarks.service_time import rate
from mailbot.ingest.parse import read_mail
from mailbot.notices.language import catalogued
from mailbot.notices.render import TemplateRenderer
from mailbot.notices.render_sample import sample

#: Short and long ones, for customers and for members.
NOTICES = ("case_received", "closed", "answer", "note", "command_result", "help")


def mail() -> bytes:
    """Return an ordinary answer of two kilobytes: new words above what they quote."""
    message = EmailMessage()
    message["From"], message["To"] = "Anna Aas <anna@customer.test>", "support@example.com"
    message["Subject"], message["Message-ID"] = "Re: [HD-1] Printer", "<one@customer.test>"
    quoted = "".join(f"> Line {number} of the notice that is answered, as clients quote it.\n" for number in range(25))
    message.set_content(f"It still fails.\n\nOn Mon, 2 Mar 2026 at 10:00, Support wrote:\n{quoted}")
    return message.as_bytes()


def main() -> None:
    """Print the table."""
    raw, renderer = mail(), TemplateRenderer()
    read = rate(lambda: read_mail(raw))
    table = Table("notice", title=f"letters a second; {read:,.0f} mails are read; the last column is read : letter")
    for heading in (*catalogued(), "ratio"):
        table.add_column(heading, justify="right")
    for name in NOTICES:
        values = sample(name)
        # Its templates are compiled once for each language.
        for tag in catalogued():
            renderer.render(name, tag, values)
        rates = [rate(lambda tag=tag: renderer.render(name, tag, values)) for tag in catalogued()]  # type: ignore[misc]  # noqa: B023 - called at once
        table.add_row(name, *(f"{one:,.0f}" for one in rates), f"{read / min(rates):,.1f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
