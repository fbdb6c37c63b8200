"""Filters, lists and verdicts: which mail they fit, what becomes of it, and whose mail they never touch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mailbot.decision import Decision, Ending
from mailbot.event import CaseAssigned, CaseOpened, TagsChanged
from mailbot.mail import Attachment, Automatic, Mail, Mailbox
from mailbot.people import Person, Role
from mailbot.process import Filter, Process
from mailbot.rules.mail import filters
from mailbot.spam import Spam, SpamRules, Treatment
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    DESK,
    STRANGER,
    VERIFIED,
    Story,
    a_desk,
    a_directory,
    a_mail,
    a_story,
    an_envelope,
    changed,
    modera,
    names,
    told,
)

SPAM = Spam(by="X-Spam-Flag", score=12.5)


def with_filters(*rows: Mapping[str, Any]) -> Process:
    return changed(modera(), filter=[{"name": f"f{number}", **row} for number, row in enumerate(rows)])


def comes(process: Process | None = None, rules: SpamRules | None = None, **keys: Any) -> Decision:
    """A stranger's mail comes to the desk."""
    story = Story(process=process, desk=a_desk(spam=rules or SpamRules()))
    return story.mail(keys.pop("sender", STRANGER), keys.pop("said", "It burns."), **{"proofs": CLAIMED} | keys)


PDF = Attachment(name="Invoice 7.PDF", type="application/pdf", size=3, sha256="00", index=0)

#: What a filter asks for, a mail that it fits, and one that it does not fit.
KEYS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("from", {"from": ["*@elsewhere.test"]}, {}, {"sender": "a@elsewhere.test.example"}),
    ("from, one of several", {"from": ["x@y.test", "NOBODY@*"]}, {}, {"sender": "somebody@elsewhere.test"}),
    ("from, a whole domain", {"from": ["@elsewhere.test"]}, {}, {"sender": "a@sub.elsewhere.test"}),
    ("to, a whole domain", {"to": ["@x.test"]}, {"cc": (Mailbox(address="list@x.test"),)}, {"cc": ()}),
    ("to, by the envelope", {"to": [DESK]}, {}, {"_never": True}),
    ("to, by Cc", {"to": ["list@x.test"]}, {"cc": (Mailbox(address="list@x.test"),)}, {"cc": ()}),
    ("subject", {"subject": ["*invoice*"]}, {"subject": "Your INVOICE"}, {"subject": "Your voice"}),
    ("the whole subject", {"subject": ["alarm"]}, {"subject": "Alarm"}, {"subject": "Alarm!"}),
    ("text", {"text": ["* winner *"]}, {"text": "the\nWinner\nis"}, {"text": "the winners are"}),
    ("pieces in order", {"text": ["a*b*c*d"]}, {"text": "a-b-c-d"}, {"text": "a-c-b-d"}),
    ("pieces that overlap", {"text": ["ab*ba"]}, {"text": "abba"}, {"text": "aba"}),
    ("anything at all", {"header": {"X-List": ["*"]}}, {"fields": (("x-list", ""),)}, {"fields": ()}),
    ("header", {"header": {"X-Prio": ["1*"]}}, {"fields": (("x-prio", "1 (high)"),)}, {"fields": (("x-prio", "3"),)}),
    ("attachment", {"attachment": ["*.pdf"]}, {"attachments": (PDF,)}, {"attachments": ()}),
    ("attachment_type", {"attachment_type": ["application/*"]}, {"attachments": (PDF,)}, {"attachments": ()}),
    ("larger_than", {"larger_than": 100}, {"size": 101}, {"size": 100}),
    ("automatic", {"automatic": ["list"]}, {"automatic": Automatic.LIST}, {}),
    ("a human's", {"automatic": ["no"]}, {}, {"automatic": Automatic.LIST}),
    ("spam", {"spam": True}, {"spam": SPAM}, {}),
    ("no spam", {"spam": False}, {}, {"spam": SPAM}),
    ("verified", {"verified": True}, {"proofs": VERIFIED}, {"proofs": CLAIMED}),
    ("not verified", {"verified": False}, {"proofs": CLAIMED}, {"proofs": VERIFIED}),
    ("two keys", {"from": ["nobody@*"], "spam": True}, {"spam": SPAM}, {"spam": SPAM, "sender": "a@b.test"}),
]


