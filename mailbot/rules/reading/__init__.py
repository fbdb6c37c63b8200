"""What a text says: commands, sentences, languages, what must not leave. Reads words; knows nothing of cases."""
