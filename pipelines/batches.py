"""A list in parts. Python has `itertools.batched` from 3.12 on."""

from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")


def batches(items: list[T], size: int) -> Iterator[list[T]]:
    """Yield the items in order, `size` at a time; the last part may have fewer."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
