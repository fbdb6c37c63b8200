"""The sequences around the rules: gather the facts, ask, render, commit. Decides nothing."""
