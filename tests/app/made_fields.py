"""Fields made by hand: what a run of the small laboratory keeps besides its numbers."""

from __future__ import annotations

import numpy as np

from storage.records import FieldRecord


def fields(rng: np.random.Generator) -> tuple[FieldRecord, ...]:
    """One field of every kind that there is."""
    x = np.linspace(-2, 2, 60)
    z = np.sin(2 * x)[None, :] - x[:, None] + 0.2 * rng.standard_normal()
    at = rng.uniform(-2, 2, (40, 2))
    sides = np.sign(np.sin(2 * at[:, 0]) - at[:, 1])
    squares = [np.array([(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)], float) for i in range(3) for j in range(3)]
    weights = rng.standard_normal(2 * 6 + 6 * 1)
    density, edges = np.histogram(rng.standard_normal(2000), bins=30, density=True)
    return (
        FieldRecord(name="boundary", kind="surface", arrays={"x": x, "y": x, "z": z}),
        FieldRecord(name="data", kind="points", arrays={"x": at[:, 0], "y": at[:, 1], "value": sides}),
        FieldRecord(
            name="attacks",
            kind="arrows",
            arrays={"x0": at[:8, 0], "y0": at[:8, 1], "x1": at[:8, 0] + 0.3, "y1": at[:8, 1] - 0.2 * sides[:8]},
        ),
        FieldRecord(
            name="regions",
            kind="polygons",
            arrays={
                "vertices": np.concatenate(squares),
                "offsets": np.arange(0, 37, 4),
                "value": np.arange(9) % 4,
            },
        ),
        FieldRecord(name="weights", kind="histogram", arrays={"edges": edges, "density": density}),
        FieldRecord(name="net", kind="network", arrays={"sizes": np.array([2, 6, 1]), "weights": weights}),
    )