@pytest.mark.parametrize(("when", "fitting", "other"), [row[1:] for row in KEYS], ids=[row[0] for row in KEYS])
def test_filter_fits_what_has_every_key_that_it_asks_for(
    when: dict[str, Any], fitting: dict[str, Any], other: dict[str, Any]
):
    process = with_filters({"when": when, "then": "hold"})
    assert comes(process, **fitting).reason.startswith("filter: 'f0'")
    if "_never" not in other:
        assert not comes(process, **other).reason.startswith("filter")


def test_unless_takes_out_what_has_all_of_it():
    asked = {"from": ["*@elsewhere.test"]}
    process = with_filters({"when": asked, "unless": {"subject": ["*urgent*"], "spam": False}, "then": "ignore"})
    assert comes(process, subject="Offer").ending is Ending.IGNORED
    assert comes(process, subject="urgent offer").ending is Ending.NEW
    assert comes(process, subject="urgent offer", spam=SPAM).ending is Ending.IGNORED


@pytest.mark.parametrize(
    ("then", "ending", "event"),
    [
        ("hold", Ending.HELD, "MailHeld"),
        ("refuse", Ending.QUARANTINED, "MailQuarantined"),
        ("ignore", Ending.IGNORED, "MailIgnored"),
    ],
)
def test_filter_ends_a_mail_and_nobody_is_told(then: str, ending: Ending, event: str):
    decision = comes(with_filters({"when": {"from": ["nobody@*"]}, "then": then}))
    assert (decision.ending, names(decision), decision.notices) == (ending, [event], ())


def test_every_filter_that_fits_counts_and_the_later_one_more():
    fits = {"from": ["*"]}
    process = with_filters(
        {"when": fits, "team": "second line", "tags": ["web"], "type": "Purchase", "priority": "P1"},
        {"when": {"from": ["x@y.test"]}, "priority": "P5"},
        {"when": fits, "tags": ["shop", "web"], "priority": "P2", "answered": False},
    )
    decision = comes(process)
    events = [happened.event for happened in decision.happened]
    (opened,) = [one for one in events if isinstance(one, CaseOpened)]
    (assigned,) = [one for one in events if isinstance(one, CaseAssigned)]
    (tagged,) = [one for one in events if isinstance(one, TagsChanged)]
    assert (opened.type, opened.priority) == ("Purchase", "P2")
    assert (assigned.assignee, tagged.tags) == ("second line", ("web", "shop"))
    assert told(decision) == {(BEN, "case_new")}


def test_after_a_filter_that_ends_the_mail_no_other_is_asked():
    fits = {"from": ["*"]}
    decision = comes(with_filters({"when": fits, "then": "hold"}, {"when": fits, "then": "ignore"}))
    assert (decision.ending, decision.reason) == (Ending.HELD, "filter: 'f0' holds it")


def test_team_that_nobody_is_in_leaves_the_new_case_to_the_whole_team():
    decision = comes(with_filters({"when": {"from": ["*"]}, "team": "third line"}))
    assert (ANNA, "case_new") in told(decision)


def test_type_of_a_filter_sets_its_priority_and_a_field_of_the_form_counts_more():
    rows = [{"name": "IT Help"}, {"name": "Outage", "priority": "P1"}]
    field = [{"name": "Priority", "sets": "priority"}]
    asked = {"name": "f", "when": {"from": ["*"]}, "type": "Outage"}
    process = changed(modera(), type=rows, field=field, filter=[asked])
    assert [one.event.priority for one in comes(process).happened if isinstance(one.event, CaseOpened)] == ["P1"]
    decision = comes(process, said="Priority: P4")
    assert [one.event.priority for one in decision.happened if isinstance(one.event, CaseOpened)] == ["P4"]


