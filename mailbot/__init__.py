"""A support desk that lives by mail."""

__version__ = "0.1.0"
