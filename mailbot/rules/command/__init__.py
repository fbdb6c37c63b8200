"""The command language: the table of words, what each takes and does, and how it is answered."""
