"""How a mail is put together: fields, addresses, parts, charsets and encodings (RFC 5322, RFC 2045 to 2047)."""
