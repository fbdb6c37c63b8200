"""A process file with one fault in each kind of place: each is told by itself, with file, key and what would be right."""

# ruff: noqa: E501 - a fault a row, so that the table can be read down

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.faults import Faults
from mailbot.process import Process
from mailbot.process.file import doubts, load_process
from mailbot.process.names import BUILT_IN, RESERVED
from mailbot.rules.command.words import vocabulary
from mailbot.shipped import shipped
from tests.builders import a_directory

COMPANIES = sorted(path.stem for path in shipped("processes").glob("*.toml"))


def text_of(company: str) -> str:
    return shipped(f"processes/{company}.toml").read_text(encoding="utf-8")


def told(folder: Path, company: str, change: Callable[[str], str]) -> list[tuple[str, str]]:
    """(key, what is wrong) of a shipped file after a change of its text."""
    text = text_of(company)
    new = change(text)
    assert new != text, "nothing was planted"
    path = folder / f"{company}.toml"
    path.write_text(new, encoding="utf-8")
    with pytest.raises(Faults) as found:
        load_process(path)
    assert all(fault.file == str(path) for fault in found.value.faults)
    return [(fault.key, fault.wrong) for fault in found.value.faults]


def swap(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def add(more: str) -> Callable[[str], str]:
    return lambda text: f"{text}\n{more}\n"


def top(more: str) -> Callable[[str], str]:
    return swap("schema = 1\n", f"schema = 1\n{more}\n")


PRIORITIES = "the priorities are P1, P2, P3, P4, P5"
STATUSES = "the statuses are Open, In progress, Waiting for customer, Waiting for approval, Fixed, Closed"
FLOW = "support-flow"

#: Which file, what is planted, the key and the words that name what would be right.
FAULTS = {
    "toml": ("modera", swap("schema = 1", "schema = "), "", "is no valid TOML"),
    "schema-version": ("modera", swap("schema = 1", "schema = 2"), "schema", "must be 1 (it says 2)"),
    "version-written": ("modera", top('version = "7"'), "version", "mailbot enters it itself"),
    "name-with-capitals": ("modera", swap('name = "modera"', 'name = "Modera"'), "name", "lower case"),
    "unknown-key": ("modera", top("colour = 1"), "colour", "is no key of the vocabulary"),
    "unknown-key-inside": ("modera", swap("answered =", "replyed = 1\nanswered ="), "moves.replyed", "is no key of"),
    "missing-section": ("modera", lambda t: re.sub(r"\[start\].*?\n\n", "", t, flags=re.DOTALL), "start", "is missing"),
    "missing-key": ("modera", swap('type = "IT Help"\n', ""), "start.type", "is missing"),
    "text-for-number": ("modera", swap("answer_takes = true", 'answer_takes = "x"'), "answer_takes", "true or false"),
    "no-list": ("modera", swap("closed = []", "closed = 3"), "hours.closed", "must be a list"),
    "no-date": ("modera", swap("closed = []", 'closed = ["xmas"]'), "hours.closed.0", "2026-12-24"),
    "status-kind": ("modera", swap('kind = "new"', 'kind = "fresh"'), "status.Open.kind", "'new', 'active'"),
    "status-empty-name": ("modera", swap('name = "Fixed"', 'name = ""'), "status.4.name", "must not be empty"),
    "survey-low": ("modera", add("[survey]\nscale = 3\nlow = 3"), "survey.low", "must be below scale, which is 3"),
    "survey-scale": ("modera", add("[survey]\nscale = 1"), "survey.scale", "2"),
    "status-twice": ("modera", swap('name = "Fixed"\n', 'name = "OPEN"\n'), "status", "'open' is named twice"),
    "status-second-new": (
        "modera",
        add('[[status]]\nname = "Fresh"\nkind = "new"'),
        "status.Fresh",
        "new cases begin in 'Open'",
    ),
    "start-status": ("modera", swap('status = "Open"', 'status = "Opened"'), "start.status", STATUSES),
    "start-status-kind": ("modera", swap('status = "Open"', 'status = "Fixed"'), "start.status", "must be of kind new"),
    "start-priority": ("modera", swap('priority = "P3"', 'priority = "P9"'), "start.priority", PRIORITIES),
    "start-type": ("modera", swap('type = "IT Help"', 'type = "Tea"'), "start.type", "the types are IT Help, Fault"),
    "type-twice": ("modera", swap('name = "Fault"', 'name = "it help"'), "type", "'it help' is named twice"),
    "type-priority": ("modera", swap('priority = "P4"', 'priority = "P6"'), "type.Improvement.priority", PRIORITIES),
    "move-unknown": ("modera", swap('taken = "In progress"', 'taken = "Taken"'), "moves.taken", STATUSES),
    "move-kind": ("modera", swap('taken = "In progress"', 'taken = "Fixed"'), "moves.taken", "must be of kind active"),
    "move-closed-kind": ("modera", swap('closed = "Closed"', 'closed = "Fixed"'), "moves.closed", "of kind closed"),
    "move-answered-kind": ("modera", swap('answered = "In', 'answered = "Fixed" # "'), "moves.answered", "active or new"),
    "approval-nowhere": ("modera", swap('approved = "In progress"', ""), "moves.approved", "`approved` and `declined`"),
    "approval-kind": ("modera", swap('kind = "resolved"', 'kind = "resolved"\napproval = true'), "status.Fixed.approval",
                      "must be of kind waiting-customer"),
    "hold-nowhere": ("quadrotech", swap('held = "On Hold"', ""), "moves.held", "write held = 'On Hold'"),
    "status-name-blank": ("modera", add('[[status]]\nname = "  "\nkind = "active"'), "status.  .name", "must not be empty"),
    "status-name-two-lines": ("modera", add('[[status]]\nname = "Stuck\\nhere"\nkind = "active"'), "status.Stuck\nhere.name",
                              "must be one line"),
    "status-name-ends-blank": ("modera", add('[[status]]\nname = "Stuck "\nkind = "active"'), "status.Stuck .name",
                               "no blank at its ends"),
    "status-name-colon": ("modera", add('[[status]]\nname = "Stuck: there"\nkind = "active"'), "status.Stuck: there.name",
                          "write it without, such as with a hyphen"),
    "status-second-closed": ("modera", add('[[status]]\nname = "Ended"\nkind = "closed"'), "status.Ended",
                             "is of kind closed as 'Closed' is"),
    "status-second-on-hold": ("quadrotech", add('[[status]]\nname = "Aside"\nkind = "on-hold"'), "status.Aside",
                              "give it another kind, or remove it"),
    "status-like-a-cause": ("quadrotech", add('[[status]]\nname = "Pending fix"\nkind = "active"'), "status",
                            "'pending fix' is named twice"),
    "cause-of-kind-closed": ("quadrotech", swap('fix = "waiting-other"', 'fix = "closed"'), "status.Pending.causes",
                             "make it a status of its own"),
    "cause-of-kind-new": ("quadrotech", swap('fix = "waiting-other"', 'fix = "new"'), "status.Pending.causes", "is of kind new"),
    "cause-of-kind-on-hold": ("quadrotech", swap('fix = "waiting-other"', 'fix = "on-hold"'), "status.Pending.causes",
                              "one of active, waiting-customer, waiting-other, resolved"),
    "causes-of-a-closed-one": ("modera", swap('kind = "closed"', 'kind = "closed"\ncauses = { done = "active" }'),
                               "status.Closed.causes", "a status of kind closed has no causes"),
    "cause-colon": ("quadrotech", swap('fix = "waiting-other"', '"a: b" = "waiting-other"'), "status.Pending.causes",
                    "'a: b' has a colon"),
    "cause-empty": ("quadrotech", swap('fix = "waiting-other"', '"" = "waiting-other"'), "status.Pending.causes.",
                    "must not be empty"),
    "cause-unknown": ("quadrotech", swap('to = "Pending: customer"', 'to = "Pending: client"'), "command.ask.to",
                      "it has customer, fix, other"),
    "cause-missing": ("quadrotech", swap('to = "Pending: customer"', 'to = "Pending"'), "command.ask.to",
                      "write 'Pending: customer'"),
    "cause-kind": ("quadrotech", swap('fix = "waiting-other"', 'fix = "broken"'), "status.Pending.causes.fix",
                   "'waiting-other'"),
    "priority-title-twice": ("modera", swap('title = "Minor"', 'title = "P1"'), "priority", "'p1' is named twice"),
    "target-unreadable": ("modera", swap('"8 hours" }', '"soon" }'), "priority.P1.targets.resolution",
                          "write it like '4 hours'"),
    "target-range-reversed": (FLOW, swap('"3-4 days"', '"4-3 days"'), "priority.Medium.targets.resolution",
                              "the lower number first"),
    "target-infinite": ("modera", swap('pickup = "4 hours"', 'pickup = { upper = { number = inf, unit = "hours" } }'),
                        "priority.P1.targets.pickup", "must be text in quotes, such as '4 hours'"),
    "target-list": ("modera", swap('pickup = "4 hours"', 'pickup = ["4 hours"]'), "priority.P1.targets.pickup",
                    "must be text in quotes"),
    "target-date": ("modera", swap('pickup = "4 hours"', "pickup = 2026-01-01"), "priority.P1.targets.pickup",
                    "must be text in quotes"),
    "target-too-long": ("modera", swap('pickup = "4 hours"', 'pickup = "99999 hours"'), "priority.P1.targets.pickup",
                        "is more than ten years; write at most '87660 hours'"),
    "target-too-long-in-service": ("modera", swap('pickup = "4 hours"', 'pickup = "50000 hours"'),
                                   "priority.P1.targets.pickup", "more than ten years of your service hours"),
    "target-part-of-a-day": (FLOW, swap('"1 day"', '"1.5 days"'), "priority.Severe.targets.resolution",
                             "write days without a fraction, or hours"),
    "target-seconds": ("modera", swap('pickup = "4 hours"', 'pickup = "0.001 hours"'), "priority.P1.targets.pickup",
                       "is less than a minute; write '1 minute' at least"),
    "target-missing": ("modera", swap('{ pickup = "4 hours", resolution', "{ resolution"), "priority.P1.targets",
                       "has no target for pickup; give one, or 'best effort'"),
    "target-of-no-clock": ("modera", swap('{ pickup = "4 hours"', '{ response = "1 hour", pickup = "4 hours"'),
                           "priority.P1.targets", "declare [clocks.response]"),
    "target-of-unknown-clock": ("modera", swap('{ pickup = "4 hours"', '{ lunch = "1 hour", pickup = "4 hours"'),
                                "priority.P1.targets.lunch", "'pickup', 'response' or 'resolution'"),
    "target-zero": ("modera", swap('pickup = "4 hours"', 'pickup = "0 hours"'), "priority.P1.targets.pickup",
                    "give an amount above 0"),
    "target-shorter-than-its-warning": ("modera", swap('pickup = "4 hours"', 'pickup = "1 minute"'),
                                        "priority.P1.targets.pickup", "shorter than its warning: 75%"),
    "target-business-days-around-the-clock": ("urgency-levels", swap('"24 hours"', '"3 business days"'),
                                              "priority.Level 1.targets.resolution", "leave around_the_clock out"),
    "plan-priority": ("advendio", swap("[plan.targets]", '[plan.targets]\n"Level 9" = { response = "1 hour" }'),
                      "plan.premium.targets", "the priorities are Level 1, Level 2"),
    "plan-clock": ("advendio", swap("[plan.targets]", '[plan.targets]\n"Level 1" = { pickup = "1 hour" }'),
                   "plan.premium.targets", "declare [clocks.pickup]"),
    "plan-twice": ("advendio", swap('name = "premium"', 'name = "Basic"'), "plan", "'basic' is named twice"),
    "plan-default-twice": ("advendio", swap('name = "premium"', 'name = "premium"\ndefault = true'), "plan",
                           "basic and premium are all the default; one can be"),
    "clock-unknown": ("modera", add('[clocks.lunch]\nstarts = "opened"'), "clocks.lunch", "'pickup', 'response' or"),
    "clock-starts-nowhere": (FLOW, swap('starts = "Evaluated"', 'starts = "Judged"'), "clocks.resolution.starts",
                             "(or 'opened', or 'picked-up')"),
    "clock-starts-at-the-end": (FLOW, swap('starts = "Evaluated"', 'starts = "Closed"'), "clocks.resolution.starts",
                                "nothing left to measure"),
    "clock-pickup-at-pick-up": ("modera", swap('starts = "opened"', 'starts = "picked-up"'), "clocks.pickup.starts",
                                "write 'opened'"),
    "clock-starts-at-a-cause": ("quadrotech", swap('starts = "opened"', 'starts = "Pending: fix"'), "clocks.response.starts",
                                "write 'Pending'"),
    "clock-warns-at-a-text": ("modera", swap("warn_at = 0.75", 'warn_at = "0.75"'), "clocks.pickup.warn_at",
                              "must be a number, without quotes"),
    "clock-paused-nowhere": ("modera", swap('paused_in = ["Waiting for customer"', 'paused_in = ["Lunch"'),
                             "clocks.resolution.paused_in", STATUSES),
    "clock-warns-above-all": ("modera", swap("warn_at = 0.75", "warn_at = 1.5"),
                              "clocks.pickup.warn_at", "must be below 1 (it says 1.5)"),
    "hours-unreadable": ("modera", swap('monday = "09:00-17:00"', 'monday = "9-17"'), "hours", "'09:00-12:00, 13:00-"),
    "hours-backwards": ("modera", swap('monday = "09:00-17:00"', 'monday = "17:00-09:00"'), "hours", "end after it starts"),
    "hours-at-night": ("modera", swap('sunday = ""', 'sunday = "22:00-06:00"'), "hours",
                       "a night shift is two, '22:00-24:00' on sunday and '00:00-06:00' on monday"),
    "hours-from-24": ("modera", swap('monday = "09:00-17:00"', 'monday = "24:00-04:00"'), "hours", "at 00:00 of tuesday"),
    "hours-no-time-of-day": ("modera", swap('monday = "09:00-17:00"', 'monday = "09:00-25:00"'), "hours", "from 00:00 to 24:00"),
    "hours-none": ("modera", lambda t: t.replace('"09:00-17:00"', '""'), "hours", "open at least one"),
    "business-day-unit": ("modera", swap('business_day = "8 hours"', 'business_day = "1 day"'), "hours",
                          "say how many hours or minutes it has"),
    "business-day-too-long": ("modera", swap('business_day = "8 hours"', 'business_day = "30 hours"'),
                              "hours.business_day", "is longer than a day"),
    "command-built-in": ("modera", swap('word = "fix"', 'word = "take"'), "command.take.word", "has already"),
    "command-handover": ("modera", swap('word = "fix"', 'word = "handover"'), "command.handover.word", "has already"),
    "command-kept-for-later": ("modera", swap('word = "fix"', 'word = "snooze"'), "command.snooze.word", "has already"),
    "command-twice": ("modera", swap('word = "fix"', 'word = "ask"'), "command", "'ask' is named twice"),
    "command-word": ("modera", swap('word = "fix"', 'word = "Fix it"'), "command.Fix it.word", "lower case"),
    "command-nowhere": ("modera", swap('to = "Fixed"', 'to = "Done"'), "command.fix.to", STATUSES),
    "command-to-new": ("modera", swap('to = "Fixed"', 'to = "Open"'), "command.fix.to", "'reopen' does that"),
    "command-to-closed": ("modera", swap('to = "Fixed"', 'to = "Closed"'), "command.fix.to", "'close: REASON'"),
    "command-who": ("modera", swap('word = "fix"', 'word = "fix"\nwho = ["boss"]'), "command.fix.who",
                    "there are customer, agent, lead, manager"),
    "command-nobody": ("modera", swap('word = "fix"', 'word = "fix"\nwho = []'), "command.fix.who", "name a role"),
    "command-notice": ("modera", swap('notice = "question"', 'notice = "qestion"'), "command.ask.notice",
                       "'fixed', 'question', 'reminder'"),
    "command-notice-of-members": ("modera", swap('notice = "question"', 'notice = "why"'), "command.ask.notice",
                                  "'taken' (it says 'why')"),
    "command-notice-without-the-words": ("modera", swap('notice = "fixed"', 'notice = "reopened"'), "command.fix.notice",
                                         "'taken' (it says 'reopened')"),
    "status-notice": (FLOW, swap('notice = "evaluated"', 'notice = "evaluted"'), "status.Evaluated.notice",
                      "'estimate', 'evaluated'"),
    "status-notice-of-members": (FLOW, swap('notice = "evaluated"', 'notice = "privacy_gate"'), "status.Evaluated.notice",
                                 "'taken' (it says 'privacy_gate')"),
    "command-no-solution": ("modera", swap('word = "fix"', 'word = "fix"\nneeds_solution = true'),
                            "command.fix.needs_solution", "add a [[solution]]"),
    "command-outside-every-flow": (FLOW, lambda t: t.replace('"QA Testing", ', "").replace(', "QA Testing"', ""),
                                   "command.test.to", "add the step"),
    "solution-priority": ("quadrotech", swap('priorities = ["High"]', 'priorities = ["Huge"]'),
                          "solution.Patch.priorities", "the priorities are High, Medium, Low"),
    "solution-twice": ("quadrotech", swap('name = "Patch"', 'name = "answer"'), "solution", "'answer' is named twice"),
    "solution-nowhere": ("quadrotech", swap('priorities = ["High"]', 'priorities = [""]'), "solution.Patch.priorities.0",
                         "must not be empty"),
    "solution-none-at-a-priority": ("modera", lambda t: t.replace('word = "fix"', 'word = "fix"\nneeds_solution = true')
                                    + '\n[[solution]]\nname = "Patch"\npriorities = ["P2", "P3", "P5"]\n',
                                    "command.fix.needs_solution", "no [[solution]] counts at P1, P4"),
    "flow-of-a-type-twice": (FLOW, swap('types = ["Feature request", ', 'types = ["Issue", "Feature request", '),
                             "flow.1.types", "'Issue' has its flow before this one"),
    "flow-of-no-type": (FLOW, add('[[flow]]\nsteps = { "Open" = ["Closed"] }'), "flow.2.types", "every type has its flow"),
    "flow-status": (FLOW, swap('["Released", "Scheduled", "Closed"]', '["Live", "Released", "Scheduled", "Closed"]'),
                    "flow.0.steps", "there is no status 'Live'"),
    "flow-type": (FLOW, swap('types = ["Issue"]', 'types = ["Incident"]'), "flow.0.types", "the types are Issue, Feature"),
    "flow-unreachable": (FLOW, swap('"Open" = ["Evaluated", "Closed"]', '"Open" = ["Closed"]'), "flow.1.steps",
                         "no step leads to 'Evaluated'"),
    "flow-dead-end": (FLOW, swap('"Monitor" = ["Closed", "Scheduled"]', '"Monitor" = []'), "flow.1.steps",
                      "nothing leads from 'Monitor' to 'Closed'"),
    "flow-without-beginning": (FLOW, swap('"Open" = ["Pending Evaluation", "Closed"]', ""), "flow.0.steps",
                               "add the statuses that follow it"),
    "status-in-no-flow": (FLOW, add('[[status]]\nname = "Parked"\nkind = "active"'), "status.Parked",
                          "name it in the steps of a flow"),
    "ladder-status": ("modera", swap('\nin = ["Waiting for customer"', '\nin = ["Lunch"'), "ladder.silence.in", STATUSES),
    "ladder-starts-nowhere": ("modera", swap('\nin = ["Waiting for customer"', '\nin = ["In progress"'), "ladder.silence.in",
                              "the ladder never starts"),
    "ladder-on-a-status-and-its-cause": ("quadrotech", add('[[ladder]]\nname = "second"\nin = ["Pending"]\n'
                                         'steps = [{ after = "1 day", do = "remind" }]'), "ladder", "'Pending' is in two"),
    "ladder-at-an-idle-cause": ("quadrotech", add('[[ladder]]\nname = "second"\nin = ["Pending"]\n'
                                'steps = [{ after = "1 day", do = "remind" }]'), "ladder.second.in",
                                "name the others: 'Pending: customer'"),
    "ladder-part-of-a-day": ("modera", swap('after = "30 days"', 'after = "0.4 days"'), "ladder.silence.steps.0.after",
                             "write days without a fraction"),
    "ladder-blank-reason": ("modera", swap('reason = "Inactive"', 'reason = " "'), "ladder.silence.steps.2.reason",
                            "must not be empty"),
    "ladder-action": ("modera", swap('do = "remind"', 'do = "shout"'), "ladder.silence.steps.0.do", "'remind' or 'close'"),
    "ladder-amount": ("modera", swap('after = "30 days"', 'after = "a month"'), "ladder.silence.steps.0.after",
                      "write it like '4 hours'"),
    "ladder-at-once": ("modera", swap('after = "30 days"', 'after = "0 days"'), "ladder.silence.steps", "at once"),
    "ladder-closes-without-reason": ("modera", swap(', reason = "Inactive"', ""), "ladder.silence.steps",
                                     "needs a reason"),
    "ladder-goes-on-after-the-close": ("modera", swap('{ after = "30 days", do = "remind" }',
                                       '{ after = "30 days", do = "close", reason = "x" }'), "ladder.silence.steps",
                                       "put the close last"),
    "field-sets": ("urgency-levels", swap('sets = "priority"', 'sets = "colour"'), "field.Urgency.sets", "'priority'"),
    "field-value": ("urgency-levels", swap('"4" = "Level 4"', '"4" = "Level 7"'), "field.Urgency.values",
                    "the priorities are Level 1"),
    "field-not-for": ("urgency-levels", swap('not_for = ["Level 1"', 'not_for = ["Level 0"'), "field.Urgency.not_for",
                      "the priorities are Level 1"),
    "field-twice": ("urgency-levels", swap('name = "Form"', 'name = "urgency"'), "field", "'urgency' is named twice"),
    "field-blank": ("urgency-levels", swap('name = "Form"', 'name = " "'), "field. .name", "must not be empty"),
    "field-colon": ("urgency-levels", swap('name = "Form"', 'name = "Form: A"'), "field.Form: A.name", "has a colon"),
    "join-of-nothing": ("urgency-levels", add('[[field]]\nname = "Form + Impact"\nsets = "priority"'),
                        "field.Form + Impact.name", "there is no field 'Impact' to join"),
    "join-required": ("urgency-levels", add('[[field]]\nname = "Form + Urgency"\nrequired = true'),
                      "field.Form + Urgency.required", "make the fields that it joins required"),
    "join-value": ("urgency-levels", add('[[field]]\nname = "Form + Urgency"\nvalues = { "CC" = "Level 1" }'),
                   "field.Form + Urgency.values", "such as 'high + low'"),
    "join-hole": ("urgency-levels", add('[[field]]\nname = "Form + Urgency"\nsets = "priority"\nvalues = '
                  '{ "CC + 1" = "Level 1", "PS + 2" = "Level 2", "PS + 1" = "Level 1" }'),
                  "field.Form + Urgency.values", "has nothing for 'cc + 2'"),
    "join-priority": ("urgency-levels", add('[[field]]\nname = "Form + Urgency"\nsets = "priority"\nvalues = '
                      '{ "CC + 1" = "Level 9" }'), "field.Form + Urgency.values", "which is no priority"),
    "field-type": ("urgency-levels", swap('sets = "type"', 'sets = "type"\nvalues = { "a" = "XX" }'), "field.Form.values",
                   "the types are Request, CC, PS"),
    "escalation-address": ("quadrotech", swap('"escalations"', '"escalations@example.com"'), "escalation.address",
                           "without @ and domain"),
    "escalation-raises": ("quadrotech", swap('raises_to = ""', 'raises_to = "Top"'), "escalation.raises_to",
                          "the priorities are High, Medium, Low"),
    "escalation-without-level": ("quadrotech", lambda t: re.sub(r"\[\[escalation.level\]\].*?\n\n", "", t, flags=re.DOTALL),
                                 "escalation.level", "is missing"),
    "level-twice": ("advendio", swap('title = "COO"', 'title = "ceo"'), "escalation.level", "'ceo' is named twice"),
    "level-role-of-customers": ("advendio", swap('role = "coo"', 'role = "customer"'), "escalation.level.COO.role",
                                "would tell every customer"),
    "consultation-role-of-customers": ("advendio", swap('role = "development"', 'role = "Customer"'),
                                       "consultation.Development.role", "name lead, manager, agent or a role of your own"),
    "alarm-role": ("quadrotech", swap('at = 1.0\nto = "director"', 'at = 1.0\nto = "king"'), "alarm.resolution.to",
                   "call one of lead, manager, agent, director"),
    "alarm-share": ("quadrotech", swap("at = 1.0", "at = 2.0"), "alarm.0.at", "must be at most 1 (it says 2.0)"),
    "alarm-clock": ("quadrotech", swap('clock = "resolution"', 'clock = "pickup"'), "alarm.pickup.clock",
                    "declare [clocks.pickup]"),
    "consultation-twice": ("advendio", swap('name = "Development"', 'name = "product management"'), "consultation",
                           "'product management' is named twice"),
    "privacy-pattern": (FLOW, swap("  'chat',", "  '(chat',"), "privacy.files", "is no regular expression"),
    "privacy-pattern-too-much": (FLOW, swap("  'chat',", "  'a{99999999999}',"), "privacy.files",
                                 "the repetition number is too large"),
    "privacy-pattern-too-deep": (FLOW, swap("  'chat',", f"  '{'(' * 3000}{')' * 3000}',"), "privacy.files",
                                 "is no regular expression"),
    "privacy-mark-empty": (FLOW, swap('marks = ["private"', 'marks = ["", "private"'), "privacy.marks.0", "must not be empty"),
    "privacy-everything": (FLOW, swap("  'chat',", "  'x*',"), "privacy.files", "matches everything"),
    "phrase-capitals": ("modera", add('[phrases.en]\nall_clear = ["All good"]'), "phrases.en.all_clear",
                        "write it in lower case"),
    "phrase-of-signs": ("modera", add('[phrases.en]\nall_clear = ["!!!"]'), "phrases.en.all_clear",
                        "has no word that could be found"),
    "phrase-brackets": ("modera", add('[phrases.en]\nclose = ["close (it|this"]'), "phrases.en.close",
                        "do not fit together; write (one|another) or [maybe]"),
    "phrase-brackets-left": ("modera", add('[phrases.en]\nclose = ["close it)"]'), "phrases.en.close",
                             "do not fit together; write (one|another) or [maybe]"),
    "phrase-everywhere": ("modera", add('[phrases.en]\nthanks = ["[thanks] .."]'), "phrases.en.thanks",
                          "say at least one word that must be there"),
    "phrase-language-unknown": ("modera", swap('"et", "fr"', '"fi", "fr"'), "understands",
                                "name some of en, de, et, fr, es"),
    "flag-in-quotes": ("modera", swap("answer_takes = true", 'answer_takes = "true"'), "answer_takes", "without quotes"),
    "schema-with-a-point": ("modera", swap("schema = 1", "schema = 1.0"), "schema", "a whole number"),
    "phrase-language": ("modera", add('[phrases.english]\nclose = ["please close"]'), "phrases.english",
                        "is no language; write its short name"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_has_its_own_message_with_key_and_what_would_be_right(tmp_path: Path, fault: str):
    company, change, key, right = FAULTS[fault]
    found = told(tmp_path, company, change)
    assert any(k == key and right in wrong for k, wrong in found), found


def test_the_messages_are_different_for_different_faults(tmp_path: Path):
    first = [tuple(told(tmp_path, company, change)[0]) for company, change, _, _ in FAULTS.values()]
    assert len({*first}) >= len(FAULTS) - 6, "some faults are told in the very same words"
    assert len(FAULTS) >= 40


def test_faults_of_different_places_are_told_at_once(tmp_path: Path):
    def change(text: str) -> str:
        return text.replace('priority = "P3"', 'priority = "P9"', 1).replace('to = "Fixed"', 'to = "Done"', 1)

    assert [key for key, _ in told(tmp_path, "modera", change)] == ["command.fix.to", "start.priority"]


@pytest.mark.parametrize("company", COMPANIES)
def test_a_shipped_process_has_no_fault(company: str):
    assert load_process(shipped(f"processes/{company}.toml")).name == company


def test_a_plan_without_targets_is_a_doubt_until_it_has_some(tmp_path: Path):
    assert [key for key, _ in doubts(load_process(shipped("processes/advendio.toml")))] == ["plan.premium.targets"]
    path = tmp_path / "advendio.toml"
    targets = "\n".join(f'"Level {number}" = {{ response = "{number} hours" }}' for number in range(1, 5))
    path.write_text(text_of("advendio").replace("[plan.targets]", f"[plan.targets]\n{targets}"))
    assert list(doubts(load_process(path))) == []


#: A flow that modera's words, mails and silence do not keep to.
NARROW = """
[[flow]]
[flow.steps]
"Open" = ["Waiting for customer", "Closed"]
"Waiting for customer" = ["Fixed", "Closed"]
"Waiting for approval" = ["Closed"]
"Fixed" = ["Waiting for approval", "In progress", "Closed"]
"In progress" = ["Closed"]
"""


def test_a_flow_without_the_ways_of_moves_is_a_doubt_with_each_step_to_add(tmp_path: Path):
    path = tmp_path / "modera.toml"
    path.write_text(text_of("modera") + NARROW)
    added = re.compile(r"add '([^']+)' to what may follow '([^']+)'")
    found = [(key, wrong) for key, wrong in doubts(load_process(path)) if key.startswith(("flow", "moves"))]
    assert [(key, *match.groups()) for key, wrong in found if (match := added.search(wrong))] == [
        ("flow.0.steps", "In progress", "Waiting for customer"),
        ("flow.0.steps", "In progress", "Waiting for approval"),
        ("flow.0.steps", "In progress", "Waiting for approval"),
    ]
    assert found[-1] == (
        "moves.taken",
        "no flow leads from 'Open' to 'In progress', so a case is only assigned; add the step to a flow, or empty the key",
    )


def test_the_last_flow_may_be_for_all_types_that_have_none_before_it(tmp_path: Path):
    path = tmp_path / "flow.toml"
    path.write_text(text_of(FLOW).replace('types = ["Feature request", "Custom request", "Integration request"]\n', ""))
    assert [flow.types for flow in load_process(path).flows] == [("Issue",), ()]


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("member", [True, False], ids=["member", "customer"])
def test_no_built_in_word_can_be_taken_by_a_company(company: str, member: bool):
    process: Process = load_process(shipped(f"processes/{company}.toml"))
    own = {command.word for command in process.commands}
    words = {entry.word.word for entry in vocabulary(process, a_directory(), member=member)} | RESERVED
    assert words - own <= {*BUILT_IN}
