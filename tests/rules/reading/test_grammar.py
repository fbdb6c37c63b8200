"""Which lines are commands, and which are prose: as a support manager would say it."""

import pytest

from mailbot.rules.command.words import vocabulary
from mailbot.rules.reading.grammar import LONGEST_ARGUMENT, MOST_COMMANDS, read
from mailbot.rules.reading.slips import distance
from mailbot.rules.reading.word import Reading, Word
from tests.builders import ANNA, BEN, a_directory, changed, modera


def words(*, member: bool) -> list[Word]:
    return [entry.word for entry in vocabulary(modera(), a_directory(), member=member)]


MEMBER, CUSTOMER = words(member=True), words(member=False)


def commands(reading: Reading) -> list[tuple[str, str]]:
    return [(given.word, given.argument) for given in reading.commands]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("take", [("take", "")], id="a word alone"),
        pytest.param("TAKE", [("take", "")], id="in capitals"),
        pytest.param("Take.", [("take", "")], id="with a full stop"),
        pytest.param("take!", [("take", "")], id="with an exclamation mark"),
        pytest.param("  take  ", [("take", "")], id="with white space around it"),
        pytest.param("take:", [("take", "")], id="with a colon and nothing behind it"),
        pytest.param("take,", [("take", "")], id="with a comma"),
        pytest.param("\u201ctake\u201d", [("take", "")], id="in smart quotes"),
        pytest.param("\u2018Take\u2019.", [("take", "")], id="in single smart quotes with a full stop"),
        pytest.param("\u00abtake\u00bb", [("take", "")], id="in guillemets"),
        pytest.param('"take".', [("take", "")], id="in straight quotes"),
        pytest.param("#take", [("take", "")], id="with a hash"),
        pytest.param("/take", [("take", "")], id="with a slash"),
        pytest.param("!take", [("take", "")], id="with an exclamation mark in front"),
        pytest.param("#take.", [("take", "")], id="a sigil and final punctuation"),
        pytest.param("#Note: the customer is angry", [("note", "the customer is angry")], id="a sigil and a colon"),
        pytest.param("#note the customer is angry", [("note", "the customer is angry")], id="a sigil needs no colon"),
        pytest.param("priority P1", [("priority", "P1")], id="a name"),
        pytest.param("Priority p1.", [("priority", "P1")], id="a name in small letters with a full stop"),
        pytest.param("priority: P1", [("priority", "P1")], id="a name behind a colon"),
        pytest.param("priority \u201cBlocker\u201d", [("priority", "P1")], id="a name in smart quotes"),
        pytest.param("priority blocker", [("priority", "P1")], id="a priority's title"),
        pytest.param("priority P1 (Blocker)", [("priority", "P1")], id="name and title as help prints them"),
        pytest.param("priority P1 Blocker", [("priority", "P1")], id="name and title"),
        pytest.param("priority\u00a0P2", [("priority", "P2")], id="a no-break space"),
        pytest.param("type it help", [("type", "IT Help")], id="a name of two words"),
        pytest.param(
            "type customer  specific development!",
            [("type", "Customer Specific Development")],
            id="a name of three words, two spaces in it",
        ),
        pytest.param("status waiting for customer", [("status", "Waiting for customer")], id="a status of three words"),
        pytest.param("status", [("status", "")], id="status alone asks"),
        pytest.param("Status?", [("status", "")], id="status with a question mark"),
        pytest.param("help?", [("help", "")], id="help with a question mark"),
        pytest.param("help priority", [("help", "priority")], id="help on a topic"),
        pytest.param("help type.", [("help", "type")], id="help on a topic with a full stop"),
        pytest.param(f"assign {BEN}", [("assign", BEN)], id="an address"),
        pytest.param(f"assign <{BEN.upper()}>", [("assign", BEN)], id="an address in angle brackets and capitals"),
        pytest.param("assign Second Line", [("assign", "second line")], id="a team"),
        pytest.param("close: duplicate of 7", [("close", "duplicate of 7")], id="free text behind a colon"),
        pytest.param("close", [("close", "")], id="close alone"),
        pytest.param("reopen: still broken", [("reopen", "still broken")], id="a member's reopen with a colon"),
        pytest.param("send as is", [("send", "as is")], id="send as is"),
        pytest.param("Send as is.", [("send", "as is")], id="send as is with a full stop"),
        pytest.param("for kai@x.test", [("for", "kai@x.test")], id="for an address"),
        pytest.param(
            "for kai@x.test opened 2026-03-02 09:30",
            [("for", "kai@x.test opened 2026-03-02 09:30")],
            id="for an address with an instant",
        ),
        pytest.param(
            "for KAI@x.test opened 2026-03-02T09:30:15+02:00",
            [("for", "kai@x.test opened 2026-03-02T09:30:15+02:00")],
            id="for an address with an instant and its offset",
        ),
        pytest.param("ask: Which printer?", [("ask", "Which printer?")], id="a word of the company's own"),
        pytest.param("fix", [("fix", "")], id="a word of the company's own alone"),
        pytest.param(
            "\n\ntake\n\npriority P2\ntype Fault\n", [("take", ""), ("priority", "P2"), ("type", "Fault")], id="a block"
        ),
    ],
)
def test_line_of_a_member_is_a_command(text: str, expected: list[tuple[str, str]]):
    reading = read(text, MEMBER)
    assert commands(reading) == expected
    assert not reading.refused
    assert not reading.words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("reopen", [("reopen", "")], id="reopen alone"),
        pytest.param("Reopen it fails again", [("reopen", "it fails again")], id="a customer's reopen needs no colon"),
        pytest.param("confirm.", [("confirm", "")], id="confirm"),
        pytest.param("confirm: works on all machines", [("confirm", "works on all machines")], id="confirm with words"),
        pytest.param("decline: too expensive", [("decline", "too expensive")], id="decline with words"),
        pytest.param("Approve!", [("approve", "")], id="approve"),
        pytest.param("close: it went away", [("close", "it went away")], id="close with words"),
        pytest.param("STATUS", [("status", "")], id="status"),
    ],
)
def test_line_of_a_customer_is_a_command(text: str, expected: list[tuple[str, str]]):
    reading = read(text, CUSTOMER)
    assert commands(reading) == expected
    assert not reading.words


