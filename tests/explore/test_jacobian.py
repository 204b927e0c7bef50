import pytest
import torch
from torch import nn

from gan_lab.errors import UserError
from gan_lab.explore.jacobian import Linearised, Way, is_recurrent, jacobian
from gan_lab.explore.pullback import (
    change_by_products,
    change_of,
    local_spectrum,
    mean_metric,
    sketched_spectrum,
    spectrum,
)
from gan_lab.explore.random_control import random_vectors
from gan_lab.networks import dcgan, lstm, mlp, tcn
from gan_lab.spec import DataSpec

SERIES = DataSpec(name="s", modality="series", channels=2, spatial=(9,))
IMAGES = DataSpec(name="i", modality="images", channels=1, spatial=(8, 8))
NETWORKS = {
    "mlp": lambda: mlp.Generator(IMAGES, 5, width=16),
    "cnn": lambda: dcgan.Generator(IMAGES, 5, width=8),
    "tcn": lambda: tcn.Generator(SERIES, 5, width=8, levels=2),
    "lstm": lambda: lstm.Generator(SERIES, 5, width=8),
    "gru": lambda: lstm.Generator(SERIES, 5, width=8, cell="gru"),
    "self-fed": lambda: lstm.SelfFedGenerator(SERIES, 5, width=8),
}


def generator(name):
    torch.manual_seed(3)
    return NETWORKS[name]().double().eval().requires_grad_(False)


def linear(dim=7, outputs=12, seed=0):
    """A generator x = A z + b, and A."""
    rng = torch.Generator().manual_seed(seed)
    a = torch.randn(outputs, dim, generator=rng, dtype=torch.float64)
    return (lambda z: z.to(a) @ a.T + 1.0), a


