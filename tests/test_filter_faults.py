"""A filter that cannot be meant is told with its key and with what would be right."""

from pathlib import Path

import pytest

from tests.test_process_faults import PRIORITIES, add, told

FAULTS = {
    "filter-for-all": ("modera", add('[[filter]]\nname = "x"\nwhen = {}\nthen = "hold"'), "filter.x.when",
                       "say what a mail must have"),
    "filter-unless-all": ("modera", add('[[filter]]\nname = "x"\nwhen = { spam = true }\nunless = {}\nthen = "hold"'),
                          "filter.x.unless", "or leave it out"),
    "filter-for-nothing": ("modera", add('[[filter]]\nname = "x"\nwhen = { spam = true }'),
                           "filter.x", "does nothing; add"),
    "filter-twice": ("modera", add(2 * '[[filter]]\nname = "x"\nwhen = { spam = true }\nthen = "hold"\n'), "filter",
                     "'x' is named twice"),
    "filter-type": ("modera", add('[[filter]]\nname = "x"\nwhen = { spam = true }\ntype = "Junk"'), "filter.x.type",
                    "there is no type 'Junk'; the types are"),
    "filter-priority": ("modera", add('[[filter]]\nname = "x"\nwhen = { spam = true }\npriority = "P9"'),
                        "filter.x.priority", PRIORITIES),
    "filter-header": ("modera", add('[[filter]]\nname = "x"\nthen = "hold"\nwhen = { header = { "X Y" = ["*"] } }'),
                      "filter.x.when.header.X Y", "such as X-Priority"),
    "filter-from": ("modera", add('[[filter]]\nname = "x"\nwhen = { from = ["x.example"] }\nthen = "hold"'),
                    "filter.x.when.from.0", "for all of a domain, *@example.com (it says 'x.example')"),
    "filter-to": ("modera", add('[[filter]]\nname = "x"\nwhen = { to = ["a@b.example", "sales"] }\nthen = "hold"'),
                  "filter.x.when.to.1", "write ann@example.com"),
    "filter-key": ("modera", add('[[filter]]\nname = "x"\nwhen = { form = ["*@x.example"] }\nthen = "hold"'),
                   "filter.x.when.form", "is no key of the vocabulary; did you mean from?"),
    "filter-section": ("modera", add('[[filters]]\nname = "x"'), "filters", "did you mean filter?"),
    "filter-size": ("modera", add('[[filter]]\nname = "x"\nwhen = { larger_than = "5MB" }\nthen = "hold"'),
                    "filter.x.when.larger_than", "a whole number of bytes without quotes, such as 5_000_000"),
    "filter-size-below-none": ("modera", add('[[filter]]\nname = "x"\nwhen = { larger_than = -5 }\nthen = "hold"'),
                               "filter.x.when.larger_than", "5 MB (it says -5)"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_of_a_filter_names_its_key_and_what_would_be_right(tmp_path: Path, fault: str):
    company, change, key, right = FAULTS[fault]
    found = told(tmp_path, company, change)
    assert any(k == key and right in wrong for k, wrong in found), found
