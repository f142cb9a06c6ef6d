"""A made archive: sites whose policy, through the years, is known because they were made.

On it discovery is measured, by people who did not write it. Every site is invented and on a
reserved top-level domain; every text was written for this project.
"""

from tests.made_sites import (
    hub_sites,
    language_sites,
    layout_sites,
    mixed_sites,
    move_sites,
    trap_sites,
)
from tests.made_sites.records import MadeSite, Stay

__all__ = ["MadeSite", "Stay", "made_sites"]

_GROUPS = (layout_sites, hub_sites, move_sites, trap_sites, language_sites, mixed_sites)


def made_sites() -> list[MadeSite]:
    """Return all sites, always the same."""
    return [site.made() for group in _GROUPS for site in group.sites()]
