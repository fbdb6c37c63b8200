"""When clocks start, rest and are met, and what happens when they run out."""
