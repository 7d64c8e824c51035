"""Fields are drawn with the numbers of the run that is chosen, or of the nearest that keeps any."""

from __future__ import annotations

import json
from itertools import pairwise, product

import numpy as np
import pytest
from plotly.utils import PlotlyJSONEncoder
from scipy.interpolate import RegularGridInterpolator

from app.components.later import Awaited, arrived
from app.figures.fields import (
    FIELD_ARRAYS,
    can_be_drawn,
    field_figure,
    field_frame,
    first_layers,
    layers_figure,
    share_a_plane,
)
from app.figures.fields.scales import color_scale, takes_both_signs
from app.figures.fields.solid import height_over
from app.figures.look import DIVERGING, SERIES, Figure, see_through
from app.panels import fields as panel
from app.panels.field_runs import KeptRuns, found_run, kept_runs, run_offers
from app.reader import Reader
from app.views import NothingToDrawError
from storage import open_store
from storage.records import FieldRecord
from tests.app import gallery
from tests.app.test_figures import drawn

FIELDS = {field.name: field for field in gallery.fields(8, 0)}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    path = str(tmp_path_factory.mktemp("gallery") / "results.db")
    gallery.fill(path)
    return Reader(open_store(path))


def kept(read: Reader) -> KeptRuns:
    found = kept_runs(read, gallery.GALLERY)
    assert found is not None
    return found


def made(name: str, **options: bool) -> Figure:
    figure = field_figure(FIELDS[name], **options)  # type: ignore[arg-type]  # only the switches are given here
    assert figure is not None
    return figure


def test_every_kind_that_there_is_can_be_drawn() -> None:
    assert {field.kind for field in FIELDS.values()} == set(FIELD_ARRAYS)
    assert all(can_be_drawn(field) and field_figure(field) for field in FIELDS.values())
    assert field_figure(FieldRecord(name="f", kind="unheard_of", arrays={})) is None
    assert field_figure(FieldRecord(name="f", kind="surface", arrays={"x": np.zeros(2)})) is None


def test_a_surface_is_its_array_with_the_boundary_in_ink() -> None:
    heat, line = made("decision")["data"]
    arrays = FIELDS["decision"].arrays
    for axis in "xyz":
        assert (drawn(heat[axis]) == arrays[axis]).all()
        assert (drawn(line[axis]) == arrays[axis]).all()
    assert (line["contours"]["start"], line["contours"]["end"]) == (0, 0)
    assert heat["zmin"] == -heat["zmax"] == -np.abs(arrays["z"]).max()
    assert heat["colorscale"] == list(DIVERGING)


def test_the_zero_of_a_logarithm_or_of_rounding_is_no_boundary() -> None:
    assert takes_both_signs(FIELDS["bowl"].arrays["z"])
    heat, line = made("bowl", signed=False)["data"]
    assert "start" not in line["contours"]
    assert heat["zmin"] == FIELDS["bowl"].arrays["z"].min()
    assert not takes_both_signs(np.array([-1e-3, 8.0]))
    assert not takes_both_signs(np.array([]))
    assert color_scale(np.array([-1e-3, 8.0]))["zmin"] == -1e-3


@pytest.mark.parametrize(("name", "alike"), [("decision", True), ("attack", True), ("spectrum", False)])
def test_x_and_y_of_one_space_have_one_scale(name: str, alike: bool) -> None:
    assert ("scaleanchor" in made(name)["layout"].get("yaxis", {})) == alike


def test_axes_of_different_things_have_scales_of_their_own() -> None:
    points = {"x": np.arange(20.0), "y": np.linspace(0, 1, 20), "value": np.zeros(20)}
    figure = field_figure(FieldRecord(name="f", kind="points", arrays=points))
    assert figure is not None
    assert "yaxis" not in figure["layout"]


def test_few_whole_values_are_classes_and_others_a_scale() -> None:
    for values, traces in (([0.0, 1.0, 2.0], 3), ([0.5, 0.25, 2.0], 1)):
        arrays = {"x": np.arange(3.0), "y": np.zeros(3), "value": np.array(values)}
        figure = field_figure(FieldRecord(name="f", kind="points", arrays=arrays))
        assert figure is not None
        assert len(figure["data"]) == traces


