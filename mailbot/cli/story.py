"""What happened, in a sentence for people: the lines of a case's history and of a rehearsal.

Reads the printed objects of `contract.md` and nothing else; never looks anything up.
"""

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from mailbot.cli.words import clean, moment
from mailbot.event import SERVED

Body = Mapping[str, object]


def tell(body: Body, zone: ZoneInfo) -> str:
    """Say one event or notice in one line; one that has no sentence of its own is named with its fields."""
    if "notice" in body:
        return _notice(body)
    sentence = _SENTENCES.get(str(body.get("event")))
    text = sentence(body, zone) if sentence else _plain(body)
    return clean(text, one_line=True)


def _notice(body: Body) -> str:
    to = body.get("to")
    people = ", ".join(map(str, to)) if isinstance(to, list | tuple) else str(to)
    return clean(f"mail ({body['notice']}) to {people}: {body.get('subject', '')}", one_line=True)


def _plain(body: Body) -> str:
    fields = ", ".join(f"{key} {value}" for key, value in body.items() if key not in {"at", "case", "event"})
    return f"{body.get('event', 'something')}: {fields}" if fields else str(body.get("event", "something"))


def _status(body: Body, _zone: ZoneInfo) -> str:
    reason = f" ({body['reason']})" if body.get("reason") else ""
    actor = f" by {body['actor']}" if body.get("actor") else ""
    return f"status {body['old']} -> {body['new']}{reason}{actor}"


def _away(until: object) -> str:
    return f"away until {until}" if until else "back"


def _snoozed(body: Body, zone: ZoneInfo) -> str:
    where = f"out of sight until {moment(body['until'], zone)}" if body["until"] else "in sight again"
    return f"{where}, by {body['actor']}"


def _ignored(reason: str) -> str:
    """Say what became of a mail that is about no case: "ignored" is not all of it where it did its work."""
    return f": {reason}" if reason.startswith(SERVED) else f" ignored: {reason}"


def _sender(body: Body) -> str:
    return f" from {body['sender']}" if body.get("sender") else ""


def _clock(what: str) -> Callable[[Body, ZoneInfo], str]:
    """Make the sentence of a clock's event: what happened, and when it is due now."""

    def sentence(body: Body, zone: ZoneInfo) -> str:
        due = f", due {moment(body['due'], zone)}" if body.get("due") else ""
        return f"{body['clock']} clock {what}{due}"

    return sentence


def _fields(body: Body, _zone: ZoneInfo) -> str:
    fields = body["fields"]
    assert isinstance(fields, dict), "an event of this name has them"
    return "form: " + ", ".join(f"{name}: {value}" for name, value in fields.items())


def _several(key: str, what: str) -> Callable[[Body, ZoneInfo], str]:
    def sentence(body: Body, _: ZoneInfo) -> str:
        names = body[key]
        assert isinstance(names, Sequence), "a list, as the event has it"
        return f"{what}: {', '.join(map(str, names)) or 'none'}"

    return sentence


def _behind(words: object) -> str:
    return f", {str(words).partition(chr(10))[0][:80]!r}" if words else ""


def _joined(lines: object) -> str:
    assert isinstance(lines, Sequence), "a list, as the event has it"
    return "; ".join(map(str, lines))


