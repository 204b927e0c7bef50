"""Long series and futures from an exported generator, in original units."""

import numpy as np
import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.export.long import MOST_WINDOWS, continues, futures, sample_long
from gan_lab.export.portable import load, save_generator
from gan_lab.latent import Normal
from gan_lab.networks import lstm, residual, tcn
from gan_lab.spec import DataSpec
from gan_lab.transforms import log_return

NODES = {
    "gan_lab.networks.lstm.Generator": lstm.Generator,
    "gan_lab.networks.lstm.SelfFedGenerator": lstm.SelfFedGenerator,
    "gan_lab.networks.tcn.SelfFedGenerator": tcn.SelfFedGenerator,
    "gan_lab.networks.residual.Generator": residual.Generator,
}
FED = "gan_lab.networks.lstm.SelfFedGenerator"
T, DIM = 8, 20


def levels(n=60):
    rng = np.random.default_rng(0)
    return torch.from_numpy(100 * np.exp(rng.normal(0, 0.01, (n, 2)).cumsum(0)))


def spec_of(**changes):
    values = {
        "transform": log_return().fit(levels()),
        "anchor": tuple(map(tuple, levels()[-1:].tolist())),
        "scale": (0.01, 0.01),
        "channel_names": ("a", "b"),
    }
    return DataSpec("prices", "series", 2, (T,), **{**values, **changes})


def exported(folder, target=FED, spec=None):
    spec, node = spec or spec_of(), {"_target_": target, "width": 8}
    torch.manual_seed(0)
    network = NODES[target](spec, DIM, width=8)
    save_generator(
        folder, network=network, prior=Normal(DIM), spec=spec, generator_config=node,
        latent_config={"_target_": "gan_lab.latent.normal.Normal", "dim": DIM},
    )  # fmt: skip
    return load(folder)


def test_the_training_length_is_the_plain_sample(tmp_path):
    generator = exported(tmp_path, "gan_lab.networks.lstm.Generator")
    assert torch.equal(sample_long(generator, 3, T, seed=4), generator.sample(3, seed=4))
    assert torch.equal(
        sample_long(generator, 3, T, truncation=0.5), generator.sample(3, truncation=0.5)
    )


@pytest.mark.parametrize("target", [FED, "gan_lab.networks.tcn.SelfFedGenerator"])
def test_longer_series_begin_at_the_anchor_whatever_the_batches(tmp_path, target):
    generator = exported(tmp_path, target)
    x = sample_long(generator, 5, 3 * T + 1)
    assert x.shape == (5, 2, 3 * T + 2)
    torch.testing.assert_close(x[:, :, 0], levels()[-1].expand(5, -1))
    torch.testing.assert_close(
        sample_long(generator, 5, 3 * T + 1, batch_size=2), x, rtol=1e-5, atol=0
    )
    assert (sample_long(generator, 5, 3 * T + 1, seed=1) - x).abs().max() > 1e-3


def test_futures_go_on_from_the_last_row_and_see_the_rows_before(tmp_path):
    generator, past = exported(tmp_path), levels(30)
    x = futures(generator, past, 2 * T, 6, seed=3)
    assert x.shape == (6, 2, 2 * T + 1)
    torch.testing.assert_close(x[:, :, 0], past[-1].expand(6, -1))
    assert torch.pdist(x.flatten(1)).min() > 1e-6
    torch.testing.assert_close(
        futures(generator, past, 2 * T, 6, seed=3, batch_size=4), x, rtol=1e-5, atol=0
    )
    moved = past.clone()
    moved[-2] *= 1.05  # another last change, the same last level
    assert (futures(generator, moved, 2 * T, 6, seed=3) - x).abs().max() > 1e-4


def test_futures_of_a_series_of_its_own_are_what_it_would_have_made(tmp_path):
    """Cut a generated path, give its first part: with the same latents the rest comes back."""
    generator = exported(tmp_path)
    network, z = generator.network, generator.latents(1, seed=3)
    with torch.no_grad():
        path, after = network.advance(network.noise(z), network.begin(z))
        rest, _ = network.advance(network.noise(z), after)
    spec = generator.spec
    past = spec.to_units(path)[0].T
    expected = spec.to_units(rest, start=past[-1:])
    torch.testing.assert_close(futures(generator, past, T, 1, seed=3), expected, rtol=1e-5, atol=0)


def test_a_long_past_is_read_back_to_a_limit(tmp_path):
    generator, past = exported(tmp_path), levels(MOST_WINDOWS * T + 40)
    x = futures(generator, past, T, 2)
    torch.testing.assert_close(futures(generator, past[39:], T, 2), x)
    assert (futures(generator, past[41:], T, 2) - x).abs().max() > 0


def test_values_need_no_level(tmp_path):
    spec = spec_of(transform=None, anchor=(), scale=(1.0,), offset=(100.0,))
    x = futures(exported(tmp_path, spec=spec), levels(5), 12, 3)
    assert x.shape == (3, 2, 12)


def test_mistakes_are_told_before_the_work(tmp_path):
    generator = exported(tmp_path / "a", "gan_lab.networks.lstm.Generator")
    with pytest.raises(UserError, match=r"lstm\.Generator does not read .*lstm_self_fed"):
        continues(generator)
    fed = exported(tmp_path / "b")
    with pytest.raises(UserError, match="1 rows of 2 numbers; expected 2 or more rows of 2"):
        futures(fed, levels(1), 5, 3)
    with pytest.raises(UserError, match="expected 2 or more rows of 2"):
        futures(fed, levels(9)[:, :1], 5, 3)
    with pytest.raises(UserError, match="3 series of 0 steps"):
        futures(fed, levels(9), 0, 3)
    with pytest.raises(UserError, match="its logarithm needs a positive number"):
        futures(fed, -levels(9), 5, 3)


def test_one_length_alone(tmp_path):
    generator = exported(tmp_path, "gan_lab.networks.residual.Generator")
    with pytest.raises(UserError, match=r"makes series of 8 steps alone; train with networks=lstm"):
        sample_long(generator, 2, 20)


def test_classes_have_one_future_each(tmp_path):
    generator = exported(tmp_path, spec=spec_of(classes=("calm", "wild")))
    with pytest.raises(UserError, match="one label; give it: calm, wild"):
        futures(generator, levels(9), 5, 3)
    calm, wild = (futures(generator, levels(9), 5, 3, label=k) for k in ("calm", "wild"))
    assert (calm - wild).abs().max() > 0
    assert sample_long(generator, 4, 20, label=torch.tensor([0, 1, 0, 1])).shape == (4, 2, 21)