def test_what_shares_a_plane_is_drawn_together() -> None:
    fields = list(FIELDS.values())
    assert share_a_plane(fields) == ["decision", "distance", "bowl", "regions", "attack", "data"]
    assert first_layers(fields, share_a_plane(fields)) == ["decision", "regions", "attack", "data"]
    assert share_a_plane([FIELDS["decision"], FIELDS["bowl"]]) == []  # nothing to lay over one another
    assert share_a_plane([FIELDS["data"], FIELDS["attack"]]) == []  # nothing to lie on
    far = FieldRecord(name="far", kind="points", arrays={"x": np.array([9.0]), "y": np.zeros(1), "value": np.zeros(1)})
    assert "far" not in share_a_plane([*fields, far])


def test_layers_hold_every_number_and_the_lowest_is_first() -> None:
    names = ["decision", "regions", "attack", "data"]
    figure = layers_figure([FIELDS[name] for name in names])
    heat, _, edges, _, heads, *classes = figure["data"]
    assert (drawn(heat["z"]) == FIELDS["decision"].arrays["z"]).all()
    outline = np.stack([drawn(edges["x"]), drawn(edges["y"])], axis=1)
    corners = {tuple(corner) for corner in outline[~np.isnan(outline[:, 0])].tolist()}
    assert corners == {tuple(corner) for corner in FIELDS["regions"].arrays["vertices"].tolist()}
    assert "fill" not in edges
    assert (drawn(heads["y"])[1::2] == FIELDS["attack"].arrays["y1"]).all()
    for level, trace in enumerate(classes):
        chosen = FIELDS["data"].arrays["value"] == level
        assert (drawn(trace["x"]) == FIELDS["data"].arrays["x"][chosen]).all()
    assert figure["layout"]["yaxis"]["scaleanchor"] == "x"
    alone = layers_figure([FIELDS["regions"]])["data"]
    assert [trace.get("fill") for trace in alone] == ["toself", "toself", None]
    assert layers_figure([FIELDS["data"]])["layout"]["yaxis"]["scaleanchor"] == "x"


def squares(values: list[float]) -> FieldRecord:
    """A row of unit squares with these values."""
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=float)
    vertices = np.concatenate([corners + np.array([place, 0]) for place in range(len(values))])
    arrays = {"vertices": vertices, "offsets": np.arange(0, 4 * len(values) + 1, 4), "value": np.array(values)}
    return FieldRecord(name="regions", kind="polygons", arrays=arrays)


def test_the_scale_beside_regions_says_which_value_each_colour_has() -> None:
    *outlines, bar = layers_figure([squares([2.0, 0.5, 2.0 + 1e-15, 1.0])])["data"]
    scale, ticks = bar["marker"]["colorscale"], bar["marker"]["colorbar"]
    assert ticks["ticktext"] == ["0.5", "1", "2"]
    for place, (left, value) in enumerate(((1, 0.5), (3, 1.0), (0, 2.0))):
        assert drawn(outlines[place]["x"])[0] == left
        middle = ticks["tickvals"][ticks["ticktext"].index(f"{value:g}")] / bar["marker"]["cmax"]
        (color,) = {color for (low, color), (high, _) in pairwise(scale) if low < middle < high}
        assert outlines[place]["fillcolor"] == color
    assert len(drawn(outlines[2]["x"])) == 12  # equal but for rounding: one shade


@pytest.mark.parametrize("count", [13, 24, 100])
def test_where_many_values_share_a_shade_the_scale_says_where_shades_end(count: int) -> None:
    values = np.random.default_rng(0).permutation(count).astype(float)
    *outlines, bar = layers_figure([squares(values.tolist())])["data"]
    ticks = dict(zip(bar["marker"]["colorbar"]["tickvals"], bar["marker"]["colorbar"]["ticktext"], strict=True))
    assert len(outlines) == bar["marker"]["cmax"] == 12
    lefts = [np.floor(drawn(outline["x"])[::6]).astype(int) for outline in outlines]
    assert sorted(np.concatenate(lefts)) == list(range(count))
    for shade in (0, 3, 6, 9):
        assert float(ticks[shade]) == values[lefts[shade]].min()
    assert float(ticks[12]) == count - 1


