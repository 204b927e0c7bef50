from dataclasses import replace

import pytest
import torch

from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.explore.direction import directions, move
from gan_lab.explore.explorer import LatentExplorer
from gan_lab.explore.neighbours import RealRows
from gan_lab.explore.view import View, pack
from gan_lab.export.portable import load, save_generator
from gan_lab.latent import Normal, Sphere
from gan_lab.networks.mlp import Generator
from gan_lab.spec import DataSpec

DIGITS = DataSpec(
    "digits", "images", 1, (4, 4), classes=("zero", "one", "two"), scale=(8.0,), offset=(8.0,),
    bounds=(0.0, 16.0), integer=True,
)  # fmt: skip
POINTS = DataSpec("points", "points", 3)


def generator_of(folder, spec, prior="normal", dim=6):
    torch.manual_seed(0)
    network = Generator(spec, dim, width=16)
    made = {"normal": Normal, "sphere": Sphere}[prior](dim)
    save_generator(
        folder, network=network, prior=made, spec=spec,
        generator_config={"_target_": "gan_lab.networks.mlp.Generator", "width": 16},
        latent_config={"_target_": f"gan_lab.latent.{prior}.{prior.capitalize()}", "dim": dim},
    )  # fmt: skip
    return load(folder)


@pytest.fixture(scope="module")
def explorer(tmp_path_factory):
    generator = generator_of(tmp_path_factory.mktemp("g"), DIGITS)
    slant = directions(torch.ones(1, 6), generator.prior, method="supervised", names=["slant"])
    return LatentExplorer(generator, directions=slant)


def test_a_seed_shows_the_sample_of_that_seed(explorer):
    for view in (
        View(seed=5, label="two"),
        View(seed=5),
        View(seed=5, label="one", truncation=0.6),
    ):
        expected = explorer.generator.sample(
            1, seed=5, label=view.label or None, truncation=view.truncation
        )
        assert torch.equal(explorer.spec.to_units(explorer.show(view).x), expected)


def test_given_latents_and_pins_are_kept_bit_for_bit(explorer):
    z = torch.randn(3, 6)
    given, a, b = (pack(row[None]) for row in z)
    assert torch.equal(explorer.latent(View("given", given=given)), z[:1])
    way = View("between", first=a, second=b)
    for t, end in ((0.0, z[1]), (1.0, z[2])):
        assert torch.equal(explorer.latent(replace(way, t=t))[0], end)
    middle = explorer.prior.interpolate(z[1:2], z[2:3], torch.tensor([0.3]))[:, 0]
    assert torch.equal(explorer.latent(replace(way, t=0.3)), middle)
    assert torch.equal(explorer.path(way, 5).z[0, [0, -1]], z[1:])


def test_moves_follow_directions_and_coordinates(explorer):
    start = explorer.start(View(seed=1))
    moved = explorer.latent(View(seed=1, moves={"slant": 2.0, "z4": -1.0}))
    step = moved - start
    scale = explorer.direction("slant", View()).scale
    along = torch.full((6,), 2 * scale / 6**0.5)
    along[4] -= explorer.direction("z4", View()).scale
    assert step[0].tolist() == pytest.approx(along.tolist(), abs=1e-5)
    amounts = torch.tensor([-1.0, 0.0, 1.0])
    path = explorer.traverse(start, "slant", amounts, View())
    expected = move(explorer.prior, start, explorer.directions[0], amounts)[0]
    assert torch.equal(path, expected)
    assert torch.equal(path[1], start[0])


