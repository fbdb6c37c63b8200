"""The composition root and what each command does: the only place where adapters are made. Decides nothing."""
