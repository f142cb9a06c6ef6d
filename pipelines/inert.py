"""Archived text made harmless: nothing of it steers a terminal or hides from who reads it. Pure."""

import re

_DIRECTIONS = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_STEERING = (*range(32), *range(127, 160), *_DIRECTIONS)
_CONTROLS = re.compile(f"[{''.join(chr(n) for n in _STEERING if n not in (9, 10))}]")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def shown(text: str) -> str:
    """Return a text with what would steer a terminal written out; lines and tabs stay."""
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def in_xml(text: str) -> str:
    """Return a text as `shown` does, with a sign in the place of what XML 1.0 cannot have."""
    return _NOT_XML.sub("\ufffd", shown(text))


def printable(text: str) -> str:
    """Return a text in one line, without what steers a terminal."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def marked(text: str) -> str:
    """Return a text with a sign in the place of each character that cannot be printed."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
