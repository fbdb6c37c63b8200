"""The way out: the outbox's letters built as mails and handed to the relay."""
