"""What glibc does with memory that was freed."""

import ctypes
import sys

_ARENAS, _MAPPED = -8, -3  # M_ARENA_MAX and M_MMAP_THRESHOLD of malloc.h
_LONG = 65_536  # bytes; most texts and pages are longer


def share_one_arena() -> None:
    """Let all threads to come share one arena: each keeps what was freed in its own, for good.

    What is long is mapped by itself: freed, it goes back at once, and leaves no hole behind.
    """
    _glibc("mallopt", _ARENAS, 1)
    _glibc("mallopt", _MAPPED, _LONG)


def give_back() -> None:
    """Give what was freed back to the system; glibc alone gives back what lies at the end."""
    _glibc("malloc_trim", 0)


def _glibc(function: str, *values: int) -> None:
    """Call a function of glibc; where there is none, nothing happens."""
    if sys.platform == "linux":
        known = getattr(ctypes.CDLL(None), function, None)
        if known is not None:
            known(*values)
