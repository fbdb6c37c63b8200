"""Learns what customers' sentences seem to mean: `python -m tests.rules.reading.learn_impressions`.

Reads every `sentences*.toml` beside it and writes the weights that `mailbot.rules.reading.impression` sums up: logistic
regression by gradient descent, in an order that is always the same. `unseen.toml` is no part of it: it is what the
result is measured on.
"""

import random
import tomllib
from collections.abc import Sequence
from pathlib import Path

from mailbot.process.file import LEARNT
from mailbot.rules.reading.impression import BUCKETS, MEANINGS, Learnt, pieces, probabilities

HERE = Path(__file__).parent
ROUNDS, STEP, NEAR_ENOUGH = 10, 0.5, 0.02

#: A sentence: its pieces, and which of the meanings it has.
Example = tuple[dict[int, float], int]


def examples() -> list[Example]:
    """Return every sentence once, in the order of the files' names."""
    meant: dict[str, str] = {}
    for file in sorted(HERE.glob("sentences*.toml")):
        for one in tomllib.loads(file.read_text(encoding="utf-8"))["sentence"]:
            meant.setdefault(one["text"].strip(), one["meaning"])
    return [(dict(pieces(text)), MEANINGS.index(meaning)) for text, meaning in meant.items()]


def learnt(known: Sequence[Example]) -> Learnt:
    """Return the weights with which the sentences are told apart, each as a whole number from -127 to 127."""
    weights = [[0.0] * BUCKETS for _ in MEANINGS]
    leanings = [0.0] * len(MEANINGS)
    moved = [[1e-2] * BUCKETS for _ in MEANINGS]
    order, model = list(known), Learnt(worth=1.0, leanings=leanings, weights=weights)
    chance = random.Random(1)
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for shares, meaning in order:
            for n, probable in enumerate(probabilities(shares, model)):
                wrong = probable - (n == meaning)
                if abs(wrong) < NEAR_ENOUGH:
                    continue
                leanings[n] -= NEAR_ENOUGH * wrong
                for piece, share in shares.items():
                    slope = wrong * share
                    moved[n][piece] += slope * slope
                    weights[n][piece] -= STEP * slope / moved[n][piece] ** 0.5
    worth = max(abs(one) for weight in weights for one in weight) / 127
    whole = [[round(one / worth) for one in weight] for weight in weights]
    return Learnt(worth=worth, leanings=leanings, weights=whole)


if __name__ == "__main__":
    LEARNT.write_bytes(learnt(examples()).packed())
