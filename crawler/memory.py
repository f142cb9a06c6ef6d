"""How glibc keeps memory that was freed."""

import ctypes
import sys

_ARENAS = -8  # M_ARENA_MAX of malloc.h


def share_one_arena() -> None:
    """Let all threads to come share one arena: each keeps what was freed in its own, for good.

    Where there is no glibc, nothing happens.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_ARENAS, 1)
