"""Who may log in, here and elsewhere: the agents' passwords, access tokens for mailboxes and the relay."""
