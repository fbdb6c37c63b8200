"""support-flow: each line of companies.md, mails in, events and notices at exact instants out."""

import pytest

from mailbot.engine.rehearse import OldMail
from tests.companies.rehearsal import ANNA, MARI, Rehearsal, answer, mail, play

NAME = "support-flow"


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
