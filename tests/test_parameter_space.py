"""Noise in parameter space: the run against scikit-learn's PCA, and the guide's snippet as it stands."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from experiments.suite.parameter_space import EXPERIMENT, GUIDE, MATRIX, Params, cell, law_distance, run
from experiments.theory import spectra


def test_the_guides_analysis_is_that_of_scikit_learn() -> None:
    """The same matrix: the numbers that follow those of the replicates."""
    from sklearn.decomposition import PCA

    params = Params(networks=60, parameters=4)
    outcome = run(params, np.random.default_rng(0))
    rng = np.random.default_rng(0)
    small = [spectra.bidiagonal_wishart(59, 4, rng) for _ in range(200)]
    squares = [np.mean(np.linalg.eigvalsh(np.diag(d) + np.diag(e, 1) + np.diag(e, -1)) ** 2) for d, e in small]
    assert outcome.metrics["second_moment"] == pytest.approx(np.mean(squares), rel=1e-10)
    ordered = np.array([np.linalg.eigvalsh(np.diag(d) + np.diag(e, 1) + np.diag(e, -1)) for d, e in small])
    seconds = ordered[:, -2] / ordered.sum(axis=1)
    assert outcome.metrics["second_share"] == pytest.approx(seconds.mean(), rel=1e-10)
    networks = rng.standard_normal((60, 4))
    pca = PCA(n_components=4).fit(networks)
    assert outcome.metrics["guide_share_1"] == pytest.approx(pca.explained_variance_ratio_[0], rel=1e-10)
    assert outcome.metrics["guide_share_2"] == pytest.approx(pca.explained_variance_ratio_[1], rel=1e-10)
    levels = spectra.marchenko_pastur_cdf(pca.explained_variance_, 59, 4)
    distance = law_distance(np.sort(pca.explained_variance_), 59)
    assert distance == pytest.approx(stats.kstest(levels, "uniform").statistic, rel=1e-10)
    cloud = outcome.fields()["cloud"]
    assert np.abs(cloud["x"]) == pytest.approx(np.abs(pca.transform(networks)[:, 0]), rel=1e-8)


def test_large_matrices_are_drawn_by_their_eigenvalues_only() -> None:
    assert GUIDE.networks * GUIDE.parameters <= MATRIX
    outcome = run(cell(10_000), np.random.default_rng(0))
    assert "guide_share_1" not in outcome.metrics
    assert outcome.fields() == {}
    assert 0 <= outcome.metrics["above_edge"] <= 1


def test_same_seed_gives_the_same_bits() -> None:
    first, again, other = (run(cell(200), np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics


def test_the_snippets_colour_bar_finds_no_axes() -> None:
    """The guide's last lines, without a window. The error is matplotlib's own, of which only this test has need."""
    import matplotlib
    import matplotlib.pyplot as plt

    matplotlib.use("Agg")
    reduced = np.random.RandomState(0).randn(1000, 2)
    plt.figure(figsize=(10, 8))
    plt.scatter(reduced[:, 0], reduced[:, 1], alpha=0.5)
    with pytest.raises(ValueError, match="Unable to determine Axes to steal space for Colorbar"):
        plt.colorbar(plt.cm.ScalarMappable(cmap="viridis"), label="Density")
    plt.close()


def test_the_snippet_as_written_out() -> None:
    """The guide's analysis with its missing import, on the legacy seed 0."""
    from sklearn.decomposition import PCA

    networks = np.random.RandomState(0).randn(1000, 50)
    pca = PCA(n_components=2)
    assert pca.fit_transform(networks).shape == (1000, 2)
    shares = [f"{share:.5f}" for share in pca.explained_variance_ratio_]
    assert shares == ["0.02914", "0.02819"]
    (snippet,) = EXPERIMENT.snippets
    assert all(share in snippet.measured for share in shares)
    assert f"{spectra.top_share(999, 50):.5f}" in snippet.measured
    assert f"{spectra.second_share(999, 50):.5f}" in snippet.measured
