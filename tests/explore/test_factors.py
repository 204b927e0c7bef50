"""GANSpace and SeFa against closed forms on generators whose factors are known."""

import pytest
import torch
from torch import nn

from gan_lab.errors import UserError
from gan_lab.explore.ganspace import ganspace
from gan_lab.explore.jacobian import jacobian
from gan_lab.explore.layer import layer_output
from gan_lab.explore.pullback import mean_metric, spectrum
from gan_lab.explore.sefa import first_affine, sefa
from gan_lab.networks import dcgan, lstm, mlp, residual, tcn
from gan_lab.spec import DataSpec

IMAGES = DataSpec(name="i", modality="images", channels=1, spatial=(8, 8))
LABELLED = DataSpec(
    name="i", modality="images", channels=1, spatial=(8, 8), classes=("a", "b", "c")
)
SERIES = DataSpec(name="s", modality="series", channels=2, spatial=(9,))


def matrix(outputs, dim, seed=0):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(outputs, dim, generator=rng, dtype=torch.float64)


def whitened(n, dim, seed=0):
    """Latents whose sample covariance is the identity to rounding."""
    z = matrix(n, dim, seed)
    return torch.linalg.qr(z - z.mean(0))[0] * (n - 1) ** 0.5


def alike(a, b, tolerance=1e-5):
    """Whether rows agree up to sign."""
    return bool(((a.double() * b.double()).sum(1).abs() > 1 - tolerance).all())


def test_on_a_linear_generator_the_methods_meet_the_svd_of_its_matrix():
    a = matrix(20, 6)
    right = torch.linalg.svd(a)[2]
    z = whitened(500, 6)
    components = ganspace(z, z @ a.T + 3.0, 4)
    assert alike(components.vectors, right[:4])
    sigma = torch.linalg.svdvals(a).square()
    assert torch.allclose(components.variance, (sigma / sigma.sum())[:4], atol=1e-9)
    assert alike(spectrum(mean_metric(lambda z: z @ a.T, z[:8]), 4).vectors, right[:4])
    rows = nn.functional.normalize(a, dim=1)
    factors = sefa(a, 4)
    assert alike(factors.vectors, torch.linalg.svd(rows)[2][:4])
    assert torch.allclose(factors.values, torch.linalg.svdvals(rows)[:4].square(), atol=1e-9)


def test_known_factors_are_found_in_their_order():
    # Each factor moves its own outputs, with its own strength, seen through a rotation of latents.
    turn = torch.linalg.qr(matrix(5, 5))[0]
    strength = torch.tensor([5.0, 4.0, 3.0, 2.0, 1.0], dtype=torch.float64)
    a = torch.block_diag(*[s * torch.ones(3, 1, dtype=torch.float64) for s in strength]) @ turn.T
    z = whitened(400, 5)
    found = spectrum(mean_metric(lambda z: z @ a.T, z[:4]), 5)
    assert alike(found.vectors, turn.T)
    assert torch.allclose(found.shares, strength.square() / strength.square().sum(), atol=1e-9)
    assert alike(ganspace(z, z @ a.T, 5).vectors, turn.T)


def test_a_label_that_moves_everything_is_no_component():
    a, z = matrix(12, 4), whitened(300, 4)
    group = torch.arange(300) % 3
    x = z @ a.T + 100 * matrix(3, 12, 1)[group]
    blind, aware = ganspace(z, x, 2), ganspace(z, x, 2, group=group)
    right = torch.linalg.svd(a)[2][:2]
    assert alike(aware.vectors, right, 2e-3)
    assert not alike(blind.vectors, right, 0.1)


def test_components_of_a_layer_come_through_a_hook():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 3)).double()
    z = whitened(200, 4)
    seen = layer_output(network, "0", lambda: [network(part) for part in z.split(64)])
    assert torch.allclose(seen, network[0](z).detach(), atol=1e-12)
    right = torch.linalg.svd(network[0].weight.detach())[2]
    assert alike(ganspace(z, seen, 3).vectors, right[:3])
    with pytest.raises(UserError, match="no layer '7'; for example 0, 1, 2"):
        layer_output(network, "7", lambda: None)
    with pytest.raises(UserError, match="did not run"):
        layer_output(network, "0", lambda: None)
    assert not network[0]._forward_hooks


def test_too_few_and_constant_samples_are_refused():
    z = whitened(10, 4)
    with pytest.raises(UserError, match="use a larger n"):
        ganspace(z[:3], z[:3], 3)
    with pytest.raises(UserError, match="nothing to analyse"):
        ganspace(z, torch.ones(10, 5), 2)


def generator(network):
    return network.eval().requires_grad_(False)


def test_the_first_affine_map_is_the_columns_that_read_the_latent():
    z = torch.randn(3, 6)
    plain = generator(mlp.Generator(IMAGES, 6, width=16))
    assert torch.equal(first_affine(plain, z), plain.body.hidden[0].linear.weight)
    labelled = generator(mlp.Generator(LABELLED, 6, width=16))
    found = first_affine(labelled, z, torch.tensor([0, 1, 2]))
    assert torch.equal(found, labelled.body.hidden[0].linear.weight[:, :6])
    cnn = generator(dcgan.Generator(IMAGES, 6, width=8))
    assert torch.equal(first_affine(cnn, z), cnn.project.weight)
    assert first_affine(generator(residual.Generator(IMAGES, 6, width=16)), z).shape[1] == 6


class Transposed(nn.Module):
    """DCGAN's own beginning: a transposed convolution of a map of one pixel."""

    def __init__(self, dim):
        super().__init__()
        self.first = nn.ConvTranspose2d(dim, 2, 4, bias=False)

    def forward(self, z, label=None):
        return self.first(z[:, :, None, None])


def test_a_transposed_convolution_is_read_as_the_matrix_that_it_is():
    network, z = generator(Transposed(5)), torch.randn(3, 5)
    assert torch.allclose(first_affine(network, z), jacobian(network, z[:1])[0], atol=1e-6)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_recurrent_generators_are_refused(cell):
    network = generator(lstm.Generator(SERIES, 6, width=8, cell=cell))
    with pytest.raises(UserError, match="does not suit recurrent generators: use method=jacobian"):
        first_affine(network, torch.randn(2, 6))


def test_a_network_that_does_not_begin_with_a_map_of_the_latent_is_refused():
    with pytest.raises(UserError, match="sefa: the generator's first affine layer"):
        first_affine(generator(tcn.Generator(SERIES, 6, width=8, levels=2)), torch.randn(2, 6))
