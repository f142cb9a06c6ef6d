"""Pages that hold several documents: terms, privacy policy, imprint, one after the other."""

import re
from itertools import pairwise

from lxml.etree import _Element

from pipelines.extraction import dom
from pipelines.extraction.audit import is_furniture
from pipelines.extraction.dom import TEXT

_PRIVACY = re.compile(
    r"privacy|data protection|datenschutz|confidentialité|vie privée|données personnelles"
    r"|privacidad|protección de datos|riservatezza|gegevensbescherming|prywatności|privacidade",
    re.I,
)
_OTHER = re.compile(
    r"\b(?:terms|conditions|user agreement|licen[cs]e agreement|eula|copyright|imprint|legal notice"
    r"|disclaimer|acceptable use|community guidelines|agb|geschäftsbedingungen|nutzungsbedingungen"
    r"|impressum|mentions légales|conditions générales|cgu|cgv|términos|condiciones|aviso legal"
    r"|termini|condizioni|voorwaarden|regulamin|termos|villkor)\b",
    re.I,
)
_DOCUMENT = (  # what may stand behind a document's name
    r"(?:\W+(?:policy|policies|statement|notice|notices|information|declaration|agreement|act|page"
    r"|erklärung|hinweise?|bestimmungen|politique|charte|política|aviso|informativa|beleid|verklaring"
    r"|polityka|use|uso|sale|service|services|conditions?|terms|privacy|cookies?|of|for|and|und|et|y|e"
    r"|en|de|du|la|le|des|d|our|the|this|website|site|web)\b)*"
)
_NAME = re.compile(
    rf"^\W*(?:[\divx]{{1,4}}[.)]\s*)?(?:[\w.’'-]+\W+){{0,3}}?"
    rf"(?:{_PRIVACY.pattern}|{_OTHER.pattern}){_DOCUMENT}\W*$",
    re.I,
)
TITLE_WORDS = 6
INTRODUCTION = 100  # words before the first document
DOCUMENT_WORDS = 250  # fewer are a section of a document, not one


def keep_policy(body: _Element, title: str) -> bool:
    """Take out all but the privacy policy, where a page holds other documents beside it.

    Documents are told by headings of one level that are little more than a document's name, each
    with much text of its own; they are most headings of their level, or begin the text. A page of
    which the title, or the only h1, speaks of privacy and of nothing else is one document, whatever
    its sections are called.
    """
    ones = [dom.text_of(head) for head in body.iterdescendants("h1")]
    for titles in ([title, *ones], ones if len(ones) == 1 else []):
        if _PRIVACY.search(" ".join(titles)) and not any(map(_OTHER.search, titles)):
            return False
    for tag in ("h1", "h2", "h3"):
        level = [head for head in body.iterdescendants(tag) if not _is_outside(head)]
        heads = [head for head in level if _names_document(head)]
        if len(heads) < 2 or not any(_PRIVACY.search(dom.text_of(head)) for head in heads):
            continue
        if 2 * len(heads) < len(level) and _words_before(body, heads[0]) > INTRODUCTION:
            continue
        parts = _parts(body, heads)
        long = [part for part in parts if _words(part[1]) > DOCUMENT_WORDS]
        policies = [part for part in parts if _PRIVACY.search(dom.text_of(part[0]))]
        others = [part for part in long if part not in policies]
        if not others or not any(part in long for part in policies):
            continue
        wanted = {text for _, texts in policies for text in texts}
        for text in list(body.iter(TEXT)):
            if text not in wanted:
                dom.remove(text)
        return True
    return False


def _names_document(head: _Element) -> bool:
    text = dom.text_of(head)
    return 0 < len(text.split()) <= TITLE_WORDS and _NAME.match(text) is not None


def _is_outside(head: _Element) -> bool:
    return any(is_furniture(around) for around in head.iterancestors())


def _words_before(body: _Element, head: _Element) -> int:
    """Count the words of paragraphs that stand before a heading."""
    words = 0
    for node in body.iter("p", str(head.tag)):
        if node is head:
            break
        if node.tag == "p" and not _is_outside(node):
            words += len(dom.raw_text(node).split())
    return words


def _parts(body: _Element, heads: list[_Element]) -> list[tuple[_Element, list[_Element]]]:
    """Return each heading with the texts up to the next one."""
    order = {node: place for place, node in enumerate(body.iter())}
    texts = list(body.iter(TEXT))
    bounds = [*(order[head] for head in heads), len(order)]
    return [
        (head, [text for text in texts if start <= order[text] < end])
        for head, (start, end) in zip(heads, pairwise(bounds), strict=True)
    ]


def _words(texts: list[_Element]) -> int:
    return sum(len((text.text or "").split()) for text in texts)
