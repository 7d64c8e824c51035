"""Queries to begin with, one for each need; they read the same on both databases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Example:
    """`views` are the views of experiments that it reads; `chart` are choices of the chart that show it best."""

    need: str
    sql: str
    views: tuple[str, ...] = ()
    chart: Mapping[str, str] = field(default_factory=dict)


EXAMPLES = (
    Example(
        need="Which claims are refuted or undecided, and why",
        sql="""SELECT experiment, claim, profile, status, estimate, low, high, predicted_low, predicted_high, because
FROM verdict WHERE status <> 'supported' ORDER BY status, experiment, claim;""",
    ),
    Example(
        need="A metric against width, beside its theory",
        sql="""SELECT width, count(*) AS seeds, avg(excess_kurtosis) AS kurtosis, 15.0 / width AS theory
FROM runs_gaussian_limit
WHERE layers = 1 AND activation = 'relu' AND readout = 'gaussian'
GROUP BY width ORDER BY width;""",
        views=("runs_gaussian_limit",),
        chart={"kind": "line", "x": "width", "y": "kurtosis|theory", "axes": "loglog"},
    ),
    Example(
        need="Mean over seeds with its standard error",
        sql="""SELECT size, mean, sqrt(sum((value - mean) * (value - mean)) / (n - 1) / n) AS standard_error, n
FROM (SELECT size, value, avg(value) OVER (PARTITION BY size) AS mean, count(*) OVER (PARTITION BY size) AS n
      FROM width_convergence WHERE experiment = 'gaussian_limit' AND metric = 'excess_kurtosis') AS runs
WHERE n > 1 GROUP BY size, mean, n ORDER BY size;""",
        views=("runs_gaussian_limit",),
        chart={"x": "size", "y": "mean", "axes": "loglog"},
    ),
    Example(
        need="Local slopes: does the exponent settle as width grows?",
        sql="""SELECT size, (ln(mean) - ln(lag(mean) OVER (ORDER BY size)))
             / (ln(size) - ln(lag(size) OVER (ORDER BY size))) AS slope
FROM (SELECT size, avg(value) AS mean FROM width_convergence
      WHERE experiment = 'gaussian_limit' AND metric = 'excess_kurtosis' GROUP BY size) AS means
ORDER BY size;""",
        views=("runs_gaussian_limit",),
        chart={"kind": "line", "x": "size", "y": "slope", "axes": "logx"},
    ),
    Example(
        need="Two arms compared on the same seeds",
        sql="""SELECT relu.width, count(*) AS pairs, avg(relu.excess_kurtosis - tanh.excess_kurtosis) AS difference,
  avg(CASE WHEN relu.excess_kurtosis > tanh.excess_kurtosis THEN 1.0 ELSE 0.0 END) AS relu_is_greater
FROM runs_gaussian_limit AS relu
JOIN runs_gaussian_limit AS tanh USING (seed, width, layers, readout)
WHERE relu.activation = 'relu' AND tanh.activation = 'tanh'
GROUP BY relu.width ORDER BY relu.width;""",
        views=("runs_gaussian_limit",),
        chart={"kind": "line", "x": "width", "y": "difference", "axes": "logx"},
    ),
    Example(
        need="A learning curve, mean and extremes over seeds",
        sql="""SELECT step, x, avg(y) AS mean, min(y) AS least, max(y) AS greatest
FROM learning_curve WHERE experiment = 'xor_training' GROUP BY curve, step, x ORDER BY curve, step;""",
        views=("runs_xor_training",),
        chart={"kind": "line", "x": "x", "y": "mean|least|greatest"},
    ),
    Example(
        need="Accuracy under attack, by norm and method",
        sql="""SELECT norm, method, epsilon, avg(accuracy) AS accuracy
FROM robustness GROUP BY norm, method, epsilon ORDER BY 1, 2, 3;""",
        chart={"kind": "line", "x": "epsilon", "colour": "method"},
    ),
    Example(
        need="Every metric against every size",
        sql="SELECT experiment, metric, size_name, size, avg(value) FROM width_convergence GROUP BY 1, 2, 3, 4;",
    ),
    Example(
        need="The points behind refuted verdicts",
        sql="""SELECT experiment, claim, series, x, y, evidence.low, evidence.high,
  evidence.predicted_low, evidence.predicted_high
FROM verdict JOIN evidence ON evidence.verdict_id = verdict.id
WHERE status = 'refuted' AND series NOT LIKE 'theory%' ORDER BY experiment, claim, series, step;""",
    ),
    Example(
        need="Where the time goes",
        sql="""SELECT experiment, count(*) AS runs, sum(seconds) AS seconds, max(seconds) AS longest
FROM run GROUP BY experiment ORDER BY seconds DESC;""",
        chart={"kind": "bars", "x": "experiment", "y": "seconds"},
    ),
    Example(
        need="Failed runs, with their traceback",
        sql="SELECT id AS run_id, experiment, params, seed, error FROM run WHERE status = 'failed' ORDER BY id;",
    ),
    Example(
        need="Runs that produced the same bits",
        sql="""SELECT fingerprint, count(*) AS runs, min(experiment) AS experiment, min(id) AS run_id
FROM run WHERE status = 'ok' GROUP BY fingerprint HAVING count(*) > 1 ORDER BY runs DESC;""",
    ),
    Example(
        need="The guide's snippets, and the verdicts on what replaced them",
        sql="""SELECT number, chapter, heading, snippet.experiment, count(verdict.id) AS verdicts,
  sum(CASE WHEN status = 'supported' THEN 1 ELSE 0 END) AS supported
FROM snippet LEFT JOIN verdict ON verdict.experiment = snippet.experiment
GROUP BY number, chapter, heading, snippet.experiment ORDER BY number;""",
    ),
    Example(
        need="What the metrics mean",
        sql="SELECT experiment, name, unit, text FROM metric_info ORDER BY experiment, position;",
    ),
)


def examples(relations: Collection[str]) -> list[Example]:
    """Those whose views there are."""
    return [example for example in EXAMPLES if all(view in relations for view in example.views)]
