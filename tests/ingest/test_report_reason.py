"""Why a mail did not arrive, out of what servers say."""

import pytest

from mailbot.ingest.kind.report_reason import reason


@pytest.mark.parametrize(
    ("status", "said", "why"),
    [
        ("5.1.1", "550 5.1.1 rejected: User unknown in virtual alias table", "unknown-address"),
        ("", "550 No such user here", "unknown-address"),
        ("5.7.1", "550 Recipient address rejected: not found in our directory", "unknown-address"),
        ("5.4.4", "Host or domain name not found. Name service error", "unknown-domain"),
        ("", "Sorry, I couldn't find any host named customer.test. (#5.1.2)", "unknown-domain"),
        ("", "552 Quota exceeded", "mailbox-full"),
        ("5.2.2", "554 mailbox full", "mailbox-full"),
        ("", "550 This account has been disabled", "mailbox-disabled"),
        ("5.1.6", "", "moved"),
        ("", "551 User has moved to another server", "moved"),
        ("5.3.4", "Message size exceeds fixed limit", "too-large"),
        ("5.7.0", "554 rejected, this looks like spam", "spam"),
        ("5.7.1", "554 Client host blocked using zen.example", "policy"),
        ("5.7.26", "550 unauthenticated email is not accepted, see DMARC", "authentication"),
        ("", "550 Relaying denied", "relaying"),
        ("4.7.28", "421 our system has detected an unusual rate limit", "rate"),
        ("4.7.1", "451 Greylisted, try again later", "greylisted"),
        ("4.4.1", "connect to mail.customer.test: Connection timed out", "network"),
        ("5.4.6", "554 too many hops", "loop"),
        ("4.4.7", "delivery time expired", "expired"),
        ("5.6.1", "", "content"),
        ("", "552 the attachment is an executable", "content"),
        ("5.0.0", "", "other"),
        ("", "", "other"),
    ],
)
def test_the_words_of_the_server_or_its_code_say_why(status: str, said: str, why: str):
    assert reason(status, said) == why