def test_in_three_dimensions_points_and_arrows_lie_on_the_surface() -> None:
    surface = FIELDS["decision"]
    figure = layers_figure([surface, FIELDS["attack"], FIELDS["data"]], solid=True)
    assert [trace["type"] for trace in figure["data"]] == ["surface", "scatter3d", "scatter3d", "scatter3d"]
    assert (drawn(figure["data"][0]["z"]) == surface.arrays["z"]).all()
    at = RegularGridInterpolator((surface.arrays["y"], surface.arrays["x"]), surface.arrays["z"])
    for trace in figure["data"][2:]:
        x, y, z = (drawn(trace[axis]) for axis in "xyz")
        assert z == pytest.approx(at(np.stack([y, x], axis=1)), rel=1e-12)
    shaft = figure["data"][1]
    x, y, z = (drawn(shaft[axis]) for axis in "xyz")
    inside = ~np.isnan(x) & (y >= -1.5) & (y <= 2)
    assert z[inside] == pytest.approx(at(np.stack([y[inside], x[inside]], axis=1)), rel=1e-12)
    assert np.isnan(z[np.isnan(x)]).all()


def test_outside_the_surface_the_nearest_edge_gives_the_height() -> None:
    arrays = FIELDS["decision"].arrays
    assert height_over(arrays, np.array([99.0]), np.array([99.0]))[0] == arrays["z"][-1, -1]


def test_a_matrix_is_written_as_matrices_are() -> None:
    figure = made("kernel")
    (heat,) = figure["data"]
    assert (drawn(heat["z"]) == FIELDS["kernel"].arrays["z"]).all()
    assert (drawn(heat["x"]) == FIELDS["kernel"].arrays["labels"]).all()
    assert (drawn(heat["y"]) == FIELDS["kernel"].arrays["labels"]).all()
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
    oblong = field_figure(FieldRecord(name="m", kind="matrix", arrays={"z": np.zeros((2, 3)), "labels": np.ones(2)}))
    assert oblong is not None
    assert drawn(oblong["data"][0]["x"]).tolist() == [0, 1, 2]
    assert drawn(oblong["data"][0]["y"]).tolist() == [1, 1]


def test_a_network_s_edges_tell_sign_and_size_and_its_neurons_their_bias() -> None:
    arrays = FIELDS["net"].arrays
    figure = made("net")
    *edges, neurons = figure["data"]
    y = {0: [0.5, -0.5], 1: [1.0, 0.0, -1.0], 2: [0.0]}
    weights = iter(arrays["weights"])
    expected = {((k, a), (k + 1, b)): next(weights) for k in (0, 1) for a, b in product(y[k], y[k + 1])}
    strongest = max(abs(weight) for weight in expected.values())
    seen = 0
    for trace in edges:
        ends = np.stack([drawn(trace["x"]), drawn(trace["y"])], axis=1).reshape(-1, 3, 2)
        for start, end, gap in ends:
            weight = expected[tuple(start), tuple(end)]
            color = SERIES[0] if weight > 0 else SERIES[1]
            shade = np.ceil(abs(weight) / strongest * 6)
            assert trace["line"]["color"] == see_through(color, shade / 6)
            assert trace["line"]["width"] == pytest.approx(0.4 + 0.4 * shade)
            assert np.isnan(gap).all()
            seen += 1
    assert seen == len(arrays["weights"])
    assert (drawn(neurons["marker"]["color"]) == np.concatenate([np.zeros(2), arrays["biases"]])).all()
    assert neurons["marker"]["cmin"] == -neurons["marker"]["cmax"]
    assert [layer["text"] for layer in figure["layout"]["annotations"]] == ["input<br>2", "3", "output<br>1"]


def test_the_law_lies_over_the_histogram(read: Reader) -> None:
    view = panel.draw(read, {"experiment": gallery.NAME, "field": "spectrum"})
    bars, law = view.figure["data"]
    assert float(drawn(bars["width"]) @ drawn(bars["y"])) == pytest.approx(1.0)
    assert view.figure["layout"]["xaxis"]["title"]["text"] == "spectrum"
    assert law["name"] == "density, by the law"
    assert drawn(law["x"]).tolist() == np.linspace(0, 2, 50).tolist()
    assert set(drawn(law["y"])) == {0.5}
    assert set(view.numbers["array"]) == {"edges", "density", "x"}


def test_the_numbers_of_a_view_are_those_of_its_arrays() -> None:
    frame = field_frame([FIELDS["decision"], FIELDS["data"]])
    z = frame[(frame["field"] == "decision") & (frame["array"] == "z")]
    assert (
        z.pivot(index="i", columns="j", values="value").to_numpy().tolist() == FIELDS["decision"].arrays["z"].tolist()
    )
    assert len(frame) == sum(a.size for name in ("decision", "data") for a in FIELDS[name].arrays.values())


