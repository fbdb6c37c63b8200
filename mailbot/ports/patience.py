"""How long sending a letter may take: every time that must fit another one stands here, in seconds unless it says else.

A letter is leased for longer than the longest way it can take to the relay, so that no other node sends it meanwhile:

    TURN              letters of one claim that are handed over before it
    HANDING_OVER      from looking for a connection until the final dot is said
    AFTER_DOT         for the answer to it
    SPARE             building the mail, a name server, access tokens, the store

The send loop gives a sign of life every `SIGN_OF_LIFE`, also while it waits for the relay, and is taken for hung only
when there was none for `SILENCE`.
"""

from datetime import timedelta

#: How long letters of one claim are begun; the rest is given back.
TURN = timedelta(seconds=10)

#: The whole of one mail's way up to its final dot, however quickly each single answer comes.
HANDING_OVER = 600.0

#: RFC 5321 section 4.5.3.2.6: a relay may look at the mail for so long before it takes it. Who hangs up earlier sends
#: the mail again that the relay already has.
AFTER_DOT = 600.0

#: What is not the relay's: two access tokens of 30 s each are the longest of it.
SPARE = timedelta(seconds=290)

#: How long a letter's lease holds.
LETTER_LEASE = TURN + timedelta(seconds=HANDING_OVER + AFTER_DOT) + SPARE

#: The longest wait without a sign of life, and how long there may be none before the send loop counts as hung.
SIGN_OF_LIFE, SILENCE = 5.0, 300.0
