"""A mail came: which way it goes, by whom it is, and what follows from it."""
