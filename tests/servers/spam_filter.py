"""What a stranger's spam filter thinks of a mail: a private Rspamd with all of the package's own rules and scores.

Not the milter of the border: that one only says who a sender is. Never touches the system's Rspamd, and asks the tests'
name server only, so that block lists and the makers' own servers stay out.
"""

import http.client
import json
from dataclasses import dataclass
from pathlib import Path

from tests.servers.dns import NameServer
from tests.servers.ports import free_port
from tests.servers.rspamd import PATIENCE, Scanner

HERE = Path(__file__).resolve().parent
#: The rule that asks the makers' servers is off, and has none to ask.
NO_FUZZY = 'enabled = false;\nrule "rspamd.com" { servers = "127.0.0.1:1"; }\n'
#: What ends the names of tests.
SUFFIXES = "com\nexample\nnet\norg\ntest\n"


@dataclass(frozen=True)
class Opinion:
    """What the filter says of a mail."""

    #: Points; the package's own limits are 4 for greylisting, 6 for a mark, 15 for refusal.
    score: float
    #: What counts for or against it, in points.
    rules: dict[str, float]


class SpamFilter(Scanner):
    """Rates mails that come from one host, whose names and address are real to it."""

    def __init__(self, folder: Path, names: NameServer) -> None:
        self.port = free_port()
        local = folder / "local"
        (local / "override.d").mkdir(parents=True)
        (local / "override.d" / "fuzzy_check.conf").write_text(NO_FUZZY)
        options = (HERE / "spam_filter.options.in").read_text().replace("@DNS@", str(names.port))
        (local / "override.d" / "options.inc").write_text(options)
        (local / "suffixes").write_text(SUFFIXES)
        config = (HERE / "spam_filter.conf.in").read_text().replace("@PORT@", str(self.port))
        variables = {"LOCAL_CONFDIR": local, "DBDIR": folder, "RUNDIR": folder, "LOGDIR": folder}
        super().__init__(folder, config, self.port, [f"--var={name}={path}" for name, path in variables.items()])

    def rate(self, raw: bytes, *, reverse_path: str, to: str, address: str, host: str) -> Opinion:
        """Ask for the opinion of a mail that comes from an IPv4 address with this name."""
        head = {"IP": address, "Helo": host, "Hostname": host, "From": reverse_path, "Rcpt": to}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            line.request("POST", "/checkv2", raw, head)
            answer = line.getresponse()
            said = json.load(answer)
        finally:
            line.close()
        assert answer.status == 200, said
        return Opinion(said["score"], {name: symbol["score"] for name, symbol in said["symbols"].items()})