PROSE_OF_CUSTOMERS = (
    "Help me please",
    "Help needed with the printer",
    "Help! The shop is down",
    "Help: nothing works any more",
    "Status of my order 4711 is wrong",
    "Status quo is that nothing prints",
    "Status: still broken",
    "Status report please",
    "Close to the door there is a smell of smoke",
    "Close the window when you leave",
    "Close?",
    "Reopen?",
    "Closed shops cannot be selected",
    "Confirm that you got my mail",
    "Confirmation is missing",
    "Approve is greyed out for me",
    "Decline of sales is what the report shows",
    "Priority: urgent",
    "Type: Fault",
    "Take a look at the attached picture",
    "Hello,",
    "Hello Anna",
    "Not yet",
    "No, still the same",
    "Yes",
    "Dear team,",
    "Thanks",
    "The status is unclear to me",
    "- close",
    "1. take",
    "* help",
    "> close",
    "| close",
    "To: support",
    "Case closed on our side, or so I thought",
    "https://example.com/close",
    "/usr/bin/close fails",
    "/etc/hosts is wrong",
    "#1 is the label printer",
    "# Close",
    "! close",
    "12",
    "close-up pictures are attached",
    "can you close",
    "please help",
    "Clothes are missing in the list",
    "Hola",
    "Listo",
    "Lost",
    "Moin",
    "Guten Tag",
    "Tere!",
    "Aitäh",
    "-- ",
    "...",
    "Kind regards",
)


@pytest.mark.parametrize("line", PROSE_OF_CUSTOMERS)
def test_customers_prose_is_no_command(line: str):
    reading = read(line, CUSTOMER)
    assert not reading.commands
    assert not reading.refused
    assert reading.words == line.strip()


