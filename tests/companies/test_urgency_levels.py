"""urgency-levels: each line of companies.md, mails in, events and notices at exact instants out."""

from pathlib import Path

import pytest

from mailbot.process import Process
from tests.companies.rehearsal import ANNA, MARI, Rehearsal, Told, answer, edited, mail, play

NAME = "urgency-levels"
#: (level, response in hours, resolution in hours).
LEVELS = [("Level 1", 1, 24), ("Level 2", 2, 72), ("Level 3", 4, 120), ("Level 4", 48, 240)]
PHONE = "phone our support at once instead of waiting for mail"
FORM = "Form: CC\nUrgency: Level 2\nUser: Berta\n\nMessages come late."


def opened_at(level: str, *, trust: str = "session") -> Told:
    return play(NAME, [mail("2026-03-02 09:00", ANNA, f"Urgency: {level}\n\nIt fails.")], trust=trust)


def with_required(tmp_path: Path) -> Process:
    """The process of an operator who wants the urgency, and the user too."""

    def change(text: str) -> str:
        text = text.replace("required = false ", "required = true ")
        return text.replace(
            '[[field]]\nname = "Form"', '[[field]]\nname = "User"\nrequired = true\n\n[[field]]\nname = "Form"'
        )

    return edited(NAME, change, tmp_path)


