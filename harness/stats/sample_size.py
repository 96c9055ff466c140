"""How large a difference n items can show, and how many items a difference needs: by the noncentral t.

With a standard deviation sd of the paired differences, a true difference d is found with the power asked for where

    d = m(n) * sd / sqrt(n),   m(n): the shift at which T' with n - 1 degrees passes the test's t with that power

m falls to z(1 - alpha) + z(power), 2.486 one-sided and 2.802 two-sided at 5 % and power 0.80, and is larger for few
items (two-sided 2.87 at 43, 3.15 at 10). Source: J. Cohen, *Statistical Power Analysis* (1988), chapter 2; W. Gosset's
test under the alternative as in N. Johnson and B. Welch (1940).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import scipy

from harness.stats.student import t_quantile

POWER = 0.80
Sides = Literal[1, 2]
#: More items than any collection has: beyond it nobody is helped by a number.
MOST_ITEMS = 10**9


@lru_cache(maxsize=256)
def multiplier(n: int, alpha: float = 0.05, power: float = POWER, sides: Sides = 2) -> float:
    """The smallest difference found with ``power``, in standard errors of ``n`` items.

    Raises ValueError for under two items, an alpha outside (0, 0.5) or a power outside (alpha, 1).
    """
    _checked(alpha, power)
    if n < 2:
        raise ValueError(f"a power needs two items at least, got {n}")
    if n > 10_000:  # the noncentral t is the normal to four digits, and its series slow
        return float(scipy.special.ndtri(1.0 - alpha / sides) + scipy.special.ndtri(power))
    critical = t_quantile(n - 1, 1.0 - alpha / sides)
    high = critical + 3.0
    while _missed(n, high, critical) > 1.0 - power:
        high *= 1.5
    return float(scipy.optimize.brentq(lambda shift: _missed(n, shift, critical) - (1.0 - power), 0.0, high))


def detectable_difference(
    sd: float, n: int, alpha: float = 0.05, power: float = POWER, sides: Sides = 2
) -> float:
    """The smallest true mean difference that ``n`` items of deviation ``sd`` show, in their unit."""
    return multiplier(n, alpha, power, sides) * sd / math.sqrt(n)


def power_of(sd: float, n: int, difference: float, alpha: float = 0.05, sides: Sides = 1) -> float:
    """The probability that ``n`` items of deviation ``sd`` show a true ``difference`` > 0."""
    _checked(alpha, 0.5 + alpha / 2)
    if n < 2:
        return 0.0
    if sd <= 0.0:
        return 1.0
    shift, critical = difference * math.sqrt(n) / sd, t_quantile(n - 1, 1.0 - alpha / sides)
    if n > 10_000 or shift > 30.0:
        return float(scipy.special.ndtr(shift - critical))
    return 1.0 - _missed(n, shift, critical)


def items_needed(
    sd: float, difference: float, alpha: float = 0.05, power: float = POWER, sides: Sides = 1
) -> int | None:
    """The fewest items of deviation ``sd`` that show ``difference``; None beyond a milliard.

    Raises ValueError for a difference that is not positive, or as :func:`multiplier`.
    """
    _checked(alpha, power)
    if not difference > 0.0:
        raise ValueError(f"no number of items shows a difference of {difference!r}: give one above 0")
    low, high = 2, 4
    while detectable_difference(sd, high, alpha, power, sides) > difference:
        low, high = high, high * 2
        if high > MOST_ITEMS:
            return None
    if detectable_difference(sd, low, alpha, power, sides) <= difference:
        return low
    while high - low > 1:
        middle = (low + high) // 2
        enough = detectable_difference(sd, middle, alpha, power, sides) <= difference
        low, high = (low, middle) if enough else (middle, high)
    return high


def _missed(n: int, shift: float, critical: float) -> float:
    """Probability that t of n items whose mean is ``shift`` standard errors stays below ``critical``."""
    found = float(scipy.special.nctdtr(n - 1, shift, critical))
    return 0.0 if math.isnan(found) else found  # its series gives up where the probability vanishes


def _checked(alpha: float, power: float) -> None:
    if not 0.0 < alpha < 0.5:
        raise ValueError(f"alpha must lie between 0 and 0.5 (0.05: 5 %), got {alpha!r}")
    if not alpha < power < 1.0:
        raise ValueError(f"a power must lie between alpha and 1 (0.8: 80 %), got {power!r}")
