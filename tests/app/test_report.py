"""Reports: one file that opens in a real browser without any request, and holds what the pages show."""

from __future__ import annotations

import base64
import io
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from app import ReportError, write_report
from app.figures.look import DARK, SERIES, figure
from app.panels import claims, fields
from app.reader import Reader
from app.report.document import MOST_ROWS, Figures
from app.text.markup import written
from app.views import Drawn
from storage import open_store
from tests.app import gallery
from tests.app.conftest import ARTEFACTS, wait_until
from tests.command import run_all


@pytest.fixture(scope="session")
def report(filled: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "lab.html"
    write_report(open_store(filled), file)
    return file


@pytest.fixture
def alone(browser: Browser) -> Iterator[Page]:
    """A page without a network. At the end: no request but for the file itself, no error."""
    wrong: list[str] = []
    with browser.new_context(offline=True, accept_downloads=True) as window:
        page = window.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else wrong.append(request.url),
        )
        yield page
    assert wrong == []


def test_it_opens_from_a_file_without_a_network(report: Path, alone: Page) -> None:
    files: list[str] = []
    alone.on("request", lambda request: files.append(request.url) if request.url.startswith("file:") else None)
    alone.goto(report.as_uri())
    expect(alone.locator("h1")).to_have_text("Claims and verdicts")
    expect(alone.locator(".claim")).to_have_count(5)
    slope = alone.locator("[id='fluctuation.slope']")
    expect(slope.locator(".mark")).to_have_text("supported")
    expect(slope).to_contain_text("−1.001 [−1.020, −0.982], n = 12")
    expect(slope.locator(".statement math")).to_have_count(1)
    expect(alone.locator("#fluctuation > .prose strong").first).to_have_text("one")
    slope.scroll_into_view_if_needed()
    wait_until(alone, "() => document.querySelector('[id=\"fluctuation.slope\"] .plot').data?.length")
    ARTEFACTS.mkdir(exist_ok=True)
    alone.screenshot(path=ARTEFACTS / "report.png")
    assert files == [report.as_uri()]


def test_the_matrix_leads_to_the_claims(report: Path, alone: Page) -> None:
    alone.goto(report.as_uri())
    alone.get_by_role("link", name="level: refuted").click()
    expect(alone.locator("[id='fluctuation.level']")).to_be_in_viewport()


def test_it_says_how_it_was_made(report: Path, alone: Page) -> None:
    alone.goto(report.as_uri())
    for fact in ("python run_all.py --profile standard", "0123abc", "numpy 2.4.6", "a processor"):
        expect(alone.locator("#making")).to_contain_text(fact)


def test_it_is_light_and_dark(report: Path, alone: Page) -> None:
    alone.goto(report.as_uri())
    alone.locator("[id='fluctuation.slope'] .plot").scroll_into_view_if_needed()
    color = "() => document.querySelector('[id=\"fluctuation.slope\"] .plot').data.at(-1).marker?.color"
    drawn = "() => document.querySelector('[id=\"fluctuation.slope\"] .plot').dataset.drawn === 'yes'"
    wait_until(alone, drawn)
    light = str(alone.evaluate(color))
    assert light in SERIES
    alone.get_by_role("button", name="Dark or light").click()
    wait_until(alone, f"() => ({color})() === '{DARK[light]}'")
    assert alone.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 21, 24)"


def test_the_numbers_of_a_figure_are_those_of_the_page(report: Path, alone: Page, read: Reader) -> None:
    alone.goto(report.as_uri())
    with alone.expect_download() as saved:
        alone.locator("[id='fluctuation.level'] .save-csv").click()
    assert saved.value.suggested_filename == "fluctuation.level.csv"
    shown = claims.draw(read, {"experiment": "fluctuation", "claim": "level"})
    text = Path(saved.value.path()).read_text()
    assert text == shown.numbers.to_csv(index=False)
    assert len(pd.read_csv(io.StringIO(text))) == len(shown.numbers)


def test_it_is_printed_with_all_figures(report: Path, alone: Page) -> None:
    alone.goto(report.as_uri())
    alone.evaluate(
        "() => { window.print = () => { window.printed = document.querySelectorAll('.plot[data-drawn]').length; }; }"
    )
    alone.get_by_role("button", name="Print").click()
    wait_until(alone, "() => window.printed !== undefined", timeout=120_000)
    assert alone.evaluate("window.printed === document.querySelectorAll('.plot[data-figure]').length")
    assert len(alone.pdf()) > 20_000


def test_text_of_the_store_is_text(report: Path, alone: Page) -> None:
    alone.goto(report.as_uri())
    hostile = alone.locator("#hostile")
    expect(hostile.locator("h2")).to_contain_text("<script>window.hacked=1</script>")
    expect(hostile.locator("img, script")).to_have_count(0)
    assert alone.evaluate("window.hacked") is None
    assert alone.evaluate("[...document.links].filter((link) => link.protocol === 'javascript:').length") == 0


