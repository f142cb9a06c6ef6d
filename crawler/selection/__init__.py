"""Step 4: which captures to fetch. Pure: a rule, the captures and what is known of them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from crawler.records import KnownCapture
from crawler.selection.by_group import choose_by_group
from crawler.selection.by_search import BOUND, choose_by_search
from crawler.selection.choice import EMPTY_BODY_DIGEST, Choice, Select
from crawler.selection.version_search import FULL, Rules

__all__ = ["BOUND", "EMPTY_BODY_DIGEST", "Choice", "Select", "choose"]


def choose(
    known: Sequence[KnownCapture],
    rule: Select,
    tried: Collection[UUID] = (),
    search: Rules = FULL,
    *,
    reporting: bool = False,
) -> Choice:
    """Choose what to fetch of one policy's captures, given what earlier fetches gave.

    `known` is in time order; `tried` names the captures that this run has asked for. `versions`
    searches as far as `search` says (`crawler.selection.version_search`), and reports at its end
    or, if `reporting`, each time. Ask again after each round until `fetch` is empty.
    """
    if rule is Select.VERSIONS:
        return choose_by_search(known, tried, search, reporting)
    return choose_by_group(known, rule, tried)
