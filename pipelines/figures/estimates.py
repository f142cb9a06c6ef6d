"""Estimates with the interval that the truth lies in, 19 times in 20. Pure.

Policies are taken to be drawn independently of one another: sites that copy one text make an
interval narrower than it should be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, quantile_test

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its interval, and of how many policies it is.

    `low` and `high` are None where there are too few policies for an interval.
    """

    value: float
    low: float | None
    high: float | None
    policies: int


def median(values: Sequence[float], at: float = 0.5) -> Estimate:
    """Return the median of one value or more, or another quantile, with its exact interval.

    The interval comes from the order of the values (Conover, "Practical Nonparametric Statistics",
    section 3.2), so it asks nothing of their distribution; of fewer than six there is none.
    """
    test = quantile_test(values, p=at)
    found = test.confidence_interval(CONFIDENCE)
    ends = (float(found.low), float(found.high))
    low, high = ends if np.isfinite(ends).all() else (None, None)
    return Estimate(float(np.quantile(values, at)), low, high, len(values))


def share(having: int, of: int) -> Estimate:
    """Return a share in percent with its interval (Wilson, JASA 22, 1927); `of` is 1 or more."""
    found = binomtest(having, of).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(100 * having / of, 100 * float(found.low), 100 * float(found.high), of)