def test_it_fits_a_phone(report: Path, alone: Page) -> None:
    alone.set_viewport_size({"width": 390, "height": 844})
    alone.goto(report.as_uri())
    assert alone.evaluate("document.documentElement.scrollWidth") <= 390


def test_of_one_experiment_it_has_that_alone(filled: str, tmp_path: Path, alone: Page) -> None:
    ended = run_all(tmp_path, "--report", "one.html", "--only", "hostile", "--store", filled)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Report: one.html (")
    alone.goto((tmp_path / "one.html").as_uri())
    expect(alone.locator(".experiment")).to_have_count(1)
    expect(alone.locator("#hostile")).to_be_visible()


def test_without_a_store_there_is_one_sentence_and_no_file(tmp_path: Path) -> None:
    ended = run_all(tmp_path, "--report", "lab.html", "--store", "none.db")
    assert ended.returncode == 2
    assert ended.stderr == "The store none.db holds no experiment yet, so there is nothing to report.\n"
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_experiment_is_named_with_the_nearest(filled: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"holds no experiment hostil; did you mean hostile\."):
        write_report(open_store(filled), tmp_path / "lab.html", ["hostil"])
    assert list(tmp_path.iterdir()) == []


def test_where_it_cannot_be_written_the_old_one_stays(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "lab.html"
    file.write_text("the report before")

    def full(self: Path, _text: str, **_options: object) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ReportError, match="No space left on device"):
        write_report(open_store(filled), file, ["hostile"])
    assert file.read_text() == "the report before"
    assert list(tmp_path.iterdir()) == [file]


def test_pages_give_reports_of_the_lab_an_experiment_and_a_view(dashboard: str, tmp_path: Path, alone: Page) -> None:
    addresses = {
        "lab": "/report.html",
        "one": "/report.html?only=hostile",
        "view": "/export/evidence.html?experiment=fluctuation&claim=slope",
    }
    counts = {}
    for name, address in addresses.items():
        with urllib.request.urlopen(dashboard + address) as answer:
            assert answer.headers["Content-Disposition"].startswith("attachment")
            (tmp_path / f"{name}.html").write_bytes(answer.read())
        alone.goto((tmp_path / f"{name}.html").as_uri())
        counts[name] = (alone.locator(".experiment").count(), alone.locator(".plot").count())
    assert counts["lab"][0] == 2
    assert counts["one"][0] == 1
    assert counts["view"] == (0, 1)
    wait_until(alone, "() => document.querySelector('.plot').data?.length")


@pytest.mark.parametrize("address", ["/report.html?only=none", "/export/none.html", "/export/evidence.html?claim=none"])
def test_a_report_of_nothing_is_refused_in_one_sentence(dashboard: str, address: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(dashboard + address)
    assert refused.value.code == 404
    said = refused.value.read().decode()
    assert said.count("\n") == 1
    refused.value.close()


def test_it_shows_the_fields_of_one_run_and_says_which(tmp_path: Path, alone: Page) -> None:
    gallery.fill(str(tmp_path / "gallery.db"))
    with open_store(str(tmp_path / "gallery.db")) as store:
        write_report(store, tmp_path / "fields.html")
        first = fields.first_pictures(Reader(store), gallery.GALLERY)
    assert first is not None
    found, pictures = first
    alone.goto((tmp_path / "fields.html").as_uri())
    section = alone.locator("#gallery")
    expect(section.get_by_text(f"Fields of run {found.run_id}: ")).to_contain_text(f"seed {found.params['seed']}")
    expect(section.locator(".field-grid .plot")).to_have_count(len(pictures))
    kinds = set()
    for place in range(len(pictures)):
        plot = section.locator(".field-grid .plot").nth(place)
        plot.scroll_into_view_if_needed()
        expect(plot).to_have_attribute("data-drawn", "yes")
        kinds |= set(plot.evaluate("(plot) => plot.data.map((trace) => trace.type)"))
    assert {"heatmap", "contour", "bar", "scatter"} <= kinds
    alone.screenshot(path=ARTEFACTS / "report-fields.png", full_page=True)


def test_numbers_that_would_fill_the_file_stay_in_the_store() -> None:
    figures, numbers = Figures(), pd.DataFrame({"x": range(MOST_ROWS + 1)})
    many = written([figures.node("many", Drawn(figure=figure([]), table=numbers), "")])
    few = written([figures.node("few", Drawn(figure=figure([]), table=numbers[1:]), "")])
    assert "5,001 rows, which the dashboard exports" in many
    assert "save-csv" not in many
    assert "save-csv" in few
    held = [orjson.loads(zlib.decompress(base64.b64decode(kept))) for kept in figures.kept]
    assert ["csv" in each for each in held] == [False, True]