def latents(n, d, seed=0):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("way", list(Way))
def test_the_jacobian_of_a_linear_generator_is_its_matrix(way):
    decode, a = linear()
    found = jacobian(decode, latents(3, 7), way)
    assert torch.allclose(found, a.expand(3, -1, -1), atol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_all_ways_agree(name):
    network, z = generator(name), latents(4, 5)
    columns = jacobian(network, z, Way.COLUMNS)
    assert torch.allclose(columns, jacobian(network, z, Way.ROWS), atol=1e-11)
    if name not in ("lstm", "self-fed"):
        assert torch.allclose(columns, jacobian(network, z, Way.FORWARD), atol=1e-11)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_jacobian_is_the_limit_of_differences(name):
    network, z = generator(name), latents(2, 5)
    step = torch.zeros_like(z)
    step[:, 1] = 1e-6
    slope = (network(z + step) - network(z - step)).flatten(1) / 2e-6
    assert torch.allclose(jacobian(network, z)[:, :, 1], slope, atol=1e-7)


def test_forward_mode_on_an_lstm_says_what_to_use_instead():
    with pytest.raises(UserError, match="use way=columns") as caught:
        jacobian(generator("lstm").float(), latents(2, 5).float(), Way.FORWARD)
    assert "\n" not in str(caught.value)


def test_recurrent_generators_are_known_as_such():
    assert [name for name in NETWORKS if is_recurrent(generator(name))] == [
        "lstm",
        "gru",
        "self-fed",
    ]


def test_products_are_those_of_the_jacobian():
    network, z = generator("lstm"), latents(3, 5)
    near, j = Linearised(network, z), jacobian(network, z)
    v, u = latents(3, 5, 1), latents(3, 18, 2)
    assert torch.allclose(near.push(v), torch.einsum("bpd,bd->bp", j, v), atol=1e-12)
    assert torch.allclose(near.pull(u), torch.einsum("bpd,bp->bd", j, u), atol=1e-12)
    assert (near.push(v).flatten() @ u.flatten()).item() == pytest.approx(
        (v.flatten() @ near.pull(u).flatten()).item()
    )


def test_a_generator_that_ignores_a_coordinate_or_all():
    assert (jacobian(lambda z: z[:, :1] * 2, latents(2, 3))[:, :, 1:] == 0).all()
    assert (jacobian(lambda z: z * 0 + 1, latents(2, 3)) == 0).all()


def test_the_mean_metric_of_a_linear_generator_is_a_transpose_a():
    decode, a = linear()
    metric = mean_metric(decode, latents(5, 7), batch_size=2)
    assert torch.allclose(metric, a.T @ a, atol=1e-10)
    found = spectrum(metric, 4)
    _, sigma, right = torch.linalg.svd(a)
    assert torch.allclose(found.values, sigma[:4].square(), atol=1e-9)
    assert torch.allclose((found.vectors * right[:4]).sum(1).abs(), torch.ones(4).double())
    assert found.total == pytest.approx(float(sigma.square().sum()))


def test_the_mean_metric_of_a_quadratic_generator():
    # x = (z1^2, z2): J^T J = diag(4 z1^2, 1), so that the mean is diag(4 mean z1^2, 1).
    z = latents(200, 2)
    metric = mean_metric(lambda z: torch.stack([z[:, 0] ** 2, z[:, 1]], 1), z)
    expected = torch.diag(torch.stack([4 * z[:, 0].square().mean(), torch.tensor(1.0).double()]))
    assert torch.allclose(metric, expected, atol=1e-12)


def test_the_local_spectrum_is_the_svd_at_that_latent():
    decode, a = linear()
    found = local_spectrum(decode, latents(1, 7), 3)
    _, sigma, right = torch.linalg.svd(a)
    assert torch.allclose(found.values, sigma[:3].square(), atol=1e-9)
    assert torch.allclose((found.vectors * right[:3]).sum(1).abs(), torch.ones(3).double())
    z = torch.tensor([[3.0, 0.1]], dtype=torch.float64)
    bent = local_spectrum(lambda z: torch.stack([z[:, 0], z[:, 1] ** 2 * 50], 1), z, 2)
    assert bent.vectors[0, 1] == pytest.approx(1.0)
    assert bent.values.tolist() == pytest.approx([100.0, 1.0])


def test_random_products_find_what_the_whole_metric_has():
    rng = torch.Generator().manual_seed(5)
    u = torch.linalg.qr(torch.randn(80, 40, generator=rng, dtype=torch.float64))[0]
    v = torch.linalg.qr(torch.randn(40, 40, generator=rng, dtype=torch.float64))[0]
    a = u @ torch.diag(0.5 ** torch.arange(40, dtype=torch.float64)) @ v.T
    near = [Linearised(lambda z: z @ a.T, part) for part in latents(6, 40).split(4)]
    exact, found = spectrum(a.T @ a, 4), sketched_spectrum(near, 4)
    assert torch.allclose(found.vectors, exact.vectors, atol=1e-5)
    assert torch.allclose(found.values, exact.values, atol=1e-9)
    assert found.total == pytest.approx(exact.total, rel=1e-6)
    assert torch.allclose(
        change_by_products(near, exact.total).shares(v.T),
        change_of(a.T @ a).shares(v.T),
        atol=1e-9,
    )


def test_the_estimated_total_is_unbiased_where_the_rest_is_large():
    decode, a = linear(dim=60, outputs=90)
    near = [Linearised(decode, latents(1, 60))]
    totals = [sketched_spectrum(near, 2, seed=seed).total for seed in range(20)]
    mean = sum(totals) / 20
    spread = (sum((t - mean) ** 2 for t in totals) / 19) ** 0.5
    assert abs(mean - float(a.square().sum())) < 3 * spread / 20**0.5
    assert spread / mean < 0.05


def test_shares_add_up_and_random_vectors_get_one_over_d():
    _, a = linear(dim=10, outputs=30)
    change = change_of(a.T @ a)
    whole = random_vectors(10, 10, seed=1)
    assert torch.allclose(whole @ whole.T, torch.eye(10).double(), atol=1e-12)
    assert float(change.shares(whole).sum()) == pytest.approx(1.0)
    many = torch.stack([change.shares(random_vectors(10, 3, s)) for s in range(200)])
    assert float(many.mean()) == pytest.approx(0.1, abs=0.01)
    twice = torch.cat([whole[:2], whole[:2] + 1e-12])
    assert change.together(twice) == pytest.approx(float(change.shares(whole[:2]).sum()))


def test_the_linear_layer_of_torch_agrees():
    layer = nn.Linear(4, 6).double().requires_grad_(False)
    assert torch.allclose(jacobian(layer, latents(1, 4))[0], layer.weight, atol=1e-12)
