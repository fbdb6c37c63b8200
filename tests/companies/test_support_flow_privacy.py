"""support-flow: evidence and the privacy gate of companies.md, mails in, events and notices out."""

from pathlib import Path

import pytest

from mailbot.rules.case.evolve import evolve
from tests.companies.rehearsal import ANNA, JAAN, LENA, MARI, Rehearsal, Told, answer, edited, mail, play
from tests.companies.test_support_flow import NAME, evaluated, story

SECRET = "Berta said that she moved to Lisbon"
CHAT = f"[12:30] Berta: {SECRET}\n[12:31] Carl: oh"


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