@pytest.mark.parametrize(("solver", "width"), [(s, w) for s, kept in gallery.KEPT.items() for w in kept])
def test_choices_draw_the_fields_of_that_run(read: Reader, solver: str, width: int) -> None:
    query = {"experiment": gallery.NAME, "p.solver": solver, "p.width": str(width), "seed": "2"}
    z = next(field for field in gallery.fields(width, 2) if field.name == "decision").arrays["z"]
    assert (drawn(panel.draw(read, {**query, "field": "decision"}).figure["data"][0]["z"]) == z).all()
    assert (drawn(panel.draw_plane(read, query).figure["data"][0]["z"]) == z).all()


def test_where_a_cell_keeps_no_fields_the_nearest_size_is_shown_and_said(read: Reader) -> None:
    runs = kept(read)
    assert len(runs.runs) == 3 * (4 + 2)
    wanted = {"p.solver": "lbfgs", "p.width": "4", "seed": "1"}
    found = found_run(runs, wanted)
    assert found.params == {"width": 8, "solver": "lbfgs", "seed": 1}
    assert found.asked == {"width": 4}
    assert found.said == (
        "No run of solver lbfgs, seed 1 with width 4 keeps its fields; this is the nearest one that does."
    )
    assert found_run(runs, {**wanted, "p.width": "16"}).params["width"] in (8, 32)
    assert found_run(runs, {**wanted, "p.width": "32"}).said == ""


def test_only_values_that_some_run_keeps_fields_at_are_offered(read: Reader) -> None:
    experiment = gallery.GALLERY
    offers = {offer.key: offer for offer in run_offers(kept(read), experiment)}
    assert [value for value, _ in offers["p.width"].options] == ["4", "8", "16", "32"]
    assert [value for value, _ in offers["seed"].options] == ["0", "1", "2"]  # the fourth seed keeps none
    assert {key: offer.look for key, offer in offers.items()} == {
        "p.width": "slider",
        "p.solver": "list",
        "seed": "row",
    }
    assert offers["p.width"].default == "8"  # the guide's


def test_few_figures_are_in_three_dimensions() -> None:
    pictures = panel.pictures(list(FIELDS.values()))
    assert [(view, fixed.get("field")) for view, fixed in pictures] == [
        ("plane", None), ("field", "distance"), ("field", "bowl"), ("field", "kernel"), ("field", "spectrum"),
        ("field", "net"),
    ]  # fmt: skip
    assert [fixed.get("field") for _, fixed in pictures if "solid" in fixed] == [None, "distance"]


def test_layers_of_the_plane_are_chosen(read: Reader) -> None:
    view = panel.draw_plane(read, {"experiment": gallery.NAME, "layers": "data|distance|nonsense"})
    assert [trace["type"] for trace in view.figure["data"]] == ["heatmap", "contour", "scatter", "scatter"]
    assert set(view.numbers["field"]) == {"distance", "data"}
    assert view.caption == "Points by class. Distance to the boundary."
    first = panel.draw_plane(read, {"experiment": gallery.NAME, "layers": "nonsense"})
    assert set(first.numbers["field"]) == {"decision", "regions", "attack", "data"}


def test_a_field_that_this_run_lacks_leaves_room_for_other_choices(read: Reader) -> None:
    awaited = Awaited(view="field", panel="field-x", fixed={"experiment": gallery.NAME, "field": "x"}, follows="fields")
    shown = json.dumps(arrived(read, panel.VIEWS, awaited, [], []).to_plotly_json(), cls=PlotlyJSONEncoder)
    assert "keeps no field 'x'" in shown
    assert "figure-query" in shown  # the choices' callback finds it
    assert "/export/" not in shown


def test_a_run_by_its_id_needs_no_choice(read: Reader) -> None:
    runs = kept(read).runs
    run_id = str(runs.index[-1])
    z = next(f for f in gallery.fields(int(runs.iloc[-1]["width"]), int(runs.iloc[-1]["seed"])) if f.name == "bowl")
    heat, contours = panel.draw(read, {"run": run_id, "field": "bowl"}).figure["data"]
    assert (drawn(heat["z"]) == z.arrays["z"]).all()
    assert "start" not in contours["contours"]  # its text says log10
    with pytest.raises(NothingToDrawError, match="no field 'nonsense'"):
        panel.draw(read, {"run": run_id, "field": "nonsense"})
    with pytest.raises(NothingToDrawError, match="no run '99999'"):
        panel.draw_plane(read, {"run": "99999"})
