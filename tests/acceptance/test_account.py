"""The daily account as a mail: it reaches the leads once, says what came and what is set aside, and adds up."""

import json
from datetime import timedelta
from pathlib import Path

from mailbot.app.work import DAY, report
from tests.acceptance.bench import Bench, mail_of, text_of

MARI, LEA = "mari@example.com", "lea@example.com"
PEOPLE = {
    "1": {"address": MARI, "role": "agent"},
    "2": {"address": LEA, "role": "lead", "name": "Lea Lead"},
}


def test_leads_hear_once_a_day_what_became_of_the_mail(tmp_path: Path):
    bench = Bench(tmp_path / "desk", MARI, people=json.dumps({"people": PEOPLE}))
    bench.write(mail_of("ann@client.test", "support@example.com", "Printer", "It burns."))
    bench.write(mail_of("bob@client.test", "support@example.com", "Offer", "Buy.", X_Spam_Flag="YES"))
    at = bench.now + timedelta(minutes=1)
    for _ in range(2):
        # A second node, or a clock that was set back.
        report(bench.config, bench.store, bench.engine, at)
    bench.rest(at)
    (letter,) = [one for one in bench.sent(LEA) if "became of it" in one["Subject"]]
    lines = text_of(letter).splitlines()
    assert {"received: 2", "new cases: 1", "held: 1", "quarantined: 0", "spam: 1"} <= set(lines)
    assert "accounted for" not in text_of(letter)
    assert bench.sent("ann@client.test")
    assert not bench.sent("bob@client.test")
    report(bench.config, bench.store, bench.engine, at + DAY)
    bench.rest(at + DAY)
    assert len([one for one in bench.sent(LEA) if "became of it" in one["Subject"]]) == 2
    bench.close()


def test_nobody_is_mailed_where_the_operator_wants_the_log_alone(tmp_path: Path):
    people = json.dumps({"people": PEOPLE})
    bench = Bench(tmp_path / "desk", MARI, people=people, settings={"MAILBOT_REPORT__TO": "nobody"})
    bench.write(mail_of("ann@client.test", "support@example.com", "Printer", "It burns."))
    sent = len(bench.relay.taken)
    report(bench.config, bench.store, bench.engine, bench.now + timedelta(minutes=1))
    bench.rest()
    assert len(bench.relay.taken) == sent
    bench.close()
