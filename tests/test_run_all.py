"""The command line, as its users meet it."""

from __future__ import annotations

import contextlib
import hashlib
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from storage.wording import duration
from tests.command import PATIENCE, QUICK, ROOT, TOY, TOYS, copied, eventually, run_all, started


def query(store: Path, sql: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        return connection.execute(sql).fetchall()


def test_a_batch_stores_every_run_and_judges_every_claim(toy_folder: Path) -> None:
    store = toy_folder / "results.db"
    assert query(store, "SELECT count(*), count(DISTINCT key) FROM run WHERE status = 'ok'") == [(24, 24)]
    assert query(store, "SELECT claim, status, seeds FROM verdict ORDER BY claim") == [
        ("bounded", "supported", 8),
        ("slope", "supported", 8),
        ("variance", "supported", 8),
    ]
    assert query(store, "SELECT state, planned, done, failed, profile FROM batch") == [("finished", 24, 24, 0, "quick")]
    ((command, python),) = query(store, "SELECT command, python FROM batch")
    assert str(command).startswith("python run_all.py --suite")
    assert python == sys.version.split()[0]


def test_the_runs_view_answers_sql_by_hand(toy_folder: Path) -> None:
    rows = query(toy_folder / "results.db", "SELECT n, count(*), avg(square) FROM runs_averages GROUP BY n ORDER BY n")
    assert [(n, count) for n, count, _ in rows] == [(1, 8), (10, 8), (100, 8)]
    # 8 seeds × 400 replicates: the relative standard deviation is 2.5 %; 15 % is six of them.
    assert [float(str(mean)) * int(str(n)) for n, _, mean in rows] == pytest.approx([1, 1, 1], rel=0.15)


def test_a_second_batch_runs_nothing_and_returns_soon(toy_folder: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run_all(toy_folder, *QUICK)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0
    assert "Nothing to run" in done.stdout
    assert "averages.slope     supported" in done.stdout
    assert query(toy_folder / "results.db", "SELECT count(*) FROM batch") == [(1,)]
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert work < 3, "measured 1 s; of processors' time, which other work on the machine does not lengthen"


def test_a_run_of_one_profile_serves_the_others(toy_folder: Path, tmp_path: Path) -> None:
    folder = copied(toy_folder, tmp_path)
    done = run_all(folder, *TOY, "--profile", "deep", "--seeds", "9")
    assert done.returncode == 0, done.stderr
    assert "12 of 36 runs to run" in done.stdout
    assert query(folder / "results.db", "SELECT count(*) FROM run") == [(36,)]
    assert query(folder / "results.db", "SELECT DISTINCT profile, seeds FROM verdict ORDER BY 1") == [
        ("deep", 9),
        ("quick", 8),
    ]


def test_rerun_replaces_runs_under_the_same_keys_with_the_same_bits(toy_folder: Path, tmp_path: Path) -> None:
    folder = copied(toy_folder, tmp_path)
    sql = "SELECT key, fingerprint FROM run ORDER BY key"
    before = query(folder / "results.db", sql)
    done = run_all(folder, *QUICK, "--rerun", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert query(folder / "results.db", sql) == before
    assert query(folder / "results.db", "SELECT DISTINCT batch_id FROM run") == [(2,)]
    assert query(folder / "results.db", "SELECT count(*) FROM metric") == [(48,)]


def test_list_and_dry_run_and_verify_change_nothing(toy_folder: Path) -> None:
    store = toy_folder / "results.db"
    before = hashlib.sha256(store.read_bytes()).hexdigest()
    listed = run_all(toy_folder, *QUICK, "--list")
    assert listed.returncode == 0
    assert "averages" in listed.stdout
    assert "24/24" in listed.stdout
    planned = run_all(toy_folder, *TOY, "--dry-run")
    assert planned.returncode == 0
    assert "96 runs to run" in planned.stdout
    verified = run_all(toy_folder, *QUICK, "--verify", "5", "--workers", "1")
    assert verified.returncode == 0, verified.stderr
    assert "5 of 5 runs compared: every bit equal" in verified.stdout
    assert hashlib.sha256(store.read_bytes()).hexdigest() == before
    assert sorted(path.name for path in toy_folder.iterdir() if path.stat().st_size) == ["results.db"]


def test_a_plan_says_how_long_it_will_take(toy_folder: Path, tmp_path: Path) -> None:
    """From the stored runs of each cell: 10 seconds each, made so here, where one seed of every cell is held."""
    folder = copied(toy_folder, tmp_path / "work")
    with contextlib.closing(sqlite3.connect(folder / "results.db")) as connection, connection:
        connection.execute("UPDATE run SET seconds = 10")
        seeds = connection.execute("SELECT count(DISTINCT seed) FROM run").fetchone()[0]
    plan = run_all(folder, *QUICK, "--dry-run", "--seeds", str(seeds + 3), "--workers", "2").stdout
    cells = query(folder / "results.db", "SELECT count(DISTINCT params) FROM run")[0][0]
    assert isinstance(cells, int)
    assert f"{3 * cells} runs to run: about {duration(15 * cells)} on 2 workers." in plan
    unknown = run_all(tmp_path, *QUICK, "--dry-run", "--seeds", "1", "--workers", "1").stdout
    assert f"{cells} runs to run: about 0.0 s on 1 workers, beside {cells} runs of cells of which none" in unknown


@pytest.mark.parametrize("option", ["--list", "--dry-run"])
def test_looking_creates_no_store(tmp_path: Path, option: str) -> None:
    assert run_all(tmp_path, *QUICK, option).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_verify_finds_a_bit_that_differs(toy_folder: Path, tmp_path: Path) -> None:
    folder = copied(toy_folder, tmp_path)
    ((key, run),) = query(folder / "results.db", "SELECT key, id FROM run WHERE seed = 2 ORDER BY id LIMIT 1")
    with contextlib.closing(sqlite3.connect(folder / "results.db")) as connection, connection:
        connection.execute("UPDATE metric SET value = value * (1 + 1e-15) WHERE run_id = ? AND name = 'square'", (run,))
    done = run_all(folder, *QUICK, "--verify", str(key))
    assert done.returncode == 1
    assert "differs in metric square" in done.stdout


def test_verify_says_when_the_environment_differs(toy_folder: Path, tmp_path: Path) -> None:
    folder = copied(toy_folder, tmp_path)
    with contextlib.closing(sqlite3.connect(folder / "results.db")) as connection, connection:
        connection.execute("""UPDATE batch SET packages = json_set(packages, '$.numpy', '1.0')""")
    done = run_all(folder, *QUICK, "--verify", "1")
    assert done.returncode == 0
    assert "numpy 1.0 is now" in done.stdout


def test_a_failed_run_gives_status_1_and_is_tried_again(tmp_path: Path) -> None:
    arguments = ("--suite", str(TOYS), "--only", "troubles", "--profile", "quick")
    for batch in (1, 2):
        done = run_all(tmp_path, *arguments)
        assert done.returncode == 1
        assert f"Batch {batch}: {10 if batch == 1 else 8} of 10 runs to run" in done.stdout
        assert "ArithmeticError: <b>the run raised</b>" in done.stdout
    store = tmp_path / "results.db"
    assert query(store, "SELECT status, count(*) FROM run GROUP BY status ORDER BY 1") == [("failed", 8), ("ok", 2)]
    assert query(store, "SELECT status, because FROM verdict") == [("undecided", "2 of 10 runs")]
    ((error,),) = query(store, "SELECT error FROM run WHERE params ->> 'trouble' = 'raise' LIMIT 1")
    assert "Traceback" in str(error)
    assert query(store, "SELECT count(*) FROM runs_troubles") == [(2,)]


def test_a_refuted_claim_gives_status_3(tmp_path: Path) -> None:
    source = (TOYS / "averages.py").read_text()
    assert "return 1.0 / cell.n" in source
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "wrong.py").write_text(source.replace("return 1.0 / cell.n", "return 2.0 / cell.n"))
    done = run_all(tmp_path, "--suite", "suite", "--only", "wrong", "--profile", "quick")
    assert done.returncode == 3
    assert query(tmp_path / "results.db", "SELECT claim, status FROM verdict WHERE status <> 'supported'") == [
        ("variance", "refuted")
    ]


def test_a_changed_formula_is_judged_anew_without_new_runs(tmp_path: Path) -> None:
    (tmp_path / "suite").mkdir()
    source = (TOYS / "averages.py").read_text()
    arguments = ("--suite", "suite", "--only", "law", "--profile", "quick")
    (tmp_path / "suite" / "law.py").write_text(source.replace("return 1.0 / cell.n", "return 2.0 / cell.n"))
    assert run_all(tmp_path, *arguments).returncode == 3
    (tmp_path / "suite" / "law.py").write_text(source)
    done = run_all(tmp_path, *arguments)
    assert done.returncode == 0, done.stdout
    assert "Nothing to run" in done.stdout


def test_a_new_experiment_is_one_new_file(tmp_path: Path) -> None:
    (tmp_path / "suite").mkdir()
    shutil.copy(TOYS / "averages.py", tmp_path / "suite" / "brand_new.py")
    listed = run_all(tmp_path, "--suite", "suite", "--list", "--profile", "quick")
    assert "brand_new" in listed.stdout
    assert run_all(tmp_path, "--suite", "suite", "--only", "brand_new", "--profile", "quick").returncode == 0
    store = tmp_path / "results.db"
    assert query(store, "SELECT title, chapter FROM experiment WHERE name = 'brand_new'") == [
        ("The variance of an average", 1)
    ]
    assert query(store, "SELECT count(*) FROM runs_brand_new") == [(24,)]


def test_the_store_may_be_named_by_the_environment(tmp_path: Path) -> None:
    assert run_all(tmp_path, *QUICK, "--seeds", "1", THEORY_LAB_STORE="elsewhere.db").returncode == 0
    assert [path.name for path in tmp_path.glob("*.db")] == ["elsewhere.db"]


def test_a_port_in_use_is_said_before_anything_runs(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run_all(tmp_path, *QUICK, "--serve", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "cannot listen on 127.0.0.1" in done.stderr
    assert "in use" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_dashboard_beside_a_batch_stays_until_ctrl_c(tmp_path: Path) -> None:
    with started(tmp_path, *QUICK, "--serve", "0") as batch:
        assert batch.stdout is not None
        first = batch.stdout.readline()
        port = int(first.removeprefix("Dashboard: http://127.0.0.1:").removesuffix("/\n"))
        assert eventually(lambda: finished(tmp_path / "results.db"))
        assert batch.poll() is None
        assert answers(port)
        batch.send_signal(signal.SIGINT)
        out, err = batch.communicate(timeout=PATIENCE)
    assert batch.returncode == 0, err
    assert "The dashboard stays until Ctrl-C." in out
    assert not answers(port)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def finished(store: Path) -> bool:
    try:
        return store.exists() and query(store, "SELECT count(*) FROM verdict") == [(3,)]
    except sqlite3.OperationalError:  # not there yet
        return False


def test_a_table_of_ones_own_is_run_and_verified(tmp_path: Path) -> None:
    """On the guide's question of one's own data: the runs are keyed by the file's content, and found again."""
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((60, 3))
    lines = [",".join(f"{value:.6f}" for value in (*row, row.sum())) for row in rows]
    (tmp_path / "mine.csv").write_text("\n".join(["a,b,c,y", *lines]))
    command = ("--data", "mine.csv", "--only", "features_on_data", "high_dimensional_regression", "--seeds", "2")
    done = run_all(tmp_path, *command)
    assert done.returncode == 0, done.stderr
    assert "12 runs done" in done.stdout
    assert "Nothing to run" in run_all(tmp_path, *command).stdout
    assert "every bit equal" in run_all(tmp_path, "--verify", "3").stdout
    (tmp_path / "mine.csv").write_text("\n".join(["a,b,c,y", *lines[::-1]]))
    assert "12 of 12 runs to run" in run_all(tmp_path, *command).stdout


def test_help_names_every_option_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    text = subprocess.run(
        [sys.executable, "run_all.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for option in (
        "--profile",
        "--only",
        "--seeds",
        "--workers",
        "--suite",
        "--store",
        "--list",
        "--scheduler",
        "--dry-run",
        "--rerun",
        "--verify",
        "--serve",
        "--data",
        "--target",
    ):
        assert option in text
        assert option in readme
