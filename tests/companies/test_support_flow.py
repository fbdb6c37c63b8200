"""support-flow: each line of companies.md, mails in, events and notices at exact instants out."""

from pathlib import Path

import pytest

from mailbot.rehearse import OldMail
from mailbot.rules.evolve import evolve
from tests.companies.rehearsal import ANNA, JAAN, LENA, MARI, Rehearsal, Told, answer, edited, mail, play

NAME = "support-flow"
SECRET = "Berta said that she moved to Lisbon"
CHAT = f"[12:30] Berta: {SECRET}\n[12:31] Carl: oh"


def story(
    *steps: tuple[str, str, str], first: str = "The app crashes.", start: str = "2026-03-02 09:00"
) -> list[OldMail]:
    """The customer's first mail, then answers to it."""
    return [mail(start, ANNA, first), *(answer(when, who, text) for when, who, text in steps)]


def evaluated(severity: str, when: str = "2026-03-02 12:00") -> list[OldMail]:
    """An issue that was confirmed and evaluated."""
    return story((when, MARI, f"confirmed\npriority {severity}\nevaluate"), start="2026-02-27 09:00")


FEATURE = ("2026-03-02 09:10", MARI, "type Feature request")
SCOPED = (
    FEATURE,
    ("2026-03-02 10:00", MARI, "priority Enhancement\nevaluate: We have time for you on Friday at ten."),
    ("2026-03-06 12:00", MARI, "estimate: Two weeks, 9,000 euros."),
)


class TestSeverities:
    @pytest.mark.parametrize(
        ("severity", "warned", "due"),
        [
            ("Severe", "2026-03-03T06:00:00Z", "2026-03-03T12:00:00Z"),
            ("High", "2026-03-03T12:00:00Z", "2026-03-05T12:00:00Z"),
            ("Medium", "2026-03-05T12:00:00Z", "2026-03-06T12:00:00Z"),
            ("Low", "2026-03-07T12:00:00Z", "2026-03-12T12:00:00Z"),
        ],
    )
    def test_a_range_is_due_at_its_upper_bound_and_warns_at_its_lower(
        self, severity: str, warned: str, due: str
    ) -> None:
        told = play(NAME, evaluated(severity), until="2026-04-30 00:00")
        started = told.one("ClockStarted")
        assert (started["clock"], started["at"], started["due"]) == ("resolution", "2026-03-02T12:00:00Z", due)
        assert told.at("ClockWarned") == [warned]
        assert told.at("ClockBreached") == [due]

    def test_an_enhancement_is_at_the_providers_discretion_and_never_warns(self) -> None:
        rehearsal = Rehearsal(NAME).play(*evaluated("Enhancement"), until="2028-01-01 00:00")
        assert rehearsal.told.one("ClockStarted")["due"] is None
        assert not rehearsal.told.events("ClockWarned")
        assert not rehearsal.told.events("ClockBreached")

    def test_there_is_no_response_target(self) -> None:
        told = play(NAME, evaluated("Severe"), until="2026-04-30 00:00")
        assert {line["clock"] for line in told.events() if "clock" in line} == {"resolution"}

    @pytest.mark.parametrize(
        ("zone", "start", "due"),
        [
            # 23 hours, 25 hours: the same local time on the next date.
            ("Europe/Tallinn", "2026-03-28 12:00 Europe/Tallinn", "2026-03-29T09:00:00Z"),
            ("Europe/Tallinn", "2026-10-24 12:00 Europe/Tallinn", "2026-10-25T10:00:00Z"),
            ("America/New_York", "2026-03-07 12:00 America/New_York", "2026-03-08T16:00:00Z"),
            ("America/New_York", "2026-10-31 12:00 America/New_York", "2026-11-01T17:00:00Z"),
            ("Asia/Kolkata", "2026-03-28 12:00 Asia/Kolkata", "2026-03-29T06:30:00Z"),
            ("UTC", "2028-02-28 12:00", "2028-02-29T12:00:00Z"),
        ],
    )
    def test_default_days_are_calendar_days_which_end_at_the_same_local_time(
        self, zone: str, start: str, due: str
    ) -> None:
        mails = [
            mail("2026-02-27 09:00", ANNA, "The app crashes."),
            answer(start, MARI, "confirmed\npriority Severe\nevaluate"),
        ]
        told = play(NAME, mails, zone=zone)
        assert told.one("ClockStarted")["due"] == due

    def test_a_range_over_a_night_with_another_length_warns_and_is_due_at_the_same_local_time(self) -> None:
        mails = [
            mail("2026-03-27 09:00", ANNA, "The app crashes."),
            answer("2026-03-28 12:00 Europe/Tallinn", MARI, "confirmed\npriority High\nevaluate"),
        ]
        told = play(NAME, mails, zone="Europe/Tallinn", until="2026-04-10 00:00")
        assert told.at("ClockWarned") == ["2026-03-29T09:00:00Z"]
        assert told.at("ClockBreached") == ["2026-03-31T09:00:00Z"]

    def test_weekends_and_public_holidays_count(self) -> None:
        mails = [
            mail("2025-12-24 09:00", ANNA, "The app crashes."),
            answer("2025-12-24 12:00", MARI, "confirmed\npriority High\nevaluate"),
        ]
        told = play(NAME, mails, holidays="EE")
        assert told.one("ClockStarted")["due"] == "2025-12-27T12:00:00Z"

    def test_the_clock_counts_from_the_moment_the_severity_is_set_that_is_evaluated(self) -> None:
        told = play(
            NAME,
            story(
                ("2026-03-02 10:00", MARI, "priority High"),
                ("2026-03-02 11:00", MARI, "confirmed"),
                ("2026-03-03 12:00", MARI, "evaluate"),
            ),
        )
        assert told.at("ClockStarted") == ["2026-03-03T12:00:00Z"]
        assert told.due("resolution") == "2026-03-06T12:00:00Z"

    def test_a_change_of_severity_counts_from_the_evaluation_too(self) -> None:
        told = play(
            NAME, [*evaluated("Low"), answer("2026-03-04 08:00", MARI, "priority Medium")], until="2026-03-10 00:00"
        )
        assert told.one("ClockChanged")["due"] == "2026-03-06T12:00:00Z"
        assert told.at("ClockBreached") == ["2026-03-06T12:00:00Z"]

    def test_a_change_from_discretion_to_a_range_and_back(self) -> None:
        told = play(
            NAME,
            [
                *evaluated("Enhancement"),
                answer("2026-03-03 08:00", MARI, "priority Medium"),
                answer("2026-03-04 08:00", MARI, "priority Enhancement"),
            ],
            until="2026-06-01 00:00",
        )
        assert [line["due"] for line in told.events("ClockChanged")] == ["2026-03-06T12:00:00Z", None]
        assert not told.events("ClockBreached")

    def test_help_priority_answers_with_the_companys_own_definitions(self) -> None:
        text = play(NAME, [mail("2026-03-02 09:00", ANNA, "help priority")]).text("help", ANNA)
        assert "majority of users" in text
        assert "1 to 3 days" in text


