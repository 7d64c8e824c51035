r"""Regions of random lines and hyperplanes: the hyperplanes {w·x + b = 0} of the neurons of one layer."""

from __future__ import annotations

import math


def zaslavsky(hyperplanes: int, dimension: int) -> int:
    """Regions of N hyperplanes of R^d in general position: sum of C(N, i) for i <= d (T. Zaslavsky, "Facing up to
    arrangements", 1975; for lines J. Steiner, 1826). The most that N hyperplanes can make."""
    return sum(math.comb(hyperplanes, i) for i in range(dimension + 1))


def hit_probability(half: float) -> float:
    r"""P(a line ux + vy + b = 0 with independent N(0, 1) coefficients meets [−a, a]²) = (4/π) arctan(a/√(1 + a²)).

    The line's plane through the origin of R³ is uniform, and meets the square at height 1 if its great circle meets the
    square's image on the sphere. That is a convex quadrangle, and the chance is its perimeter/2π (Crofton's
    formula; L. A. Santaló, "Integral Geometry and Geometric Probability", 1976). Each side is seen from the origin,
    at distance √(1 + a²), under the angle 2 arctan(a/√(1 + a²)).
    """
    return 4 / math.pi * math.atan(half / math.sqrt(1 + half**2))


def crossing_probability(half: float) -> float:
    r"""P(two such lines cross in [−a, a]²) = (2/π) arctan(a²/√(1 + 2a²)).

    They cross in a uniformly random direction of R³ up to sign: the chance is the solid angle of the square over 2π;
    the pyramid over [−a, a]² with height 1 has the solid angle 4 arctan(a²/√(1 + 2a²)).
    """
    return 2 / math.pi * math.atan(half**2 / math.sqrt(1 + 2 * half**2))


def expected_regions(lines: int, half: float) -> float:
    """E of the regions in [−a, a]² of N random lines: 1 + N·hit_probability + C(N, 2)·crossing_probability, since
    each line that meets the square adds a region, and so does each crossing in it."""
    return 1 + lines * hit_probability(half) + math.comb(lines, 2) * crossing_probability(half)
