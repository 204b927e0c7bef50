import torch

from gan_lab.explore.encoder import fit_encoder, remembered_encoder
from gan_lab.explore.inversion import invert
from gan_lab.latent import Normal
from gan_lab.spec import DataSpec

SERIES = DataSpec("s", "series", 2, (8,))


def decode(z):
    shape = torch.linspace(0, 3, 8)
    return torch.stack([z[:, :1] * shape.sin(), z[:, 1:2] * shape.cos() + z[:, :1]], 1)


def test_it_learns_a_map_that_can_be_undone():
    found = fit_encoder([decode], Normal(2), SERIES, steps=150)
    assert found.explained > 0.97
    z = torch.randn(16, 2)
    assert (found(decode(z)) - z).square().mean() < 0.05


def test_it_is_a_better_start_than_a_draw():
    found = fit_encoder([decode], Normal(2), SERIES, steps=150)
    target = decode(torch.randn(20, 2))
    few = {"restarts": 1, "steps": 0, "polish": 0, "pool": 1}
    drawn = invert(decode, Normal(2), target, **few)
    begun = invert(decode, Normal(2), target, start=found(target), **few)
    assert begun.error.median() < 0.1 * drawn.error.median()


def test_the_file_is_used_again_for_the_same_generator_only(tmp_path):
    few = (Normal(2), SERIES)
    first = remembered_encoder(tmp_path, "abc", [decode], *few, steps=5)
    (path,) = tmp_path.iterdir()
    written = path.stat().st_mtime_ns
    again = remembered_encoder(tmp_path, "abc", [decode], *few, steps=5)
    assert path.stat().st_mtime_ns == written
    x = decode(torch.ones(1, 2))
    assert torch.equal(first(x), again(x))
    assert first.explained == again.explained
    remembered_encoder(tmp_path, "other", [decode], *few, steps=5)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_torn_file_is_written_again(tmp_path):
    first = remembered_encoder(tmp_path, "abc", [decode], Normal(2), SERIES, steps=5)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:40])
    again = remembered_encoder(tmp_path, "abc", [decode], Normal(2), SERIES, steps=5)
    assert torch.equal(first(torch.zeros(1, 2, 8)), again(torch.zeros(1, 2, 8)))


def test_images_and_points_have_encoders_and_labels_take_turns():
    for spec, dim in ((DataSpec("i", "images", 1, (8, 8)), 3), (DataSpec("p", "points", 2), 2)):
        seen = []

        def labelled(k, spec=spec, seen=seen):
            def make(z):
                seen.append(k)
                return z.sum(1).view(-1, *[1] * len(spec.shape)).expand(-1, *spec.shape)

            return make

        found = fit_encoder([labelled(0), labelled(1)], Normal(dim), spec, steps=4)
        assert found(torch.zeros(2, *spec.shape)).shape == (2, dim)
        # Each step generates a batch and what the encoder makes of it.
        assert seen[:6] == [0, 0, 1, 1, 0, 0]
