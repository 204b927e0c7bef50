"""Critics that reconstruct: the energy in closed form, every modality, labels, both objectives."""

from functools import partial

import pytest
import torch
from torch import nn

from gan_lab.components.conditioning import LabelConcat
from gan_lab.errors import UserError
from gan_lab.networks.autoencoder import Critic, code_size, dcgan_critic, mlp_critic
from gan_lab.objectives import Objective, ebgan
from gan_lab.objectives.began import began
from gan_lab.spec import DataSpec, Labels
from gan_lab.types import Critic as CriticProtocol
from gan_lab.types import FeatureCritic

CLASSES = ("a", "b", "c")
SPECS = {
    "points": DataSpec("points", "points", 2),
    "digits": DataSpec("digits", "images", 1, (28, 28), CLASSES),
    "odd": DataSpec("odd", "images", 3, (17, 23)),
    "series": DataSpec("series", "series", 4, (24,), CLASSES),
    "attributes": DataSpec("attributes", "series", 1, (13,), attributes=("u", "v")),
}
CASES = [(mlp_critic, name) for name in SPECS] + [
    (dcgan_critic, name) for name in SPECS if name != "points"
]
OBJECTIVES = {
    "ebgan": lambda: Objective(partial(ebgan.critic, margin=0.5), ebgan.generator),
    "began": began,
}


def labels_for(spec, n=5):
    if spec.attributes:
        return torch.randn(n, len(spec.attributes))
    return torch.arange(n) % spec.num_classes if spec.classes else None


def half(power):
    """An autoencoder of points that rebuilds half of what it is given."""
    halve = nn.Linear(2, 2, bias=False)
    halve.weight.data = 0.5 * torch.eye(2)
    return Critic(halve, nn.Identity(), LabelConcat(2, Labels()), code=2, power=power)


def test_energy_is_the_mean_error_of_each_sample():
    x = torch.tensor([[2.0, -4.0], [0.0, 0.0]])
    assert half(1)(x).tolist() == [-1.5, 0.0]
    assert half(2)(x).tolist() == [-2.5, 0.0]


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize(("make", "name"), CASES)
def test_logits_are_energies_of_reconstructions(make, name, power):
    spec = SPECS[name]
    critic = make(spec, width=8, power=power)
    assert isinstance(critic, FeatureCritic) and isinstance(critic, CriticProtocol)
    x, label = torch.randn(5, *spec.shape), labels_for(spec)
    rebuilt = critic.reconstruct(x, label)
    assert rebuilt.shape == x.shape
    assert critic.features(x).shape == (5, critic.feature_count)
    error = (x - rebuilt).flatten(1)
    torch.testing.assert_close(critic(x, label), -error.abs().pow(power).mean(1))
    torch.testing.assert_close(
        critic(x[:1], None if label is None else label[:1]), critic(x, label)[:1]
    )


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(("make", "name"), CASES)
def test_every_parameter_learns_and_can_be_differentiated_twice(make, name, objective):
    spec = SPECS[name]
    critic = make(spec, width=8)
    x, label = torch.randn(5, *spec.shape, requires_grad=True), labels_for(spec)
    fake = torch.randn(5, *spec.shape)
    losses = OBJECTIVES[objective]()
    losses.critic_loss(real=critic(x, label), fake=critic(fake, label)).mean().backward()
    for parameter in critic.parameters():
        assert parameter.grad.isfinite().all() and parameter.grad.ne(0).any()
    critic.zero_grad()
    (slope,) = torch.autograd.grad(critic(x, label).sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in critic.parameters())
    assert sum(float(p.grad.abs().sum()) for p in critic.parameters() if p.grad is not None) > 0


@pytest.mark.parametrize("make", [mlp_critic, dcgan_critic])
def test_a_label_changes_the_reconstruction_and_not_the_code(make):
    critic = make(SPECS["series"], width=8)
    x = torch.randn(1, 4, 24).expand(3, -1, -1)
    assert torch.pdist(critic.reconstruct(x, torch.arange(3)).flatten(1)).min() > 1e-3
    with pytest.raises(UserError, match="3 classes and got no label"):
        critic(x)
    plain = make(SPECS["series"], width=8, conditional=False)
    torch.testing.assert_close(plain(x, torch.arange(3)), plain(x))


def test_the_code_holds_at_most_half_a_sample():
    assert code_size(DataSpec("x", "points", 1)) == 1
    assert code_size(SPECS["series"]) == 48
    assert mlp_critic(SPECS["odd"], width=8).feature_count == 64
    assert mlp_critic(SPECS["odd"], width=8, code=3).feature_count == 3


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: mlp_critic(SPECS["points"], code=0), "code is 0; expected 1 or more"),
        (lambda: mlp_critic(SPECS["points"], power=3), "power is 3; expected 1"),
        (lambda: dcgan_critic(SPECS["points"]), "networks=mlp"),
        (lambda: dcgan_critic(SPECS["digits"], width=0), "width is 0"),
    ],
)
def test_wrong_arguments_name_the_right_ones(make, match):
    with pytest.raises(UserError, match=match):
        make()


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_energy_of_real_samples_falls_and_that_of_fakes_stays_higher(objective, power):
    """Real points lie on a line, which a code of one number can hold; fakes lie anywhere."""
    critic = mlp_critic(SPECS["points"], width=16, power=power)
    losses = OBJECTIVES[objective]()
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-2)
    energies = []
    for _ in range(150):
        real, fake = torch.randn(64, 1).expand(-1, 2), torch.randn(64, 2)
        real_logit, fake_logit = critic(real), critic(fake)
        optimizer.zero_grad()
        losses.critic_loss(real=real_logit, fake=fake_logit).mean().backward()
        optimizer.step()
        if losses.control is not None:
            losses.control.update(real=real_logit.detach(), fake=fake_logit.detach(), images=64)
        energies.append((-real_logit.mean().item(), -fake_logit.mean().item()))
    first, last = (torch.tensor(part).mean(0) for part in (energies[:5], energies[-20:]))
    assert last[0] < first[0] / 2
    assert last[1] > 2 * last[0]
