"""What a customer's text seems to mean where no phrase says so clearly: weights of its pieces, summed up.

The weights were learnt from the sentences in `tests/rules/reading/sentences*.toml`, by `learn_impressions.py` beside
them, and lie beside the phrases. The same text always has the same impression. Nothing closes and nobody is called for
one: who works on the case is told.
"""

import math
import re
import struct
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar
from zlib import crc32

#: So many pieces have a weight of their own; others share one with them.
BUCKETS = 32_768
#: What a text may seem to be, in the order of the weights.
MEANINGS = ("answer", "all-clear", "objection", "escalation", "close", "thanks", "promise")
#: A meaning counts when it is so probable: where phrases found nothing; where they found single signs of something
#: else; and against what they found clearly.
SURE, SURE_BESIDE_SIGNS, SURE_AGAINST = 0.6, 0.5, 0.8
#: Against impatience beside an objection, both of which phrases say.
SURE_AGAINST_BOTH = 0.95
#: So many words of a text are looked at: what comes late is a signature or a quote.
_WORDS = 120
#: Letters of a piece of a word, and words of a piece of the text.
_LETTERS, _TOGETHER = (3, 4, 5), (1, 2, 3)
_WORD = re.compile(r"\w+|[?!]")

#: What stands before the weights: what one of them is worth, and how common each meaning is.
_HEAD = struct.Struct(f"<{1 + len(MEANINGS)}d")

Run = TypeVar("Run", str, list[str])


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt: the weight of each piece for each meaning, and how common each is."""

    #: What a weight of 1 is worth.
    worth: float
    leanings: Sequence[float]
    weights: Sequence[Sequence[float]]

    def packed(self) -> bytes:
        """Return it as it lies in the file: eight numbers, and an octet for each weight."""
        octets = (bytes(array("b", map(int, weight))) for weight in self.weights)
        return _HEAD.pack(self.worth, *self.leanings) + b"".join(octets)


@lru_cache(maxsize=4)
def unpacked(octets: bytes) -> Learnt:
    """Read what lies in the file."""
    worth, *leanings = _HEAD.unpack_from(octets)
    every = memoryview(octets)[_HEAD.size :].cast("b")
    weights = [every[n * BUCKETS : (n + 1) * BUCKETS] for n in range(len(MEANINGS))]
    return Learnt(worth=worth, leanings=leanings, weights=weights)


def pieces(text: str) -> Mapping[int, float]:
    """Return the share of each piece of a text: letters within words, words beside each other."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    words = _WORD.findall(plain)[:_WORDS]
    found = Counter(f"w{' '.join(run)}" for size in _TOGETHER for run in _runs(words, size))
    found.update(f"c{run}" for word in words for size in _LETTERS for run in _runs(f" {word} ", size))
    shares: dict[int, float] = {}
    for piece, count in found.items():
        number = crc32(piece.encode()) % BUCKETS
        shares[number] = shares.get(number, 0.0) + 1 + math.log(count)
    length = math.sqrt(sum(share * share for share in shares.values()))
    return {number: share / length for number, share in shares.items()}


def _runs(text: Run, size: int) -> Iterator[Run]:
    return (text[n : n + size] for n in range(len(text) - size + 1))


def probabilities(shares: Mapping[int, float], learnt: Learnt) -> list[float]:
    """Return how probable each of the meanings is."""
    sums = [
        lean + learnt.worth * sum(weight[number] * share for number, share in shares.items())
        for weight, lean in zip(learnt.weights, learnt.leanings, strict=True)
    ]
    powers = [math.exp(one - max(sums)) for one in sums]
    return [power / sum(powers) for power in powers]


def impression(text: str, octets: bytes) -> tuple[str, float]:
    """Return which of the meanings a text seems to have, and how probably; "" and 0 where nothing was learnt."""
    shares = pieces(text)
    if not octets or not shares:
        return "", 0.0
    found = probabilities(shares, unpacked(octets))
    best = max(found)
    return MEANINGS[found.index(best)], best
