"""Trains the judge, measures it by cross-validation and writes its weights,
`pipelines/judging/judge_weights.json`.

    pip install -e .[bench] && python tests/benchmarks/train_judge.py [--write] [--unseen]

Figures are means over four ways to make five folds, with the worst of the four; no company and no
text, nor a cut of it, is in two folds. The labels are the documents' own names, which lie where a
site answered with another page: figures stand for the labels as given and as reviewed
(`judge_review.csv`). `--unseen` judges collections that it did not learn from: the demo archive,
gold, reference, seeds and the real archives (their sites' policies of another year are among the
labels in part; the demo's are not).
"""

import argparse
import json
import random
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).parents[2]))
from judge_data import LABELS, Sample, samples
from judge_unseen import report_unseen

from crawler.settings import POLICY_THRESHOLD
from pipelines.judging.classifier import AGAINST, features, score
from pipelines.judging.vocabulary import languages

WEIGHTS = Path(__file__).parents[2] / "pipelines" / "judging" / "judge_weights.json"
FOLDS, REPEATS, STRENGTH = 5, 4, 0.03
# Half of the policies of 2000 never say "privacy policy" or "personal data": the model also
# learns from every text without what it says by these names.
NAMES = ("privacy", "personal data", "data law", "cookies")
WITHOUT_NAMES = 1.0
THRESHOLDS = (0.5, 0.6, 0.65, 0.7, POLICY_THRESHOLD, 0.75, 0.8)
Matrix = NDArray[np.float64]
Model = tuple[Matrix, Matrix, Matrix, float]
MEASURES = list(features("", "en"))


