"""How time is counted: wall clocks, service hours, the ledger of a clock, and why it says what it says."""
