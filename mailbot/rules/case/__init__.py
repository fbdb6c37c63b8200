"""The case and how it changes: places, events folded into a row, a decision in the making."""
