import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.mixing import mix, shared_coordinates
from gan_lab.latent import Normal, Sphere
from gan_lab.networks import lstm, mlp, tcn, transformer
from gan_lab.spec import DataSpec

SPEC = DataSpec("s", "series", channels=2, spatial=(12,))
NETWORKS = [
    lstm.Generator(SPEC, 24, width=8),
    lstm.SelfFedGenerator(SPEC, 24, width=8),
    tcn.Generator(SPEC, 40, width=8, levels=2),
    transformer.Generator(SPEC, 24, width=8, heads=2, layers=1),
]


def draw(prior, n, seed=1):
    return prior.sample(n, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.__class__.__module__)
def test_the_split_is_the_networks_own(network):
    shared = shared_coordinates(network.eval())
    prior = Normal(40 if isinstance(network, tcn.Generator) else 24)
    walk = mix(prior, draw(prior, 2), draw(prior, 3, seed=2), shared)
    noise = network.noise(walk.z.flatten(0, 1)).unflatten(0, (2, 3))
    part = network.split.shared_part(walk.z.flatten(0, 1)).unflatten(0, (2, 3))
    # Columns share the noise of every step, rows share the global part.
    assert torch.equal(noise[0], noise[1])
    assert not torch.equal(noise[:, 0], noise[:, 1])
    assert torch.equal(part[:, 0], part[:, 2])
    assert not torch.equal(part[0], part[1])
    with torch.no_grad():
        x = network(walk.z.flatten(0, 1)).unflatten(0, (2, 3))
    assert not torch.allclose(x[0], x[1])
    assert not torch.allclose(x[:, 0], x[:, 1])


def test_the_diagonal_of_a_table_of_latents_is_those_latents():
    prior = Normal(24)
    z = draw(prior, 3)
    walk = mix(prior, z, z, 12)
    assert torch.equal(walk.z[range(3), range(3)], z)
    assert walk.rows == ("global 1", "global 2", "global 3")
    assert walk.columns[1] == "noise 2"


def test_mixed_latents_return_to_the_sphere():
    prior = Sphere(24)
    walk = mix(prior, draw(prior, 2), draw(prior, 2, seed=2), 12)
    assert not walk.marks.any_off


def test_generators_without_two_parts_are_refused():
    with pytest.raises(UserError, match="whole latent at once"):
        shared_coordinates(mlp.Generator(DataSpec("p", "points", channels=2), 4))
    alone = tcn.Generator(SPEC, 24, width=8, levels=2, repeat=False)
    with pytest.raises(UserError, match="no global part"):
        shared_coordinates(alone)
    with pytest.raises(UserError, match="no local noise"):
        shared_coordinates(lstm.Generator(SPEC, 24, width=8, local=0))
    with pytest.raises(UserError, match="expected 1 to 23"):
        mix(Normal(24), torch.zeros(1, 24), torch.zeros(1, 24), 24)
