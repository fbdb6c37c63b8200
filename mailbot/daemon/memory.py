"""What a loop does with memory that it needs no more.

glibc keeps what was freed for the next time, for each thread apart, and learns from one large mail to keep as much as
that: four mailboxes with a mail of 30 MB each held a quarter of a gigabyte that nobody used.
"""

import ctypes

#: mallopt(3): blocks of at least so many bytes go back to the system when they are freed.
_M_MMAP_THRESHOLD = -3
_LARGE = 2**20


def give_back_freed() -> None:
    """Have large blocks given back at once; a C library that has no such setting has other ways."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
