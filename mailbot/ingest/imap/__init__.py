"""A mailbox is looked after: what came since the last time goes to the inbox, and only then is marked there."""
