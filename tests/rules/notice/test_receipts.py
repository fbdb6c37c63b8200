"""Receipts: one for each mail at most, for nobody but its author, and nothing half done."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.decision import Decision
from mailbot.event import CommandRefused, CommandsRun, Visibility
from tests.builders import Story, a_story
from tests.rules.test_fold import STEP, play


class Watched(Story):
    """A story that remembers who wrote what came of a mail."""

    def mail(self, sender: str, said: str, when: str = "", *, case: int = 1, **keys: object) -> Decision:
        """Remember whose mail it is."""
        decision = super().mail(sender, said, when, case=case, **keys)
        self.written = [*getattr(self, "written", []), (sender, decision)]
        return decision


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=10))
def test_a_mail_makes_one_receipt_at_most_and_it_goes_to_its_author_alone(
    steps: list[tuple[tuple[str, str], int, str]],
):
    story = a_story()
    story.__class__ = Watched
    assert isinstance(story, Watched)
    story.written = []
    play(story, steps)
    for sender, decision in story.written:
        receipts = [notice for notice in decision.notices if notice.template == "command_result"]
        assert [notice.to for notice in receipts] in ([], [sender])
        member = story.directory.member(sender) is not None
        assert all((notice.visibility is Visibility.INTERNAL) is member for notice in receipts)
        refused = any(isinstance(h.event, CommandRefused) for h in decision.happened)
        ran = any(isinstance(h.event, CommandsRun) for h in decision.happened)
        assert not (refused and ran), "all or none"
        for notice in receipts:
            lines = notice.data["lines"]
            assert isinstance(lines, list)
            assert notice.data["refused"] is refused
            assert all(line["ok"] is not refused and line["said"] for line in lines), "each says why, or what it did"
            assert ("undo_until" in notice.data) is ran, "what ran can be taken back, and the receipt says so"
