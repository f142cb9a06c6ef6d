"""What glibc does with memory that was freed."""

import ctypes
import sys

_ARENAS = -8  # M_ARENA_MAX of malloc.h


def share_one_arena() -> None:
    """Let all threads to come share one arena: each keeps what was freed in its own, for good."""
    _glibc("mallopt", _ARENAS, 1)


def give_back() -> None:
    """Give what was freed back to the system; glibc alone gives back what lies at the end."""
    _glibc("malloc_trim", 0)


def _glibc(function: str, *values: int) -> None:
    """Call a function of glibc; where there is none, nothing happens."""
    if sys.platform == "linux":
        known = getattr(ctypes.CDLL(None), function, None)
        if known is not None:
            known(*values)