class TestForms:
    def test_field_lines_in_any_order_set_the_level_and_the_form_when_the_case_opens(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, "User: Berta\nurgency : 2\nFORM: ps\n\nMessages come late.")])
        opened = told.one("CaseOpened")
        assert (opened["priority"], opened["type"]) == ("Level 2", "PS")
        assert not told.events("PriorityChanged")
        assert not told.events("TypeChanged")
        assert told.one("FieldsGiven")["fields"] == {"Urgency": "2", "Form": "ps"}

    @pytest.mark.parametrize(
        ("line", "level"),
        [
            ("Urgency: Level 1", "Level 1"),
            ("**Urgency:** level 4", "Level 4"),
            ("- Urgency: 1 (nobody can send)", "Level 1"),
            ("Urgency: Level 2 - patients wait", "Level 2"),
            ("Urgency: very urgent", "Level 3"),
            ("Urgency: ____", "Level 3"),
            ("My urgency: Level 1", "Level 3"),
        ],
    )
    def test_the_urgency_is_read_as_people_write_it(self, line: str, level: str) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, f"It fails.\n{line}")])
        assert told.one("CaseOpened")["priority"] == level

    def test_fields_inside_the_quoted_text_of_our_own_form_count(self) -> None:
        text = "Here you are.\n\nOn Monday Support wrote:\n> Form: CC\n> Urgency: Level 1\n> User: ____\n"
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, text)])
        opened = told.one("CaseOpened")
        assert (opened["priority"], opened["type"]) == ("Level 1", "CC")

    def test_the_customers_own_words_count_more_than_an_older_form_that_they_quote(self) -> None:
        text = "Urgency: Level 1\n\nOn Monday Support wrote:\n> Urgency: Level 4\n"
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, text)])
        assert told.one("CaseOpened")["priority"] == "Level 1"

    def test_the_team_sees_what_the_form_says(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, "See below.\n\nOn Monday Support wrote:\n> Urgency: 2\n")])
        assert "Urgency: 2" in told.text("case_new", MARI)

    def test_a_later_answer_changes_the_level_while_the_case_is_new(self) -> None:
        told = play(
            NAME,
            [mail("2026-03-02 09:00", ANNA, "It fails."), answer("2026-03-02 10:00", ANNA, "Urgency: Level 1")],
            until="2026-03-02 10:00",
        )
        changed = told.one("PriorityChanged")
        assert (changed["at"], changed["old"], changed["new"]) == ("2026-03-02T10:00:00Z", "Level 3", "Level 1")
        assert told.due("resolution") == "2026-03-03T09:00:00Z"

    def test_once_a_member_has_begun_or_set_the_level_a_form_changes_nothing(self) -> None:
        begun = play(
            NAME,
            [
                mail("2026-03-02 09:00", ANNA, "It fails."),
                answer("2026-03-02 09:10", MARI, "take"),
                answer("2026-03-02 09:20", ANNA, "Urgency: Level 1"),
            ],
        )
        judged = play(
            NAME,
            [
                mail("2026-03-02 09:00", ANNA, "It fails."),
                answer("2026-03-02 09:10", MARI, "priority Level 4"),
                answer("2026-03-02 09:20", ANNA, "Urgency: Level 1"),
            ],
        )
        assert not begun.events("PriorityChanged")
        assert [change["new"] for change in judged.events("PriorityChanged")] == ["Level 4"]
        assert begun.one("FieldsGiven")["fields"] == {"Urgency": "Level 1"}

    def test_what_is_missing_is_asked_for_naming_only_the_missing_fields_once_per_incomplete_answer(
        self, tmp_path: Path
    ) -> None:
        rehearsal = Rehearsal(with_required(tmp_path))
        rehearsal.play(mail("2026-03-02 09:00", ANNA, "It fails."))
        asked = rehearsal.told.text("form_missing", ANNA)
        assert "Urgency: ____" in asked
        assert "User: ____" in asked
        rehearsal.play(answer("2026-03-02 10:00", ANNA, "Urgency: Level 4"))
        asked = rehearsal.told.text("form_missing", ANNA)
        assert "Urgency: ____" not in asked
        assert "User: ____" in asked
        rehearsal.play(answer("2026-03-02 11:00", ANNA, "User: Berta"), until="2026-03-02 12:00")
        assert rehearsal.told.notices(ANNA, "form_missing") == [
            ("form_missing", "2026-03-02T09:00:00Z"),
            ("form_missing", "2026-03-02T10:00:00Z"),
        ]

    def test_a_required_field_pauses_the_resolution_clock_while_it_is_missing_and_only_then(
        self, tmp_path: Path
    ) -> None:
        told = play(
            with_required(tmp_path),
            [
                mail("2026-03-02 09:00", ANNA, "Urgency: 4\n\nA new user, please."),
                answer("2026-03-02 19:00", ANNA, "User: Berta"),
            ],
            until="2026-03-20 00:00",
        )
        assert told.at("ClockPaused") == ["2026-03-02T09:00:00Z"]
        assert told.one("ClockPaused")["cause"] == "missing: User"
        assert told.one("ClockPaused")["clock"] == "resolution"
        assert told.at("ClockResumed") == ["2026-03-02T19:00:00Z"]
        assert told.at("ClockBreached", clock="resolution") == ["2026-03-12T19:00:00Z"]
        assert told.at("ClockBreached", clock="response") == ["2026-03-04T09:00:00Z"]

    def test_the_field_of_the_urgency_is_not_asked_for_at_levels_that_it_is_not_for(self, tmp_path: Path) -> None:
        process = edited(NAME, lambda text: text.replace("required = false ", "required = true "), tmp_path)
        rehearsal = Rehearsal(process).play(mail("2026-03-02 09:00", ANNA, "It fails."))
        assert rehearsal.told.at("ClockPaused") == ["2026-03-02T09:00:00Z"]
        rehearsal.play(answer("2026-03-02 09:05", MARI, "priority Level 1"), until="2026-03-04 00:00")
        assert rehearsal.told.at("ClockResumed") == ["2026-03-02T09:05:00Z"]
        assert rehearsal.told.at("ClockBreached", clock="resolution") == ["2026-03-03T09:05:00Z"]

    def test_default_no_field_is_required_and_no_missing_field_pauses_a_clock(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, "It fails.")], until="2026-03-10 00:00")
        assert not told.notices(name="form_missing")
        assert not told.events("ClockPaused")

    def test_a_field_that_is_set_to_another_value_later_is_kept_as_it_was_said_last(self) -> None:
        rehearsal = Rehearsal(NAME).play(
            mail("2026-03-02 09:00", ANNA, "Urgency: Level 4"),
            answer("2026-03-02 09:10", ANNA, "Urgency: Level 2"),
            answer("2026-03-02 09:20", ANNA, "Any news?\n\nOn Monday Anna wrote:\n> Urgency: Level 4\n"),
        )
        assert rehearsal.case().fields == {"Urgency": "Level 2"}
        assert rehearsal.case().priority == "Level 2"