PROSE_OF_MEMBERS = (
    "Merge the two documents first",
    "Merging takes a minute",
    "Take a look at the cable",
    "Take care",
    "take it or leave it",
    "Assign this to somebody who knows the module",
    "Priority of this is high for us as well",
    "Type of printer and serial number would help",
    "Status update: we have found the cause",
    "Status is that we wait for a part",
    "Close the program and start it again",
    "Note that the cable must be plugged in",
    "Notes are attached below for you",
    "For example the label printer",
    "For now please use the other one",
    "Ask your administrator for the password",
    "Ask him?",
    "Fix is on its way",
    "Fix?",
    "Fixed it for you",
    "Fixing this takes two days",
    "Estimate will follow tomorrow",
    "Reopen the window",
    "Reopen the file and save it",
    "Send us the log file",
    "Send it as is to the printer",
    "Confirm with the button at the bottom",
    "Help is on its way",
    "Jake,",
    "Hello Mari,",
    "Hi",
    "Dear Mr. Fixit,",
    "We will take this over",
    "take\tcare of it",
    "Please note: the service is down on Sunday",
    "The priority is P1",
    "@anna take",
    "P1",
    "I'll ask.",
    "not yet",
    "As you know, the part is late",
    "Forward the mail to us",
    "Tasks are listed below",
    "Typed it in again and it works",
    "Taken care of",
    "Closing time is five",
    "helpful hints are attached",
)


@pytest.mark.parametrize("line", PROSE_OF_MEMBERS)
def test_members_prose_is_no_command(line: str):
    reading = read(line, MEMBER)
    assert not reading.commands
    assert not reading.refused
    assert reading.words == line


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Hello Mari,\ntake", id="a greeting before it"),
        pytest.param("I will do that.\n\npriority P1", id="a sentence and a blank line before it"),
        pytest.param("take\nWe come tomorrow.\nfix", id="below words that stand below a command"),
    ],
)
def test_bare_word_below_prose_is_prose(text: str):
    last = text.rsplit("\n", maxsplit=1)[-1]
    reading = read(text, MEMBER)
    assert last in reading.words
    assert last not in [given.line for given in reading.commands]


def test_sigil_is_a_command_below_prose():
    reading = read("We come tomorrow.\n\n#take\nBest regards", MEMBER)
    assert commands(reading) == [("take", "")]
    assert reading.words == "We come tomorrow.\n\nBest regards"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param("nto", "did you mean 'note'?", id="nto alone on the first line"),
        pytest.param("nto.\nThe customer owes us money", "did you mean 'note'?", id="nto with text below it"),
        pytest.param("noet: the customer owes us money", "did you mean 'note'?", id="noet with text behind it"),
        pytest.param("tkae", "did you mean 'take'?", id="two letters swapped"),
        pytest.param("tak", "did you mean 'take'?", id="a letter missing"),
        pytest.param("fixx", "did you mean 'fix'?", id="a letter too many"),
        pytest.param("priorty P1", "did you mean 'priority'?", id="a misspelt word with a good argument"),
        pytest.param("priority hihg", "does not take 'hihg'; it takes P1, P2", id="a misspelt priority"),
        pytest.param("priority", "needs to say which", id="a priority without its name"),
        pytest.param("priority P1 please", "does not take 'P1 please'", id="a name with more behind it"),
        pytest.param("priority: soon", "does not take 'soon'", id="a wrong name behind a colon"),
        pytest.param("type Falut", "it takes IT Help, Fault, Improvement or", id="a misspelt type"),
        pytest.param("status Fixd", "does not take 'Fixd'", id="a misspelt status"),
        pytest.param("assign carla@example.com", "does not take 'carla@example.com'", id="nobody of ours"),
        pytest.param("assign anna", f"it takes {ANNA}", id="a first name"),
        pytest.param("take: now", "'take' stands alone on its line", id="a word that takes nothing"),
        pytest.param("help prioritty", "it takes priority or type", id="a misspelt topic"),
        pytest.param("for kai@", "does not take 'kai@'", id="half an address"),
        pytest.param("for kai@x.test opened yesterday", "does not take", id="an instant in words"),
        pytest.param("for kai@x.test opened 2026-02-30 09:30", "does not take", id="a day that no month has"),
        pytest.param("for kai@x.test opened 2026-02-03 25:30", "does not take", id="an hour that no day has"),
        pytest.param("send it", "it takes as is", id="send without as is"),
        pytest.param("priority High: it burns", "does not take 'High: it burns'", id="words behind a colon"),
        pytest.param("priority P1: it burns", "does not take 'P1: it burns'", id="words behind a good name"),
        pytest.param("assign second line: look", "does not take", id="no team of ours, with words behind a colon"),
        pytest.param("type of it: a fault", "it takes IT Help", id="a label that is no type"),
        pytest.param("status Fixed: at last", "does not take", id="a status with words behind a colon"),
        pytest.param("#urgent", "there is no command 'urgent'; there are help", id="an unknown word with a sigil"),
        pytest.param("Our answer.\n#tkae", "did you mean 'take'?", id="a misspelt word with a sigil below prose"),
        pytest.param("#take now", "stands alone", id="a sigil and an argument too many"),
        pytest.param("#priority", "needs to say which", id="a sigil and no argument"),
        pytest.param("#status hihg", "does not take 'hihg'", id="a sigil and a wrong status"),
        pytest.param(f"status {'x' * (LONGEST_ARGUMENT + 1)}\n#note", "", id="an endless argument"),
    ],
)
def test_near_miss_is_refused_and_says_what_would_be_right(text: str, hint: str):
    reading = read(text, MEMBER)
    if hint:
        assert hint in reading.refused[0].reason
    else:
        assert not [given for given in reading.commands if given.word == "status"]