@pytest.mark.parametrize(
    ("kind", "opens", "ending"),
    [
        (Automatic.MONITORING, None, Ending.NEW),
        (Automatic.MONITORING, False, Ending.IGNORED),
        (Automatic.LIST, False, Ending.IGNORED),
        (Automatic.ABUSE, None, Ending.IGNORED),
        (Automatic.ABUSE, True, Ending.NEW),
        (Automatic.VACATION, True, Ending.IGNORED),
        (Automatic.REPORT, True, Ending.IGNORED),
        (Automatic.RECEIPT, True, Ending.IGNORED),
    ],
)
def test_filter_says_which_programs_may_open_a_case(kind: Automatic, opens: bool | None, ending: Ending):
    process = with_filters({"when": {"from": ["*"]}, "tags": ["x"], "opens": opens})
    assert comes(process, automatic=kind, answerable=False).ending is ending


@pytest.mark.parametrize(("opens", "ending"), [(None, Ending.NEW), (True, Ending.NEW), (False, Ending.IGNORED)])
def test_filter_says_whether_what_only_words_call_automatic_opens_a_case(opens: bool | None, ending: Ending):
    process = with_filters({"when": {"from": ["*"]}, "tags": ["x"], "opens": opens})
    assert comes(process, automatic=Automatic.VACATION, by_words=True, answerable=False).ending is ending


def test_earlier_opens_stands_where_a_later_filter_says_nothing_of_it():
    process = with_filters({"when": {"from": ["*"]}, "opens": False}, {"when": {"from": ["*"]}, "tags": ["x"]})
    assert comes(process, automatic=Automatic.LIST, answerable=False).ending is Ending.IGNORED


HOLD_ALL = with_filters({"when": {"from": ["*"]}, "then": "hold"})


def test_filters_never_touch_a_members_mail_nor_what_belongs_to_a_case_by_proof():
    rules = SpamRules(verdict=Treatment.HOLD, block=("@customer.test", "@example.com"))
    story = Story(process=HOLD_ALL, desk=a_desk(spam=rules))
    story.cases = a_story("In progress").cases
    assert story.mail(CUSTOMER, "It is the cable.", spam=SPAM).ending is Ending.THREADED
    assert story.mail(ANNA, "note: spare part", spam=SPAM).ending is Ending.THREADED
    # The number in the subject proves nothing.
    assert story.mail(STRANGER, "Buy this.", proofs=CLAIMED, keep_tokens=False).reason.startswith("filter")


def test_mail_that_somebody_lets_in_is_not_asked_about_again():
    assert comes(HOLD_ALL, SpamRules(verdict=Treatment.HOLD), spam=SPAM, admitted=True).ending is Ending.NEW


def test_member_in_from_is_held_for_want_of_proof_and_not_for_a_filter():
    assert comes(HOLD_ALL, sender=ANNA).reason.startswith("unproven")


# --- Verdicts and lists ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "ending"),
    [(Treatment.OFF, Ending.NEW), (Treatment.HOLD, Ending.HELD), (Treatment.REFUSE, Ending.QUARANTINED)],
)
def test_what_a_server_calls_spam_is_what_the_operator_wants(verdict: Treatment, ending: Ending):
    story = Story(desk=a_desk(spam=SpamRules(verdict=verdict)))
    decision = story.mail(STRANGER, "Buy.", proofs=CLAIMED, spam=SPAM)
    assert decision.ending is ending
    if ending is not Ending.NEW:
        assert decision.reason == "spam: a mail server in front says so (X-Spam-Flag, 12.5)"
        assert decision.notices == ()


def test_verdict_without_points_is_told_without_any():
    story = Story(desk=a_desk(spam=SpamRules(verdict=Treatment.HOLD)))
    assert "(X-Spam)" in story.mail(STRANGER, "Buy.", proofs=CLAIMED, spam=Spam(by="X-Spam")).reason


@pytest.mark.parametrize(
    ("entry", "address", "stands"),
    [
        ("a@x.test", "a@x.test", True),
        ("a@x.test", "b@x.test", False),
        ("@x.test", "b@x.test", True),
        ("@x.test", "b@sub.x.test", False),
        ("*.x.test", "b@sub.x.test", True),
        ("*.x.test", "b@x.test", False),
        ("*.x.test", "b@evil-x.test", False),
    ],
)
def test_entry_of_a_list_is_an_address_a_domain_or_all_domains_below(entry: str, address: str, stands: bool):
    decision = comes(rules=SpamRules(block=(entry,)), sender=address)
    assert (decision.ending is Ending.QUARANTINED) is stands
    assert not stands or (decision.reason, decision.notices) == (f"blocked: {address} stands on the block list", ())


