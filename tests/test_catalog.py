"""Files become experiments by lying in a folder; a file that cannot be used gets one sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.batch import run_key
from experiments.catalog import CatalogError, describe, find, load

TOY = (Path(__file__).parent / "toys" / "averages.py").read_text()


def test_a_file_in_a_folder_is_an_experiment(tmp_path: Path) -> None:
    (tmp_path / "my_averages.py").write_text(TOY)
    entry = find([tmp_path])["my_averages"]
    assert entry.text.startswith("The variance of an average of $n$")
    record = describe(entry)
    assert [(info.name, info.type, info.is_size) for info in record.params] == [
        ("n", "int", True),
        ("pause", "float", False),
    ]
    assert record.guide_params == {"n": 10, "pause": 0.0}
    assert [claim.kind for claim in record.claims] == ["Equals", "PowerLaw", "Always"]


def test_experiments_come_by_chapter() -> None:
    chapters = [entry.experiment.chapter for entry in find().values()]
    assert chapters == sorted(chapters)


BROKEN = [
    ("import nonsense_that_is_not_there", "does not import: ModuleNotFoundError"),
    ("1 +", "does not import: SyntaxError"),
    ("raise SystemError('two\\nlines')", "does not import: SystemError: two lines"),
    ("EXPERIMENT = 3", "has no EXPERIMENT"),
    (TOY.replace('r"""', 'DOCSTRING = r"""', 1).replace("from __future__ import annotations", ""), "has no docstring"),
    (TOY.replace("run=run,", ""), "must give either run or run_ensemble"),
    (TOY.replace("chapter=1", "chapter=17"), "has chapter 17"),
    (TOY.replace('size="n"', 'size="m"'), "names the size m"),
    (TOY.replace("frozen=True, ", ""), "needs a frozen dataclass"),
    (TOY.replace('Annotated[int, "numbers in an average"]', "int"), "must declare its parameter n"),
    (TOY.replace('"deep"', '"deeper"'), "must have the profiles quick, standard, deep"),
    (TOY.replace("n=(1, 10, 100)), seeds=8", "n=(1, 1)), seeds=8"), "has a cell twice in its profile quick"),
    (TOY.replace("n=(1, 10, 100)), seeds=8", "n=(1.0,)), seeds=8"), "gives n = 1.0"),
    (TOY.replace("guide=Params(n=10)", "guide=Params(n=11)"), "leaves the guide's own cell out"),
    (TOY.replace('"largest": Metric', '"n": Metric'), "calls a parameter and a metric n"),
    (TOY.replace('"largest": Metric', '"seed": Metric'), "uses the name seed"),
    (TOY.replace('"largest": Metric', '"Größte": Metric'), "uses the name 'Größte'"),
    (TOY.replace('role="learning"', 'role="robustness"'), "METHOD_NORM"),
    (TOY.replace('x="n"', 'x="m"'), "draws the claim variance over m"),
    (TOY.replace('metric="largest"', 'metric="larger"'), "judges the claim bounded on larger"),
]


@pytest.mark.parametrize(("source", "problem"), BROKEN, ids=[problem for _, problem in BROKEN])
def test_a_file_that_cannot_be_used_gets_one_sentence(tmp_path: Path, source: str, problem: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(source)
    with pytest.raises(CatalogError) as raised:
        find([tmp_path])
    message = str(raised.value)
    assert problem in message
    assert str(path) in message
    assert "\n" not in message


def test_a_folder_that_is_not_there_and_a_name_that_is_there_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="does not exist"):
        find([tmp_path / "nowhere"])
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "twice.py").write_text(TOY)
    with pytest.raises(CatalogError, match="Two suite files are called twice"):
        find([tmp_path / "one", tmp_path / "two"])


def test_keys_tell_runs_apart_and_do_not_depend_on_the_order_of_parameters(tmp_path: Path) -> None:
    (tmp_path / "averages.py").write_text(TOY)
    entry = load(tmp_path / "averages.py")
    key = run_key(entry, {"n": 1, "pause": 0.0}, 0)
    assert key == run_key(entry, {"pause": 0.0, "n": 1}, 0)
    assert len({key, run_key(entry, {"n": 2, "pause": 0.0}, 0), run_key(entry, {"n": 1, "pause": 0.0}, 1)}) == 3
