"""Parts of a page that a reader opens by a click: accordions, tabs, "read more".

They are hidden as long as nobody clicks, and they are text of the policy all the same.
"""

import re
from typing import cast

from lxml.etree import _Element

from pipelines.extraction import audit, dom
from pipelines.extraction.reader import is_hidden
from pipelines.extraction.tidy import link_density

_PANEL = re.compile(
    r"accordion|collaps|expand|panel|toggle|tab-?(?:content|pane|body)|faq|read-?more|more-?text"
    r"|answer|drawer|disclosure|slide-?(?:down|content)",
    re.I,
)
_HIDING = re.compile(r"(^|;)\s*display\s*:\s*none\s*(?:!important\s*)?", re.I)
_MAY_HIDE = frozenset(("hidden", "aria-hidden", "style"))
_QUOTED = re.compile(r"""['"]#?([\w:.-]{1,80})['"]""")
_LABELS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt", "button", "summary"))
_Attributed = list[tuple[_Element, dict[str, str]]]  # elements with their attributes
PROSE = 20  # words; fewer are a label or a tooltip, unless their like hold more
TEXTAREA = 50  # words; fewer are a form's


def open_panels(body: _Element) -> int:
    """Make visible what a click would show, and text what stands in a form's field or buttons.

    Panels of one manner (tag, class, role) are opened together if one of them holds prose, or all
    together do. Returns how many were.
    """
    for area in list(body.iter("textarea")):
        if len(dom.raw_text(area).split()) >= TEXTAREA:
            area.tag = "pre"
    # one pass for all: an XPath for each question takes three times as long
    found = [(e, dict(e.items())) for e in body.iter() if e.tag != dom.TEXT]
    elements = cast(_Attributed, found)
    targets = _targets(elements)
    for button in list(body.iter("button")):
        _unbutton(button, targets)
    manners: dict[tuple[str, ...], list[_Element]] = {}
    for element, attributes in elements[1:]:
        if _MAY_HIDE.isdisjoint(attributes) or not is_hidden(element):
            continue
        if _is_panel(element, targets) and _is_of_text(element):
            manner = str(element.tag), element.get("class", ""), element.get("role", "")
            manners.setdefault(manner, []).append(element)
    opened = 0
    for panels in manners.values():
        words = [len(dom.raw_text(panel).split()) for panel in panels]
        if max(words) >= PROSE or sum(words) >= 2 * PROSE:
            for panel in panels:
                _open(panel)
            opened += len(panels)
    return opened


def _open(panel: _Element) -> None:
    for name in ("hidden", "aria-hidden"):
        if name in panel.attrib:
            del panel.attrib[name]
    panel.set("style", _HIDING.sub(r"\1", panel.get("style", "")))


def _unbutton(button: _Element, targets: dict[str, _Element]) -> None:
    """Make text of a button that heads a panel: readers and audits take buttons out."""
    if any(around.tag in _LABELS for around in button.iterancestors()):
        button.tag = "span"
        return
    controls = (button.get("aria-controls") or button.get("data-target") or "").lstrip("#")
    panel = targets.get(controls)
    if panel is not None and len(dom.raw_text(panel).split()) >= PROSE and _is_of_text(panel):
        button.tag = "h4"


def _targets(elements: _Attributed) -> dict[str, _Element]:
    """Return the elements below the first that the page's controls point at, by their ids."""
    named: set[str] = set()
    for _, attributes in elements:
        for name, value in attributes.items():
            if name in ("aria-controls", "data-target") or value.startswith("#"):
                named.update(value.replace("#", " ").split())
            if name == "onclick" or (name == "href" and value.startswith("javascript:")):
                named.update(_QUOTED.findall(value[:500]))
    found = {given["id"]: element for element, given in elements[1:] if "id" in given}
    return {name: found[name] for name in named & found.keys()}


def _is_panel(element: _Element, targets: dict[str, _Element]) -> bool:
    return (
        element.get("id", " ") in targets
        or element.get("role") in ("tabpanel", "region")
        or element.get("aria-labelledby") is not None
        or _PANEL.search(dom.names_of(element)) is not None
        or _follows_label(element)
    )


def _follows_label(element: _Element) -> bool:
    """Whether it stands right behind a heading or another label."""
    before = next((e for e in element.itersiblings(preceding=True) if e.tag != dom.TEXT), None)
    return before is not None and before.tag in _LABELS


def _is_of_text(element: _Element) -> bool:
    """Whether it is neither a menu nor part of the site's furniture."""
    return (
        link_density(element) < audit.LINKED
        and not audit.is_furniture(element)
        and not any(audit.is_furniture(around) for around in element.iterancestors())
    )