class TestLevels:
    @pytest.mark.parametrize(("level", "response", "resolution"), LEVELS)
    def test_first_response_and_resolution_in_plain_hours_day_and_night_every_day(
        self, level: str, response: int, resolution: int
    ) -> None:
        # Friday evening: the nights and the weekend count.
        told = play(NAME, [mail("2026-03-06 22:00", ANNA, f"Urgency: {level}")], until="2026-03-30 00:00")
        starts = {line["clock"]: line["due"] for line in told.events("ClockStarted")}
        assert starts == {"response": _later(22, response), "resolution": _later(22, resolution)}
        assert told.at("ClockBreached", clock="response") == [_later(22, response)]
        assert told.at("ClockBreached", clock="resolution") == [_later(22, resolution)]

    @pytest.mark.parametrize(
        ("zone", "start", "due"),
        [
            ("Europe/Tallinn", "2026-03-28 20:00", "2026-03-29T20:00:00Z"),
            ("Europe/Tallinn", "2026-10-24 20:00", "2026-10-25T20:00:00Z"),
            ("America/New_York", "2026-03-07 20:00", "2026-03-08T20:00:00Z"),
            ("Asia/Kolkata", "2026-03-28 20:00", "2026-03-29T20:00:00Z"),
        ],
    )
    def test_plain_hours_are_elapsed_hours_also_when_the_clocks_change(self, zone: str, start: str, due: str) -> None:
        told = play(NAME, [mail(start, ANNA, "Urgency: Level 1")], zone=zone)
        assert told.one("ClockStarted", clock="resolution")["due"] == due

    def test_public_holidays_count(self) -> None:
        told = play(NAME, [mail("2025-12-24 20:00", ANNA, "Urgency: Level 1")], holidays="EE")
        assert told.one("ClockStarted", clock="resolution")["due"] == "2025-12-25T20:00:00Z"

    def test_a_clock_warns_at_three_quarters_of_its_target(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, "Urgency: Level 1")], until="2026-03-04 00:00")
        assert told.at("ClockWarned", clock="response") == ["2026-03-02T09:45:00Z"]
        assert told.at("ClockWarned", clock="resolution") == ["2026-03-03T03:00:00Z"]

    def test_an_answer_at_the_due_instant_meets_the_response_clock(self) -> None:
        told = play(
            NAME,
            [mail("2026-03-02 09:00", ANNA, "Urgency: 1"), answer("2026-03-02 10:00", MARI, "We look at it.")],
            until="2026-03-02 12:00",
        )
        assert told.at("ClockMet", clock="response") == ["2026-03-02T10:00:00Z"]
        assert not told.events("ClockBreached")

    def test_a_change_of_level_recomputes_both_targets(self) -> None:
        told = play(
            NAME,
            [mail("2026-03-02 09:00", ANNA, "It fails."), answer("2026-03-02 09:30", MARI, "priority Level 2")],
            until="2026-03-02 09:30",
        )
        dues = {line["clock"]: line["due"] for line in told.events("ClockChanged")}
        assert dues == {"response": "2026-03-02T11:00:00Z", "resolution": "2026-03-05T09:00:00Z"}

    @pytest.mark.parametrize(("level", "response", "resolution"), LEVELS)
    @pytest.mark.parametrize("trust", ["session", "claimed"])
    def test_the_acknowledgement_states_both_times_for_its_level(
        self, level: str, response: int, resolution: int, trust: str
    ) -> None:
        text = opened_at(level, trust=trust).text("case_received", ANNA)
        hours = f"{response} hour{'' if response == 1 else 's'}"
        assert f"{level}: first answer within {hours}; solved within {resolution} hours." in text

    def test_it_states_both_times_also_while_a_field_is_missing(self, tmp_path: Path) -> None:
        told = play(with_required(tmp_path), [mail("2026-03-02 09:00", ANNA, "It fails.")])
        assert "first answer within 4 hours; solved within 120 hours." in told.text("case_received", ANNA)

    def test_help_priority_answers_with_the_companys_own_definitions(self) -> None:
        text = play(NAME, [mail("2026-03-02 09:00", ANNA, "help priority")]).text("help", ANNA)
        assert "no workaround" in text
        assert "resolution: 240 hours" in text