class TestIssues:
    def test_an_issue_flows_from_open_to_closed(self) -> None:
        told = play(
            NAME,
            story(
                ("2026-03-02 10:00", MARI, "confirmed"),
                ("2026-03-02 11:00", MARI, "priority High\nevaluate: Which version is it?"),
                ("2026-03-02 12:00", MARI, "schedule"),
                ("2026-03-03 09:00", MARI, "test"),
                ("2026-03-03 10:00", MARI, "ship: It is in version 5."),
                ("2026-03-03 11:00", ANNA, "All is good now, thank you."),
            ),
        )
        assert [status for _, status, _ in told.statuses()] == [
            "Pending Evaluation",
            "Evaluated",
            "Scheduled",
            "QA Testing",
            "Released",
            "Closed",
        ]
        assert told.at("ClockMet") == ["2026-03-03T10:00:00Z"]

    def test_default_a_new_case_is_an_open_issue_without_a_severity(self) -> None:
        rehearsal = Rehearsal(NAME).play(*story())
        opened = rehearsal.told.one("CaseOpened")
        assert (opened["status"], opened["type"], opened["priority"]) == ("Open", "Issue", "")
        assert "not set yet" in rehearsal.told.text("case_new", MARI)

    def test_staging_may_be_skipped(self) -> None:
        told = play(
            NAME,
            [
                *evaluated("High"),
                answer("2026-03-02 13:00", MARI, "schedule"),
                answer("2026-03-02 14:00", MARI, "ship"),
            ],
        )
        assert [status for _, status, _ in told.statuses()][-2:] == ["Scheduled", "Released"]

    @pytest.mark.parametrize(
        ("before", "line", "allowed"),
        [
            ([], "schedule", "Pending Evaluation, Closed"),
            ([], "status Released", "Pending Evaluation, Closed"),
            (["confirmed"], "ship", "Evaluated, Closed"),
            (["confirmed", "priority High\nevaluate"], "test", "Scheduled, Closed"),
            (["confirmed", "priority High\nevaluate", "schedule"], "confirmed", "QA Testing, Released, Closed"),
            (["confirmed", "priority High\nevaluate", "schedule"], "status Monitor", "QA Testing, Released, Closed"),
        ],
    )
    def test_a_transition_that_the_flow_does_not_have_is_refused_with_those_that_it_has(
        self, before: list[str], line: str, allowed: str
    ) -> None:
        steps = [(f"2026-03-02 {10 + n}:00", MARI, text) for n, text in enumerate((*before, line))]
        told = play(NAME, story(*steps))
        assert len(told.statuses()) == len(before)
        assert told.refusals()[-1].endswith(f"it leads to {allowed}")
        assert allowed in told.text("command_result", MARI)

    def test_evaluated_without_a_severity_is_refused_with_the_severities(self) -> None:
        told = play(
            NAME, story(("2026-03-02 10:00", MARI, "confirmed"), ("2026-03-02 11:00", MARI, "status Evaluated"))
        )
        assert "Severe, High, Medium, Low, Enhancement" in told.refusals()[0]
        assert told.statuses()[-1][1] == "Pending Evaluation"
        assert not told.events("ClockStarted")

    @pytest.mark.parametrize(
        "text", ["priority High\nevaluate", "evaluate\npriority High", "status Evaluated\n#priority high"]
    )
    def test_severity_and_evaluated_go_in_one_mail_in_either_order(self, text: str) -> None:
        told = play(NAME, story(("2026-03-02 10:00", MARI, "confirmed"), ("2026-03-02 11:00", MARI, text)))
        assert not told.refusals()
        assert told.statuses()[-1][:2] == ("2026-03-02T11:00:00Z", "Evaluated")
        assert told.due("resolution") == "2026-03-05T11:00:00Z"

    def test_a_severity_may_be_set_before_evaluated(self) -> None:
        told = play(
            NAME,
            story(
                ("2026-03-02 10:00", MARI, "priority Low"),
            ),
        )
        assert told.one("PriorityChanged")["new"] == "Low"
        assert not told.statuses()

    def test_one_mail_may_go_through_evaluated_and_the_clock_starts(self) -> None:
        told = play(
            NAME,
            story(
                ("2026-03-02 10:00", MARI, "confirmed\nevaluate\nschedule\npriority High"),
            ),
        )
        assert told.statuses()[-1][1] == "Scheduled"
        assert told.due("resolution") == "2026-03-05T10:00:00Z"

    @pytest.mark.parametrize(
        ("line", "told_them"),
        [("evaluate: Please send the log.", "Please send the log."), ("evaluate", "We need no more details")],
    )
    def test_the_operator_is_told_whether_more_details_are_needed(self, line: str, told_them: str) -> None:
        told = play(
            NAME,
            story(
                ("2026-03-02 11:00", MARI, f"confirmed\npriority High\n{line}"),
            ),
        )
        assert told_them in told.text("evaluated", ANNA)

    def test_so_they_are_where_the_status_is_set_by_its_name(self) -> None:
        told = play(
            NAME,
            story(
                ("2026-03-02 11:00", MARI, "type Feature request\npriority Low\nstatus Evaluated"),
            ),
        )
        assert "We need no more details" in told.text("evaluated", ANNA)

    def test_an_objection_after_the_release_takes_it_back_to_scheduled_and_the_clock_goes_on(self) -> None:
        told = play(
            NAME,
            [
                *evaluated("High"),
                answer("2026-03-03 12:00", MARI, "schedule\nship: It is in version 5."),
                answer("2026-03-04 12:00", ANNA, "It still crashes."),
            ],
            until="2026-03-10 00:00",
        )
        assert told.statuses()[-1][1] == "Scheduled"
        assert told.at("ClockBreached") == ["2026-03-06T12:00:00Z"]

    def test_a_case_that_was_closed_before_it_was_evaluated_reopens_as_open(self) -> None:
        told = play(
            NAME,
            story(
                ("2026-03-02 10:00", MARI, "take\nclose: Not ours"),
                ("2026-03-02 11:00", ANNA, "But it is, please look again."),
            ),
        )
        assert [status for _, status, _ in told.statuses()] == ["Closed", "Open"]


