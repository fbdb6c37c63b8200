"""The functional core: what follows from a cause. No clock, no file, no log: the same arguments, the same answer."""
