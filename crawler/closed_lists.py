"""Closed lists: enumerations whose members say what they mean, for tables and docs alike."""

from enum import StrEnum
from typing import Self


class ClosedList(StrEnum):
    """A member is its name in SQL, with `meaning` in a sentence."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """Make a member from its SQL name and its meaning."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member
