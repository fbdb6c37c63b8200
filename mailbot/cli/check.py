"""`mailbot check`: is everything that was configured fit to run? Says every fault at once, changes nothing."""

import os

import typer

from mailbot.app.check import Findings, check_all
from mailbot.cli.options import WRONG, AsJson, ConfigFile, complain, print_json


def check(*, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Check the configuration, the process, the templates, the directory and the secrets, all of it at once.

    Ends with 2 when there are faults. Warnings name what works and is probably not meant; they change nothing.
    """
    findings = check_all(config, os.environ)
    if as_json:
        print_json(_document(findings))
    else:
        complain(*(str(fault) for fault in findings.faults))
        complain(*(f"warning: {warning}" for warning in findings.warnings))
        if not findings.faults:
            print("Everything is in order: mailbot can run.")
    if findings.faults:
        raise typer.Exit(WRONG)


def _document(findings: Findings) -> dict[str, list[dict[str, str]]]:
    return {
        name: [{"file": fault.file, "key": fault.key, "wrong": fault.wrong} for fault in found]
        for name, found in (("faults", findings.faults), ("warnings", findings.warnings))
    }
