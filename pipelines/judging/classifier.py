"""Step 7: is a text a privacy policy? A small linear model over concepts, explained.

A policy says, stretch after stretch, what somebody does with facts about people. So the model
counts concepts and not words, and above all the stretches in which concepts stand together: data
about people, with what is done with them, by whom, and who else gets them. Shares of a text count
and not its length. `tests/benchmarks/train_judge.py` trains it, measures it and writes
`judge_weights.json`.

A text in a language without a vocabulary gets no score, because the model would find nothing in
it and call every policy something else; such a text is never refused. The same holds where nobody
can tell the language, unless the text is too short to be a policy in any.
"""

import json
import math
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pipelines.judging.vocabulary import Found, find, languages
from pipelines.text.language import FEWEST_LETTERS

FOR = ("privacy", "personal data", "cookies", "data law", "use", "recipients", "we", "you")
AGAINST = (
    "terms",
    "liability",
    "court",
    "ownership",
    "selling",
    "broken",
    "writing about",
    "conduct",
    "banner",
)
_ONLY_TOGETHER = ("particulars", "collect", "keep", "pass on")

# Sets of concepts are numbers with a bit for each, because a policy has hundreds of stretches.
_BIT = {name: 1 << i for i, name in enumerate((*FOR, *AGAINST, *_ONLY_TOGETHER))}
_DATA = _BIT["personal data"] | _BIT["particulars"]
_DONE = _BIT["collect"] | _BIT["use"] | _BIT["keep"] | _BIT["pass on"]
_BY = _BIT["we"] | _BIT["you"]
_TOGETHER = {
    "data and what is done": (_DATA, _DONE),
    "data, what is done, people": (_DATA, _DONE, _BY),
    "personal data, what is done, people": (_BIT["personal data"], _DONE, _BY),
    "data, passed on, recipients": (_DATA, _BIT["pass on"], _BIT["recipients"]),
}
_FILE = Path(__file__).with_name("judge_weights.json")
_LONGEST = 40_000
_STEP, _BLOCK = 10, 30
_SMOOTHING = 100
_HEADING, _OPENING = 10, 60
_MOST_AGAINST = 0.3
_REASONS = 6


class Verdict(NamedTuple):
    """How likely a text is a privacy policy (0 to 1; None: not judged), and the reasons.

    A reason is a measure of the model with what it adds to the score (+) or takes from it (-),
    strongest first; `little` where a text has less of it than the texts that the model learnt from.
    """

    score: float | None
    reasons: tuple[str, ...]


def score(title: str, plain: str, language: str | None) -> Verdict:
    """Return the verdict on a text without markup; `language` is its ISO 639-1 code."""
    if sum(map(str.isalpha, plain[:1000])) < FEWEST_LETTERS:
        return Verdict(0.0, ("hardly any text",))
    if language not in languages():
        return Verdict(None, (f"language {language or 'unknown'} is not judged",))
    weights = _weights()
    shares = {}
    for name, value in features(f"{title}\n{plain}", language).items():
        mean, scale, weight = weights[name]
        named = f"little {name}" if value < mean else name
        shares[named] = weight * (value - mean) / scale
    total = weights["bias"][2] + sum(shares.values())
    strongest = sorted(shares.items(), key=lambda share: -abs(share[1]))[:_REASONS]
    return Verdict(
        round(1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), 4),
        tuple(f"{value:+.2f} {name}" for name, value in strongest),
    )


def features(text: str, language: str) -> dict[str, float]:
    """Return the model's measures of a text, of which 40,000 characters are read.

    How often what speaks for a policy is named (per thousand words, as a logarithm); how the text
    begins; the share of stretches of twenty words that name what speaks for or against one.
    """
    found = find(text[:_LONGEST], language)
    counts = Counter(concept for _, concept in found.places)
    measures = {name: math.log1p(1000 * counts[name] / (found.words + _SMOOTHING)) for name in FOR}
    measures["begins with privacy"] = float(_named(found, "privacy", _HEADING))
    measures["opens as terms"] = float(_named(found, "terms", _OPENING))
    return measures | _together(_stretches(found))


def _named(found: Found, concept: str, before: int) -> bool:
    return any(place < before and concept == name for place, name in found.places)


def _stretches(found: Found) -> list[int]:
    """Return the concepts of each stretch of twenty words; a stretch begins every ten."""
    stretches = [0] * (found.words // _STEP + 2)
    for place, concept in found.places:
        stretches[place // _STEP] |= _BIT[concept]
        stretches[place // _STEP + 1] |= _BIT[concept]
    return stretches


def _together(stretches: list[int]) -> dict[str, float]:
    """Return the share of stretches with each combination, in all and where they are densest.

    What speaks against a policy counts only where nothing is said of data: "we report errors".
    """
    measures = {}
    for name, parts in _TOGETHER.items():
        hits = [1] * len(stretches)
        for part in parts:
            hits = [hit and bool(s & part) for hit, s in zip(hits, stretches, strict=True)]
        measures[name] = math.sqrt(sum(hits) / (len(hits) + 3))
        blocks = (sum(hits[i : i + _BLOCK]) for i in range(0, len(hits), _BLOCK // 2))
        measures[f"densest: {name}"] = math.sqrt(max(blocks) / _BLOCK)
    others = [s for s in stretches if not (s & _DATA and s & _DONE)]
    for name in AGAINST:
        share = sum(bool(s & _BIT[name]) for s in others) / (len(stretches) + 5)
        measures[name] = min(_MOST_AGAINST, share)
    return measures


@cache
def _weights() -> dict[str, tuple[float, float, float]]:
    """Load mean, scale and weight of each measure."""
    loaded = json.loads(_FILE.read_text(encoding="utf-8"))["weights"]
    return {name: (mean, scale, weight) for name, (mean, scale, weight) in loaded.items()}
