import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.networks import lstm
from gan_lab.spec import DataSpec

SPEC = DataSpec("demo", "series", 3, (12,), ("a", "b"))
LABEL = torch.tensor([0, 1])


@pytest.mark.parametrize("conditioning", ["concat", "film"])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
@torch.no_grad()
def test_trace_shows_the_states_that_make_the_series(cell, conditioning):
    generator = lstm.Generator(
        SPEC, 40, width=8, layers=2, cell=cell, conditioning=conditioning
    ).eval()
    z = torch.randn(2, 40)
    layers = generator.trace(z, LABEL)
    assert len(layers) == 2
    made = generator.output(layers[-1].hidden)
    torch.testing.assert_close(made, generator(z, LABEL), rtol=0, atol=1e-5)


def test_plain_cell_has_no_trace():
    generator = lstm.Generator(SPEC, 40, width=8, cell="rnn")
    with pytest.raises(UserError, match="has no gates"):
        generator.trace(torch.randn(2, 40), LABEL)


@torch.no_grad()
def test_global_part_sets_the_first_state():
    generator = lstm.Generator(SPEC, 40, width=8, repeat=False).eval()
    z = torch.randn(2, 40)
    other = z.clone()
    other[:, : generator.split.shared] *= -1
    gap = (generator(other, LABEL) - generator(z, LABEL)).abs().amax((0, 1))
    assert gap[0] > 1e-3


@torch.no_grad()
def test_path_is_a_learned_map_of_the_latent():
    generator = lstm.Generator(SPEC, 5, width=8, local=0, path=4)
    z = torch.randn(2, 5)
    expected = generator.path.weight @ z.T + generator.path.bias[:, None]
    torch.testing.assert_close(generator.noise(z), expected.T.reshape(2, 4, 12))


def test_layers_need_an_input():
    with pytest.raises(UserError, match="the layers need an input"):
        lstm.Generator(SPEC, 5, local=0, repeat=False)


def test_self_fed_generator_needs_noise():
    with pytest.raises(UserError, match="local is 0"):
        lstm.SelfFedGenerator(SPEC, 5, local=0)