def test_local_directions_are_those_of_the_start(explorer):
    view = View(seed=3, label="one")
    found = explorer.local(view, 3)
    decode = explorer.generator.decoder(explorer.label(view))
    start = explorer.start(view)
    matrix = torch.autograd.functional.jacobian(lambda z: decode(z)[0].flatten(), start)[:, 0]
    _, sigma, vectors = torch.linalg.svd(matrix.double())
    for k, direction in enumerate(found):
        cosine = abs(float(direction.vector.double() @ vectors[k]))
        assert cosine == pytest.approx(1, abs=1e-4)
        share = float(sigma[k] ** 2 / sigma.square().sum())
        assert direction.explained == pytest.approx(share, abs=1e-4)
    assert explorer.local(replace(view, moves={"local-1": 1.0})) is explorer.local(view)
    other = explorer.local(replace(view, seed=4))
    assert not torch.equal(other[0].vector, found[0].vector)


def test_many_have_the_same_moves(explorer):
    view = View(seed=7, label="zero", moves={"slant": 1.0}, truncation=0.8)
    z = explorer.many(view, 3)
    for k in range(3):
        assert torch.equal(z[k : k + 1], explorer.latent(replace(view, seed=7 + k)))


def test_moves_together_become_a_direction(explorer):
    view = View(seed=2, moves={"slant": 1.0, "z0": -2.0})
    found = explorer.edit(view, "mine")
    step = explorer.latent(view) - explorer.start(view)
    assert float(torch.cosine_similarity(found.vector[None], step)) == pytest.approx(1, abs=1e-6)
    assert found.facts["moves"] == {"slant": 1.0, "z0": -2.0}
    with pytest.raises(UserError, match="move a slider first"):
        explorer.edit(View(seed=2), "mine")


def test_sphere_stays_a_sphere(tmp_path):
    explorer = LatentExplorer(generator_of(tmp_path, POINTS, "sphere"))
    z = explorer.latent(View(seed=1, moves={"z0": 1.5, "z3": -2.0}))
    assert float(z.norm()) == pytest.approx(float(explorer.start(View()).norm()), rel=1e-5)
    assert explorer.off_prior(z) == 50


def test_off_prior_tells_far_latents(explorer):
    assert explorer.off_prior(torch.full((1, 6), 5.0)) == 100
    assert explorer.off_prior(torch.zeros(1, 6)) == 0
    assert explorer.label(View(label="two")).tolist() == [2]


def test_inversion_finds_its_own_sample(explorer):
    view = View(seed=9, label="one")
    target = explorer.show(view).x
    found = explorer.invert(target, explorer.label(view), restarts=4, steps=60, polish=60)
    assert float(found.error) < 1e-4 * float(target.var())


def test_class_of_a_sample_is_voted_by_its_neighbours(explorer):
    x = torch.cat([torch.zeros(6, 1, 4, 4), torch.ones(6, 1, 4, 4)])
    x += 0.01 * torch.randn(x.shape)
    label = torch.tensor([1] * 6 + [2] * 6)
    rows = Samples(x, label, DIGITS)
    voter = LatentExplorer(explorer.generator, RealRows(rows, rows))
    assert voter.label_like(torch.ones(1, 1, 4, 4), View())[1] == "two"
    assert voter.label_like(torch.zeros(1, 1, 4, 4), View())[0].tolist() == [1]
    assert explorer.label_like(torch.zeros(1, 1, 4, 4), View(label="zero"))[0].tolist() == [0]


def test_names_are_unique(explorer):
    unit = torch.eye(6)[:1]
    for name in ("slant", "z3", "local-1"):
        with pytest.raises(UserError, match="exists already"):
            explorer.add(directions(unit, explorer.prior, method="edit", names=[name])[0])
    with pytest.raises(UserError, match="wrong length"):
        explorer.add(directions(torch.eye(5)[:1], Normal(5), method="edit", names=["new"])[0])


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (View(moves={"absent": 1.0}), "no direction 'absent'"),
        (View(moves={"z6": 1.0}), "no direction 'z6'"),
        (View(label="nine"), "nine"),
        (View("given", given="AAAA"), "this generator has 6"),
    ],
)
def test_refuses_views_of_other_generators(explorer, view, words):
    with pytest.raises(UserError, match=words):
        explorer.show(view)