def main() -> None:
    """Print the figures; with `--write`, train on everything and write the weights first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--unseen", action="store_true")
    options = parser.parse_args()
    if not LABELS.exists():
        sys.exit(f"{LABELS} is not there: nothing to train on")
    found = samples()
    judged = [s for s in found if s.language in languages()]
    x = np.array([list(features(s.text, s.language or "").values()) for s in judged])
    if options.write:
        write(train(x, judged))
    whole = [s.language for s in found if s.kind == "whole"]
    others = Counter(language for language in whole if language not in languages())
    print(f"labels in languages that are not judged, kept as they are: {dict(others)}")
    report(judged, cross_validate(x, judged))
    speed(judged)
    if options.unseen:
        report_unseen(POLICY_THRESHOLD)


def train(x: Matrix, learnt: list[Sample]) -> Model:
    """Fit a logistic regression on the samples whose label is clear.

    What is about privacy may only speak for, and the rest only against: so no chance of the few
    documents makes "names a data protection law" a sign of something else.
    """
    clear = [i for i, sample in enumerate(learnt) if sample.policy is not None]
    blind = x[clear].copy()
    blind[:, [i for i, name in enumerate(MEASURES) if _names(name)]] = 0
    rows = np.vstack([x[clear], blind])
    sides = np.array([1.0 if learnt[i].policy else -1.0 for i in clear] * 2)
    shares = np.array([learnt[i].weight for i in clear])
    shares = np.concatenate([shares, shares * WITHOUT_NAMES])
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    rows = (rows - mean) / scale

    def loss(parameters: Matrix) -> tuple[float, Matrix]:
        weights, bias = parameters[:-1], parameters[-1]
        margins = sides * (rows @ weights + bias)
        pull = -shares * sides / (1 + np.exp(margins))
        gradient = np.append(rows.T @ pull + weights / STRENGTH, pull.sum())
        return shares @ np.logaddexp(0, -margins) + weights @ weights / (2 * STRENGTH), gradient

    against = {*AGAINST, "opens as terms"}
    bounds = [(None, 0) if name in against else (0, None) for name in MEASURES]
    start = np.zeros(len(MEASURES) + 1)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    return mean, scale, best.x[:-1], float(best.x[-1])


def _names(measure: str) -> bool:
    return measure in NAMES or "personal data" in measure


def predict(x: Matrix, model: Model) -> Matrix:
    """Return the scores of rows."""
    mean, scale, weights, bias = model
    return 1 / (1 + np.exp(-((x - mean) / scale @ weights + bias)))


def cross_validate(x: Matrix, judged: list[Sample]) -> Matrix:
    """Return for each repeat and sample the score by a model that knows nothing of its group."""
    answers = np.zeros((REPEATS, len(judged)))
    for repeat in range(REPEATS):
        fold = np.array(_folds([s.group for s in judged], repeat))
        for number in range(FOLDS):
            learn, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            answers[repeat, test] = predict(x[test], train(x[learn], [judged[i] for i in learn]))
    return answers


def _folds(groups: list[str], seed: int) -> list[int]:
    """Give every group, in an order drawn by lot, to the fold that is smallest so far."""
    sizes = Counter(groups)
    order = sorted(sizes)
    random.Random(seed).shuffle(order)
    fold, full = {}, [0] * FOLDS
    for group in sorted(order, key=lambda group: -sizes[group]):
        fold[group] = full.index(min(full))
        full[fold[group]] += sizes[group]
    return [fold[group] for group in groups]


def report(judged: list[Sample], answers: Matrix) -> None:
    """Print the figures by set and threshold, and what the model gets wrong."""
    sets: defaultdict[str, list[int]] = defaultdict(list)
    for i, sample in enumerate(judged):
        for name in _sets(sample):
            sets[name].append(i)
    for name, rows in sorted(sets.items()):
        truth = np.array([judged[i].given if "given" in name else judged[i].policy for i in rows])
        print(f"\n{name}: {truth.sum()} policies, {(~truth).sum()} others")
        for at in THRESHOLDS:
            print(f"  {at:.2f} {_figures(answers[:, rows], truth, at)}")
    print(f"\nwrong on reviewed labels, at {POLICY_THRESHOLD}:")
    mean = answers.mean(axis=0)
    for i in sorted(sets["labels as reviewed"], key=lambda i: float(mean[i])):
        if judged[i].policy != (mean[i] >= POLICY_THRESHOLD):
            print(f"  {mean[i]:.3f} {judged[i].name} {len(judged[i].text.split())} words")


def _sets(sample: Sample) -> list[str]:
    """Name the sets of figures that a sample counts in."""
    whole, clear = sample.kind == "whole", sample.policy is not None
    other_page = sample.kind == "made up" and not sample.policy
    named = {
        "labels as given": whole,
        "labels as reviewed": whole and clear,
        f"labels as reviewed: {sample.language}": whole and clear,
        "labels as reviewed and made-up pages": (whole and clear) or other_page,
        sample.kind: not whole and clear,
    }
    return [name for name, counts in named.items() if counts]


def _figures(answers: Matrix, truth: NDArray[np.bool_], at: float) -> str:
    """Precision and recall over all repeats, and the worst repeat of each."""
    yes = answers >= at
    right = (yes & truth).sum(axis=1)
    precision, recall = right / np.maximum(1, yes.sum(axis=1)), right / max(1, truth.sum())
    return (
        f"precision {precision.mean():.4f} (worst {precision.min():.4f}) "
        f"recall {recall.mean():.4f} (worst {recall.min():.4f})"
    )


def speed(judged: list[Sample]) -> None:
    """Print what a text costs, by the model as it is written."""
    texts = [s for s in judged if s.kind == "whole" and s.policy]
    took = []
    for sample in texts:
        started = time.perf_counter()
        score("", sample.text, sample.language)
        took.append(1000 * (time.perf_counter() - started))
    print(f"\nmilliseconds a policy: median {np.median(took):.2f}, slowest {max(took):.2f}")


def write(model: Model) -> None:
    """Write the weights, rounded so that a diff can be read."""
    rows = {
        name: [round(float(v), 4) for v in row]
        for name, *row in zip(MEASURES, *model[:3], strict=True)
    }
    rows["bias"] = [0.0, 1.0, round(model[3], 4)]
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    about = "Logistic regression; measure: [mean, scale, weight]. Made by train_judge.py."
    WEIGHTS.write_text(f'{{"about": {json.dumps(about)},\n "weights": {{\n{lines}\n }}}}\n')
    print(f"wrote {WEIGHTS}")


if __name__ == "__main__":
    main()