class TestFeatures:
    def test_a_request_flows_from_open_to_closed(self) -> None:
        told = play(
            NAME,
            story(
                *SCOPED,
                ("2026-03-09 09:00", ANNA, "approve"),
                ("2026-03-10 09:00", MARI, "test"),
                ("2026-03-11 09:00", MARI, "status Monitor"),
                ("2026-03-20 09:00", MARI, "close: Done"),
            ),
        )
        assert [(at, status) for at, status, _ in told.statuses()] == [
            ("2026-03-02T10:00:00Z", "Evaluated"),
            ("2026-03-06T12:00:00Z", "Pending"),
            ("2026-03-09T09:00:00Z", "Scheduled"),
            ("2026-03-10T09:00:00Z", "QA Testing"),
            ("2026-03-11T09:00:00Z", "Monitor"),
            ("2026-03-20T09:00:00Z", "Closed"),
        ]

    @pytest.mark.parametrize("kind", ["Feature request", "Custom request", "Integration request"])
    def test_the_three_kinds_of_request_have_this_flow(self, kind: str) -> None:
        told = play(NAME, story(("2026-03-02 09:10", MARI, f"type {kind}"), ("2026-03-02 10:00", MARI, "confirmed")))
        assert told.refusals() == ["Open does not lead to Pending Evaluation; it leads to Evaluated, Closed"]

    def test_evaluated_answers_with_an_available_consultation_time(self) -> None:
        told = play(NAME, story(*SCOPED[:2]))
        assert "We have time for you on Friday at ten." in told.text("evaluated", ANNA)

    def test_scoping_sends_a_brief_and_an_estimate_with_the_words_to_answer(self) -> None:
        text = play(NAME, story(*SCOPED)).text("estimate", ANNA)
        assert "Two weeks, 9,000 euros." in text
        assert "approve" in text
        assert "decline" in text

    def test_an_estimate_needs_words(self) -> None:
        told = play(NAME, story(*SCOPED[:2], ("2026-03-06 12:00", MARI, "estimate")))
        assert "needs words of yours" in told.refusals()[0]
        assert told.statuses()[-1][1] == "Evaluated"

    def test_it_is_scheduled_only_once_approved(self) -> None:
        told = play(NAME, story(*SCOPED, ("2026-03-07 09:00", MARI, "schedule")))
        assert told.refusals() == [
            "Pending leads to Scheduled only once the estimate is approved: 'approve' says that it is"
        ]
        assert told.statuses()[-1][1] == "Pending"

    def test_a_member_may_say_that_the_customer_approved_by_telephone(self) -> None:
        told = play(NAME, story(*SCOPED, ("2026-03-07 09:00", MARI, "approve")))
        assert told.statuses()[-1] == ("2026-03-07T09:00:00Z", "Scheduled", "approved")

    def test_a_declined_estimate_goes_back_and_the_assignee_hears(self) -> None:
        told = play(NAME, story(*SCOPED, ("2026-03-09 09:00", ANNA, "decline\nToo dear.")))
        assert told.statuses()[-1] == ("2026-03-09T09:00:00Z", "Evaluated", "declined")
        assert "Too dear." in told.all_text(MARI)

    def test_other_mail_of_the_customer_does_not_approve_and_tells_the_assignee(self) -> None:
        told = play(NAME, story(*SCOPED, ("2026-03-09 09:00", ANNA, "Sounds good, go ahead!")))
        assert told.statuses()[-1][1] == "Pending"
        assert ("customer_answered", "2026-03-09T09:00:00Z") in told.notices(MARI)
        assert "Sounds good, go ahead!" in told.text("customer_answered", MARI)

    def test_approve_without_an_estimate_is_refused(self) -> None:
        told = play(NAME, story(FEATURE, ("2026-03-09 09:00", ANNA, "approve")))
        assert told.refusals() == ["the case is Open; there is no estimate to approve"]