def test_word_without_choices_of_its_own_says_so():
    reading = read("assign x", [Word(word="assign", takes=MEMBER[0].takes, read=lambda _: None)])
    assert not reading.commands
    alone = read("#assign x", [Word(word="assign", takes=MEMBER[0].takes, read=lambda _: None)])
    assert alone.refused[0].reason == "'assign' does not take 'x'; it takes nothing"


@pytest.mark.parametrize("slip", ["nto", "priority hihg", "priority: hihg", "status Fixd"])
def test_near_miss_in_the_block_of_commands_is_refused(slip: str):
    reading = read(f"take\n{slip}\nnote: they owe us money", MEMBER)
    assert [refused.line for refused in reading.refused] == [slip]
    assert not reading.words


def test_near_miss_below_prose_is_prose():
    reading = read("take\nWe come tomorrow.\nnto", MEMBER)
    assert commands(reading) == [("take", "")]
    assert reading.words == "We come tomorrow.\nnto"


def test_ten_commands_run_and_eleven_do_not():
    lines = ["take"] * MOST_COMMANDS
    assert not read("\n".join(lines), MEMBER).refused
    refused = read("\n".join([*lines, "take"]), MEMBER).refused
    assert [one.reason for one in refused] == ["more than 10 commands in one mail"]


def test_text_keeps_its_blank_lines_and_loses_the_outer_ones():
    reading = read("take\n\n\nFirst.\n\n  Second.\n\n", MEMBER)
    assert reading.words == "First.\n\n  Second."


def test_mail_without_text_says_nothing():
    assert read("", MEMBER) == Reading()


def test_process_without_estimates_has_no_word_to_approve_them():
    plain = [status.model_dump() | {"approval": False} for status in modera().statuses]
    entries = vocabulary(changed(modera(), status=plain), a_directory(), member=False)
    assert {entry.word.word for entry in entries} == {
        "help",
        "status",
        "reopen",
        "close",
        "confirm",
        "escalate",
        "list",
        "unwatch",
    }


def test_company_word_may_be_for_customers_only():
    own = {"word": "urgent", "who": ["customer"], "to": "In progress", "notice": "answer"}
    process = changed(modera(), command=[own])
    assert "urgent" in {e.word.word for e in vocabulary(process, a_directory(), member=False)}
    assert "urgent" not in {e.word.word for e in vocabulary(process, a_directory(), member=True)}


def test_priority_without_a_title_is_known_by_its_name():
    high = [p.model_dump() | {"title": ""} for p in modera().priorities]
    entries = vocabulary(changed(modera(), priority=high), a_directory(), member=True)
    assert commands(read("priority P2", [e.word for e in entries])) == [("priority", "P2")]


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("take", "take", 0),
        ("tkae", "take", 1),
        ("tak", "take", 1),
        ("taxe", "take", 1),
        ("ttake", "take", 1),
        ("tk", "take", 2),
        ("t", "status", 3),
    ],
)
def test_slips_are_counted(one: str, other: str, slips: int):
    assert distance(one, other) == slips
