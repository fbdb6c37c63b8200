"""The lists of phrases that come with mailbot are well-formed."""

import tomllib
from collections import Counter

import pytest

from mailbot.process.file import LEARNT
from mailbot.process.mail import LANGUAGES
from mailbot.process.phrase import wrong
from tests.builders import modera


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_phrase_is_one(language: str):
    lists = modera().phrases[language].model_dump()
    assert [(key, phrase, wrong(phrase)) for key in lists for phrase in lists[key] if wrong(phrase)] == []
    assert all(lists.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_shipped_phrase_stands_twice_in_a_list(language: str):
    text = LEARNT.with_name(f"{language}.toml").read_text(encoding="utf-8")
    lists = {f"{part}.{key}": phrases for part, some in tomllib.loads(text).items() for key, phrases in some.items()}
    assert {key: twice for key, phrases in lists.items() if (twice := set(phrases) - _once(phrases))} == {}
    assert sum(map(len, lists.values())) > 1000


def _once(phrases: list[str]) -> set[str]:
    return {phrase for phrase, count in Counter(phrases).items() if count == 1}