class TestEvidence:
    ASKED = "screenshots or a video"

    def test_its_absence_in_an_issue_is_asked_for_once(self) -> None:
        told = play(
            NAME, story(("2026-03-02 10:00", ANNA, "It does it again."), ("2026-03-02 10:10", MARI, "confirmed"))
        )
        assert told.all_text(ANNA).count(self.ASKED) == 1
        assert self.ASKED in told.text("case_received", ANNA)

    def test_an_issue_that_brings_it_is_not_asked(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, "It crashes.", files=[("screen.txt", "x")])])
        assert self.ASKED not in told.all_text(ANNA)

    def test_evidence_is_welcome_in_the_case(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, "It crashes.", files=[("screen.txt", "x")])])
        assert told.one("MessageAdded")["attachments"] == 1
        assert "screen.txt" in told.text("case_new", MARI)

    def test_an_issue_that_a_member_opens_for_the_customer_is_asked_for_it_too(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", MARI, f"for {ANNA}\n\nThe app crashes.")])
        assert self.ASKED in told.text("case_received", ANNA)


PRIVATE = {
    "a mark": "Private: " + SECRET,
    "a mark on a line of its own": f"Hello,\n[CONFIDENTIAL]\n{SECRET}",
    "a chat": CHAT,
    "a message export": f"2026-03-01, 12:30 - Berta: {SECRET}",
    "a subscriber's number": f"The subscriber can be reached at +372 5555 1234. {SECRET}",
    "a subscriber's address": f"The subscriber lives at 12 Long Street. {SECRET}",
    "a number in a quoted conversation": f"See below.\n\n> Call me at +372 5555 1234. {SECRET}",
    "an address in a quoted conversation": f"See below.\n\n> I live at 12 Long Street. {SECRET}",
}


class TestPrivacy:
    @pytest.mark.parametrize("text", PRIVATE.values(), ids=PRIVATE)
    def test_what_is_private_is_held_back_from_the_case_and_from_every_mail_that_goes_out(self, text: str) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, text)], until="2026-03-09 00:00")
        assert told.one("CaseOpened")["at"] == "2026-03-02T09:00:00Z"
        assert told.one("MailHeld", case=1)["reason"].startswith("privacy")
        assert told.one("MessageAdded")["text"] == ""
        assert _nowhere(told, SECRET)

    def test_so_it_is_in_an_answer_in_a_case(self) -> None:
        told = play(NAME, story(("2026-03-02 09:10", MARI, "take"), ("2026-03-02 10:00", ANNA, CHAT)))
        held = told.one("MailHeld")
        assert (held["at"], held["case"]) == ("2026-03-02T10:00:00Z", "HD-1")
        assert _nowhere(told, SECRET)

    @pytest.mark.parametrize("name", ["WhatsApp Chat with Berta.txt", "conversation.png", "messages.zip"])
    def test_files_are_held_back_by_their_names(self, name: str) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, "It crashes, see the file.", files=[(name, SECRET)])])
        assert told.one("MessageAdded")["attachments"] == 0
        assert all(not letter.carried for letter in told.letters)
        assert name in told.text("privacy_gate", MARI)

    def test_a_private_subject_is_held_back_too(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, "See the subject.", subject=f"Private: {SECRET}")])
        assert told.one("MailHeld")
        assert _nowhere(told, SECRET)

    def test_both_sides_are_told_without_a_word_of_it(self) -> None:
        told = play(NAME, story(("2026-03-02 09:10", MARI, "take"), ("2026-03-02 10:00", ANNA, CHAT)))
        assert told.notices(ANNA, since="2026-03-02T10:00:00Z") == [("privacy_held", "2026-03-02T10:00:00Z")]
        assert told.notices(MARI, since="2026-03-02T10:00:00Z") == [("privacy_gate", "2026-03-02T10:00:00Z")]
        assert "no screenshots or personal details" in told.text("privacy_held", ANNA)

    def test_an_unproven_stranger_finds_nothing_of_their_own_in_what_they_are_told(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, CHAT, subject="Marked words")], trust="claimed")
        assert ("privacy_held", "2026-03-02T09:00:00Z") in told.notices(ANNA)
        assert "Marked words" not in told.all_text(ANNA)

    def test_an_ordinary_issue_is_not_held_back(self) -> None:
        text = "At 12:30 the app crashed: Error 500.\nVersion: 5.1\nOur subscribers cannot log in."
        assert not play(NAME, [mail("2026-03-02 09:00", ANNA, text)]).events("MailHeld")

    def test_an_answer_that_quotes_our_notice_is_not_held_back_for_it(self) -> None:
        rehearsal = Rehearsal(NAME).play(mail("2026-03-02 09:00", ANNA, "It crashes."))
        quoted = "".join(f"> {line}\n" for line in rehearsal.told.text("case_received", ANNA).split("\n"))
        text = f"It is version 5.\n\nOn Monday Support wrote:\n{quoted}> Call +372 5555 1234\n"
        rehearsal.play(answer("2026-03-02 10:00", ANNA, text))
        assert not rehearsal.told.events("MailHeld")
        assert rehearsal.told.events("MessageAdded")[-1]["text"] == "It is version 5."

    def test_release_lets_text_and_files_into_the_case_and_tells_the_team(self) -> None:
        told = play(
            NAME,
            [
                mail("2026-03-02 09:00", ANNA, CHAT, files=[("log.txt", "x")]),
                answer("2026-03-02 10:00", JAAN, "release"),
            ],
        )
        assert told.one("TextReleased")["actor"] == JAAN
        added = told.events("MessageAdded")[-1]
        assert (added["at"], added["from"], added["attachments"]) == ("2026-03-02T10:00:00Z", ANNA, 1)
        assert SECRET in added["text"]
        for member in (MARI, JAAN, LENA):
            assert SECRET in told.text("customer_answered", member)
        assert next(letter for letter in told.letters if letter.template == "customer_answered").carried
        assert SECRET not in told.all_text(ANNA)

    def test_redact_leaves_who_when_why_and_a_digest_but_not_the_content(self) -> None:
        rehearsal = Rehearsal(NAME).play(
            mail("2026-03-02 09:00", ANNA, CHAT), answer("2026-03-02 10:00", MARI, "redact: a chat with a subscriber")
        )
        gone = rehearsal.told.one("TextRedacted")
        assert (gone["at"], gone["actor"], gone["reason"]) == ("2026-03-02T10:00:00Z", MARI, "a chat with a subscriber")
        assert gone["digest"] == rehearsal.told.one("TextHeldBack")["digest"]
        assert len(gone["digest"]) == 64
        assert _nowhere(rehearsal.told, SECRET)
        assert SECRET.encode() not in rehearsal.store.raw(1)
        assert not rehearsal.store.verify(evolve)

    def test_redact_needs_a_reason_and_what_is_gone_cannot_be_released(self) -> None:
        told = play(
            NAME,
            [
                mail("2026-03-02 09:00", ANNA, CHAT),
                answer("2026-03-02 10:00", MARI, "redact"),
                answer("2026-03-02 10:10", MARI, "redact: a chat"),
                answer("2026-03-02 10:20", MARI, "release"),
                answer("2026-03-02 10:30", MARI, "redact: again"),
            ],
        )
        assert told.refusals() == ["say why: write 'redact: REASON'", *["nothing of this case is held back"] * 2]

    def test_a_refused_line_releases_nothing(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, CHAT), answer("2026-03-02 10:00", MARI, "release\nschedule")])
        assert not told.events("TextReleased")
        assert SECRET not in told.all_text()

    def test_a_customer_cannot_release(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, CHAT), answer("2026-03-02 10:00", ANNA, "#release")])
        assert not told.events("TextReleased")

    def test_the_shell_releases_too(self) -> None:
        rehearsal = Rehearsal(NAME).play(mail("2026-03-02 09:00", ANNA, CHAT)).say("2026-03-02 10:00", "release")
        assert rehearsal.told.at("TextReleased") == ["2026-03-02T10:00:00Z"]

    def test_a_held_answer_is_an_answer_all_the_same(self) -> None:
        told = play(
            NAME,
            [
                *evaluated("High"),
                answer("2026-03-03 12:00", MARI, "schedule\nship: It is in version 5."),
                answer("2026-03-04 12:00", ANNA, f"It still crashes.\n{CHAT}"),
            ],
        )
        assert told.statuses()[-1][:2] == ("2026-03-04T12:00:00Z", "Scheduled")
        assert _nowhere(told, SECRET)

    def test_a_lead_sets_the_strictness(self, tmp_path: Path) -> None:
        process = edited(
            NAME, lambda text: text.replace('"subscriber data"]', '"subscriber data", "intern"]'), tmp_path
        )
        assert play(process, [mail("2026-03-02 09:00", ANNA, f"Intern: {SECRET}")]).events("MailHeld")
        assert not play(NAME, [mail("2026-03-02 09:00", ANNA, f"Intern: {SECRET}")]).events("MailHeld")


def _nowhere(told: Told, secret: str) -> bool:
    """Does the secret stand in no line of the history and in no letter?"""
    return secret not in repr(told.lines) and secret not in told.all_text()
