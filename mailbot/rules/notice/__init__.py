"""Who hears what: the people of a case, and the notices to them."""