_SENTENCES: dict[str, Callable[[Body, ZoneInfo], str]] = {
    "CaseOpened": lambda b, _: (
        f"opened for {b['requester']}: {b['status']}, {b['priority'] or 'no priority'}, {b['type']}"
    ),
    "MessageAdded": lambda b, _: f"{b['visibility']} message from {b['from']}",
    "StatusChanged": _status,
    "CaseAssigned": lambda b, _: f"assigned to {b['assignee'] or 'nobody'}",
    "PriorityChanged": lambda b, _: f"priority {b['old'] or 'none'} -> {b['new']}",
    "TypeChanged": lambda b, _: f"type {b['old']} -> {b['new']}",
    "ClockStarted": _clock("started"),
    "ClockPaused": _clock("paused"),
    "ClockResumed": _clock("resumed"),
    "ClockChanged": _clock("changed"),
    "ClockMet": lambda b, _: f"{b['clock']} clock met",
    "ClockWarned": _clock("warned"),
    "ClockBreached": _clock("BREACHED"),
    "StepPutOff": lambda b, zone: f"the next step waits for service hours: {moment(b['until'], zone)}",
    "SilenceBroken": lambda _b, _: "the customer wrote, with commands alone: the ladder ends",
    "ReminderSent": lambda b, _: f"reminder {b['number']} to the customer",
    "Escalated": lambda b, _: f"escalated to level {b['level']}, {b['to']}: {b['reason']}",
    "FieldsGiven": _fields,
    "PlanChanged": lambda b, _: f"plan {b['plan'] or 'none'}, contract until {b['contract_until'] or 'no day'}",
    "ContractTold": lambda b, _: f"the team heard of the {str(b['what']).replace('-', ' ')} ({b['contract_until']})",
    "TextHeldBack": lambda b, _: f"mail{_sender(b)} held back from the case: {b['found']}",
    "TextReleased": lambda b, _: f"released into the case by {b['actor']}",
    "TextRedacted": lambda b, _: f"taken out for good by {b['actor']}: {b['reason']} (digest {b['digest']})",
    "CommandRefused": lambda b, _: f"refused `{b['line']}`: {b['reason']}",
    "CommandsParked": _several("lines", "waits for the yes of who wrote it"),
    "CommandsConfirmed": lambda b, _: f"{b['actor']} said yes to what waited",
    "MailIgnored": lambda b, _: f"mail{_sender(b)}{_ignored(str(b['reason']))}",
    "MailHeld": lambda b, _: f"mail{_sender(b)} held: {b['reason']}",
    "AbsenceChanged": lambda b, _: f"{b['person']} is {_away(b['until'])}",
    "DigestWished": lambda b, _: f"{b['person']} wants {'the' if b['wanted'] else 'no'} morning digest",
    "MailQuarantined": lambda b, _: f"mail{_sender(b)} quarantined: {b['reason']}",
    "AddressStopped": lambda b, zone: f"nothing is written to {b['to']} since {moment(b['since'], zone)}",
    "AddressCleared": lambda b, _: f"{b['to']} is written to again: {b['reason']}",
    "AlarmRaised": lambda b, _: f"alarm ({b['kind']}): {b['said']}",
    "AlarmEnded": lambda b, zone: f"the alarm ({b['kind']}) of {moment(b['since'], zone)} is over",
    "DeliveryFailed": lambda b, _: f"mail to {b['to']} failed: {b['status']}",
    "SubjectChanged": lambda b, _: f"called {b['new']!r}, it was {b['old']!r}",
    "TagsChanged": _several("tags", "tags"),
    "WatchersChanged": _several("watchers", "who hears of it beside the requester"),
    "AliasAdmitted": lambda b, _: f"{b['address']} may write into it: {b['reason']}",
    "RequesterChanged": lambda b, _: f"the case of {b['new']}, it was that of {b['old']}",
    "SurveySent": lambda _b, _: "the customer was asked how satisfied they were",
    "SurveyAnswered": lambda b, _: f"survey answered: {b['score'] or 'no number'}{_behind(b['words'])}",
    "CommandsRun": lambda b, _: f"commands of {b['actor']}: {_joined(b['lines'])}",
    "CommandsTried": lambda b, _: f"a dry run of {b['actor']}: nothing was done",
    "AnswerDelayed": lambda b, _: f"the answer of {b['actor']} waits before it leaves",
    "AnswerRecalled": lambda b, _: f"the answer was recalled by {b['actor']}: nobody got it",
    "CommandsUndone": lambda b, _: f"taken back by {b['actor']}: {_joined(b['lines'])}",
    "CasesMerged": lambda b, _: f"merged into {b['into']}",
    "LinksChanged": _several("cases", "linked cases"),
    "ParentChanged": lambda b, _: f"a child of {b['parent']}" if b["parent"] else "no child of another case",
    "ChildrenChanged": _several("cases", "its children"),
    "MutedChanged": _several("members", "who wants to hear no more of it"),
    "SnoozeChanged": _snoozed,
    "AbsorbedChanged": _several("cases", "what goes on in it"),
}
