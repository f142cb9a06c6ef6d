"""Spiders: they wire the steps together and hold no rules."""