class TestPhoneFirst:
    @pytest.mark.parametrize("level", ["Level 1", "Level 2"])
    def test_the_acknowledgement_of_the_worst_says_first_to_phone_at_once_with_the_number(self, level: str) -> None:
        lines = _body(opened_at(level))
        assert lines[0].startswith("HD-1: ")
        assert PHONE in lines[0]
        assert "Thank you" not in lines[0]

    def test_level_3_says_phone_but_mail_is_fine(self) -> None:
        first = _body(opened_at("Level 3"))[0]
        assert "phone" in first
        assert "mail is fine" in first
        assert PHONE not in first

    def test_level_4_points_to_the_customer_portal(self) -> None:
        first = _body(opened_at("Level 4"))[0]
        assert "customer portal" in first
        assert "phone" not in first

    def test_default_without_an_urgency_it_is_level_3_and_carries_the_line_of_levels_1_and_2_as_well(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, "It fails.")])
        assert told.one("CaseOpened")["priority"] == "Level 3"
        first = _body(told)[0]
        assert PHONE in first
        assert "mail is fine" in first

    def test_an_urgency_that_nobody_understands_is_none(self) -> None:
        told = play(NAME, [mail("2026-03-02 09:00", ANNA, "Urgency: now!")])
        assert told.one("CaseOpened")["priority"] == "Level 3"
        assert PHONE in _body(told)[0]

    @pytest.mark.parametrize("level", [level for level, _, _ in LEVELS])
    def test_default_all_four_become_cases_all_the_same(self, level: str) -> None:
        told = opened_at(level)
        assert (told.one("CaseOpened")["status"], told.one("CaseOpened")["priority"]) == ("Open", level)

    def test_a_member_who_was_telephoned_opens_the_case_and_the_customer_hears_both_times(self) -> None:
        told = play(
            NAME,
            [
                mail(
                    "2026-03-02 09:20",
                    MARI,
                    f"for {ANNA} opened 2026-03-02 09:00\npriority Level 1\ntype CC\nIt fails.",
                )
            ],
        )
        assert told.one("CaseOpened")["opened"] == "2026-03-02T09:00:00Z"
        assert told.due("response") == "2026-03-02T10:00:00Z"
        assert "first answer within 1 hour; solved within 24 hours." in told.text("case_received", ANNA)


class TestStatuses:
    def test_open_in_progress_waiting_for_customer_resolved_closed(self) -> None:
        told = play(
            NAME,
            [
                mail("2026-03-02 09:00", ANNA, FORM),
                answer("2026-03-02 09:10", MARI, "take"),
                answer("2026-03-02 09:20", MARI, "ask: Since when?"),
                answer("2026-03-02 11:20", ANNA, "Since eight."),
                answer("2026-03-02 12:00", MARI, "resolve: We restarted it."),
                answer("2026-03-02 12:30", ANNA, "All is good now, thank you."),
            ],
        )
        assert [status for _, status, _ in told.statuses()] == [
            "In progress",
            "Waiting for customer",
            "In progress",
            "Resolved",
            "Closed",
        ]
        assert told.statuses()[-1][2] == "Confirmed"

    def test_waiting_for_customer_pauses_the_resolution_clock_and_not_the_response_clock(self) -> None:
        told = play(
            NAME,
            [
                mail("2026-03-02 09:00", ANNA, FORM),
                answer("2026-03-02 09:10", MARI, "status Waiting for customer"),
                answer("2026-03-02 11:10", ANNA, "Since eight."),
            ],
            until="2026-03-06 00:00",
        )
        assert [(e["at"], e["clock"]) for e in told.events("ClockPaused")] == [("2026-03-02T09:10:00Z", "resolution")]
        assert told.at("ClockResumed") == ["2026-03-02T11:10:00Z"]
        assert told.at("ClockBreached", clock="response") == ["2026-03-02T11:00:00Z"]
        assert told.at("ClockBreached", clock="resolution") == ["2026-03-05T11:00:00Z"]

    def test_resolved_meets_the_resolution_clock_and_an_objection_resumes_it(self) -> None:
        told = play(
            NAME,
            [
                mail("2026-03-02 09:00", ANNA, "Urgency: 1\n\nNobody can send."),
                answer("2026-03-02 19:00", MARI, "resolve: We restarted it."),
                answer("2026-03-03 09:00", ANNA, "It still does not work."),
            ],
            until="2026-03-04 12:00",
        )
        assert told.at("ClockMet", clock="resolution") == ["2026-03-02T19:00:00Z"]
        assert told.at("ClockBreached", clock="resolution") == ["2026-03-03T23:00:00Z"]

    def test_there_is_no_ladder_silence_changes_nothing(self) -> None:
        told = play(
            NAME,
            [mail("2026-03-02 09:00", ANNA, FORM), answer("2026-03-02 09:10", MARI, "take\nask: Since when?")],
            until="2026-12-31 00:00",
        )
        assert told.statuses()[-1][1] == "Waiting for customer"
        assert not told.reminders()


def _body(told: Told) -> list[str]:
    """The lines of the acknowledgement below the greeting."""
    lines = [line for line in told.text("case_received", ANNA).split("\n") if line.strip()]
    return lines[next(n for n, line in enumerate(lines) if line.startswith("Hello")) + 1 :]


def _later(hour: int, hours: int) -> str:
    """The instant so many hours after an hour of 6 March 2026."""
    days, hour = divmod(hour + hours, 24)
    return f"2026-03-{6 + days:02}T{hour:02}:00:00Z"
