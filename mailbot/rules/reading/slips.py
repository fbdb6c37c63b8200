"""Slips of the finger: how near a word is to one that was meant."""


def is_slip(name: str, word: str) -> bool:
    """Do a slip or two of the finger make this name of that word? The word itself is none."""
    return name != word and (distance(name, word) == 1 or _shuffled(name, word))


def _shuffled(name: str, word: str) -> bool:
    """Are these the word's first letters in another order, the last one missing at most (`nto`)?"""
    return len(word) - len(name) <= 1 and name[0] == word[0] and sorted(name) == sorted(word[: len(name)])


def distance(one: str, other: str) -> int:
    """Return how many slips (insert, drop, change, swap of neighbours) lie between two short words."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
