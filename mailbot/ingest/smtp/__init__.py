"""The listener: a mail server hands mail over by SMTP or LMTP, and hears 250 when the inbox has it."""
