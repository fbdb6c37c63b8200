"""The notices that a process file may name: each is there, is for a customer, and loses no word of a member."""

from pathlib import Path
from typing import get_args

import pytest

from mailbot.notices.render import TemplateRenderer
from mailbot.notices.render_day import CUSTOMER
from mailbot.notices.render_sample import PLANS, sample
from mailbot.process.part import CustomerNotice

RENDERER = TemplateRenderer()
NAMED = get_args(CustomerNotice)


@pytest.mark.parametrize("name", NAMED)
def test_a_notice_that_a_process_may_name_brings_the_words_to_the_customer(name: str):
    person, reply, _ = PLANS[name]
    assert (person, reply) == (CUSTOMER, "desk")
    data = {"old": "Open", "new": "In progress", "reason": "set by kim@example.com"}
    made = RENDERER.render(name, "en", sample(name, words="It is the fuse.", data=data))
    assert "It is the fuse." in made.text
    assert "It is the fuse." in made.html
    assert "kim@example.com" not in made.text + made.html


@pytest.mark.parametrize("name", NAMED)
def test_a_notice_that_a_process_may_name_can_be_sent_without_words(name: str):
    made = RENDERER.render(name, "en", sample(name, words="", data={"old": "Open", "new": "In progress", "reason": ""}))
    assert "HD-12" in made.text


def test_the_page_on_notices_names_them_all():
    text = (Path(__file__).parents[2] / "docs/notices.md").read_text(encoding="utf-8")
    (said,) = [part for part in text.split("\n\n") if part.startswith("A process file may name")]
    assert [name for name in NAMED if f"`{name}`" not in said] == []
