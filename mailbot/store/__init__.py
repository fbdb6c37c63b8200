"""What survives: inbox, cases, history, outbox and deadlines in SQL, the people in a TinyDB document.

Adapters of `mailbot.ports`; they know the domain types and nothing of rules, mail servers or the time.
"""