@pytest.mark.parametrize(("proofs", "ending"), [(VERIFIED, Ending.NEW), (CLAIMED, Ending.QUARANTINED)])
def test_allow_list_counts_where_it_is_proven_who_writes(proofs: Any, ending: Ending):
    rules = SpamRules(verdict=Treatment.REFUSE, block=("@elsewhere.test",), allow=(STRANGER,))
    story = Story(desk=a_desk(spam=rules))
    assert story.mail(STRANGER, "Hello.", proofs=proofs, spam=SPAM).ending is ending


# --- At the door ----------------------------------------------------------------------------------------------------


def refused(process: Process, mail: Mail, rules: SpamRules | None = None) -> str:
    directory = a_directory(Person(address="also@elsewhere.test", role=Role.CUSTOMER))
    envelope = an_envelope(reverse_path=STRANGER)
    return filters.refusal(process, a_desk(spam=rules or SpamRules()), directory, mail, envelope)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        pytest.param([{"when": {"subject": ["*offer*"]}, "then": "refuse"}], "filter: f0", id="by the header"),
        pytest.param([{"when": {"subject": ["*order*"]}, "then": "refuse"}], "", id="one that does not fit"),
        pytest.param([{"when": {"subject": ["*offer*"]}, "then": "hold"}], "", id="held, later"),
        pytest.param([{"when": {"text": ["*"]}, "then": "refuse"}], "", id="the text is not read at the door"),
        pytest.param(
            [
                {"when": {"subject": ["*"]}, "unless": {"attachment": ["*"]}, "then": "hold"},
                {"when": {"subject": ["*"]}, "then": "refuse"},
            ],
            "",
            id="one before it may hold it",
        ),
        pytest.param(
            [{"when": {"verified": False}, "tags": ["x"]}, {"when": {"subject": ["*"]}, "then": "refuse"}],
            "filter: f1",
            id="one before it only tags",
        ),
        pytest.param(
            [{"when": {"subject": ["*"]}, "tags": ["x"]}, {"when": {"subject": ["*"]}, "then": "refuse"}],
            "filter: f1",
            id="one before it that fits only tags",
        ),
    ],
)
def test_door_refuses_what_the_header_alone_tells(rows: list[dict[str, Any]], why: str):
    assert refused(with_filters(*rows), a_mail(sender=STRANGER, subject="Best offer")) == why


def test_door_refuses_who_is_blocked_and_what_is_called_spam_where_the_operator_wants_that():
    blocked = SpamRules(block=("@elsewhere.test",))
    assert refused(modera(), a_mail(sender=STRANGER), blocked) == f"blocked: {STRANGER}"
    # From names nobody: the envelope does.
    assert refused(modera(), a_mail(sender=""), blocked) == f"blocked: {STRANGER}"
    assert refused(modera(), a_mail(sender=STRANGER), replace(blocked, allow=(STRANGER,))) == ""
    spam = a_mail(sender=STRANGER, spam=SPAM)
    assert refused(modera(), spam, SpamRules(verdict=Treatment.REFUSE)) == "spam: X-Spam-Flag, 12.5"
    assert refused(modera(), spam, SpamRules(verdict=Treatment.HOLD)) == ""
    assert refused(modera(), a_mail(sender=STRANGER), SpamRules(verdict=Treatment.REFUSE)) == ""


def test_door_never_refuses_who_may_be_a_member():
    assert refused(HOLD_ALL, a_mail(sender=ANNA, spam=SPAM), SpamRules(verdict=Treatment.REFUSE)) == ""


def test_filter_that_says_nothing_wants_nothing():
    assert not Filter.model_validate({"name": "x", "when": {"spam": True}}).wants
    assert Filter.model_validate({"name": "x", "when": {"spam": True}, "answered": False}).wants
