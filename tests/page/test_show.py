"""Callbacks without a browser: what they answer, and that it fits into JSON."""

import base64
import io
import json
import time

import numpy as np
import pytest
import torch
from PIL import Image
from plotly.utils import PlotlyJSONEncoder

from gan_lab.errors import UserError
from gan_lab.explore.view import View, unpack
from gan_lab.page.atlas import Atlas
from gan_lab.page.callbacks.enter import query_of
from gan_lab.page.callbacks.inversion import _deadline, found
from gan_lab.page.callbacks.saving import checked, latent, picture, values
from gan_lab.page.callbacks.show import shown
from gan_lab.page.layout import channels_of, content
from gan_lab.page.stage import Stage
from gan_lab.page.workbench import Bench, Workbench
from gan_lab.render.images import to_rgb

KINDS = ("images", "series", "points")


@pytest.fixture(scope="module")
def benches(explorers):
    return {
        kind: Bench("run", one, Atlas(one), Stage(one), lambda _: None)
        for kind, one in explorers.items()
    }


def sources(part):
    if isinstance(part, dict):
        own = [part["src"]] if "src" in part else []
        return own + [s for value in part.values() for s in sources(value)]
    return [s for each in part for s in sources(each)] if isinstance(part, list) else []


def encoded(part):
    return json.loads(json.dumps(part, cls=PlotlyJSONEncoder))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("show", ["one", "many"])
def test_every_modality_is_shown(benches, kind, show):
    parts = shown(benches[kind], {"n": 4, "seed": "3", "m.z1": "2", "show": show})
    stage, gauge, words, dynamics, message, state = encoded(list(parts))
    assert stage
    assert gauge
    assert words
    assert message == ""
    assert bool(dynamics) == (kind == "series" and show == "one")
    z = unpack(state["z"], 12)
    assert torch.equal(z, benches[kind].explorer.latent(View(seed=3, moves={"z1": 2.0})))
    assert state["n"] == 4
    assert set(state["places"]) == {"latents", "data"}


def test_pixels_are_those_of_the_generator(benches):
    bench = benches["images"]
    stage = encoded(shown(bench, {"n": 1, "seed": "8", "label": "two", "m.jacobian1": "1.5"})[0])
    uri = sources(stage)[0]
    pixels = np.array(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))
    view = View(seed=8, label="two", moves={"jacobian1": 1.5})
    x = bench.explorer.generator.generate(bench.explorer.latent(view), label="two")
    assert np.array_equal(pixels, to_rgb(x, bench.explorer.spec)[0])
    assert len(np.unique(pixels)) > 4


@pytest.mark.parametrize("kind", KINDS)
def test_page_of_every_modality(benches, kind):
    view = View(seed=2, moves={"local-1": 0.5, "z0": 1.0})
    page = json.dumps(encoded(content(benches[kind], view, {"show": "many"})))
    for name in ("seed", "psi", "stage", "map", "upload", "save-csv", "local-list"):
        assert f'"id": "{name}"' in page
    assert '"seed": "2"' in page
    assert ("Class" in page) == (kind == "images")


@pytest.mark.parametrize("kind", KINDS)
def test_map_leads_where_it_was_clicked(benches, kind):
    bench = benches[kind]
    now = bench.explorer.show(View(seed=1))
    z = unpack(bench.atlas.at("latents", 0.5, -0.75, now.z)["z"], 12)
    place = bench.atlas.latents.plane.place(z)[0].tolist()
    assert place == pytest.approx([0.5, -0.75], abs=1e-5)
    found_again = bench.atlas.at("data", *bench.atlas.data.xy[5].tolist(), now.z)
    assert torch.equal(unpack(found_again["z"], 12), bench.explorer.generator.latents(400, 0)[5:6])
    assert ("label" in found_again) == (kind == "images")
    with pytest.raises(UserError, match="inside its frame"):
        bench.atlas.at("latents", float("nan"), 0.0, now.z)


def test_place_of_a_sample_on_the_map_of_data(benches):
    bench = benches["images"]
    label = bench.explorer.generator.labels(400, 0)
    x = bench.explorer.generator.generate(bench.explorer.generator.latents(400, 0), label)
    name = bench.explorer.spec.classes[int(label[5])]
    given = bench.atlas.at("data", *bench.atlas.data.xy[5].tolist(), torch.zeros(1, 12))
    now = bench.explorer.show(View("given", given=given["z"], label=name))
    assert torch.allclose(now.x, x[5:6], atol=1e-4)
    assert bench.atlas.place("data", now) == pytest.approx(
        bench.atlas.data.xy[5].tolist(), abs=1e-4
    )


def test_saved_files(benches):
    wanted = {"seed": "4", "m.z2": "1", "label": "one"}
    bench = benches["images"]
    now = bench.explorer.show(View.from_query(wanted))
    name, content_bytes = picture(bench, wanted)
    assert name == "sample.png"
    assert np.array_equal(
        np.array(Image.open(io.BytesIO(content_bytes))), to_rgb(now.x, bench.explorer.spec)[0]
    )
    saved = json.loads(latent(bench, wanted)[1])
    assert saved["z"] == now.z[0].tolist()
    assert View.from_query(saved["view"]) == View.from_query(wanted)
    series = benches["series"]
    rows = values(series, {"seed": "4"})[1].decode().split("\n")
    assert rows[0] == "up,down"
    assert len(rows) == 24 + 2
    first = series.explorer.spec.to_units(series.explorer.show(View(seed=4)).x)[0, :, 0]
    assert [float(v) for v in rows[1].split(",")] == pytest.approx(first.tolist(), rel=1e-6)
    assert Image.open(io.BytesIO(picture(series, {"seed": "4"})[1])).width > 100


@pytest.mark.parametrize("name", ["", " ", "1st", "../x", "a/b", "<b>", "x" * 41, "é"])
def test_names_of_directions_are_plain(name):
    with pytest.raises(UserError, match="give the direction a name"):
        checked(name)


def test_spaces_in_names_are_underscores():
    assert checked(" stroke width ") == "stroke_width"


def test_inversion_comes_back_as_a_start(benches):
    bench = benches["series"]
    target = bench.explorer.show(View(seed=30)).x
    base, words = found(bench, target, {})
    x = bench.explorer.show(View("given", given=base["z"])).x
    assert float((x - target).square().mean()) < 1e-3 * float(target.var())
    assert "Root mean square error" in json.dumps(encoded(words))


def test_inversion_stops_at_its_deadline():
    tell = _deadline(0.01)
    time.sleep(0.02)
    with pytest.raises(UserError, match="took longer than"):
        tell(0.5)


def test_channels_of_a_link_exist():
    assert channels_of({}, 10) == [0, 1]
    assert channels_of({"channels": "7,2,99,x,-1"}, 10) == [2, 7]
    assert channels_of({"channels": "0,1,2,3,4,5"}, 6) == [0, 1, 2, 3]


def test_link_is_read_as_text():
    assert query_of("?seed=3&label=a%20b&m.z0=1") == {"seed": "3", "label": "a b", "m.z0": "1"}
    assert query_of(None) == {}
    assert query_of("?" + "&".join(f"k{i}=1" for i in range(500))) == {}


def test_workbench_tells_why_it_failed():
    def fail(tell):
        tell("Reading")
        raise UserError("run.yaml is missing")

    bench = Workbench(fail)
    assert not bench.wait(0.0)
    bench.begin()
    assert bench.wait(5.0)
    assert (bench.stage, bench.error, bench.ready) == ("Reading", "run.yaml is missing", False)
    with pytest.raises(UserError, match=r"run\.yaml is missing"):
        _ = bench.bench
