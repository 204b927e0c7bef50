"""What every generator and critic must do, for every modality, with and without labels."""

import io
from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf

from gan_lab.config import CONFIG_DIR
from gan_lab.errors import UserError
from gan_lab.networks import dcgan, lstm, mlp, residual
from gan_lab.spec import DataSpec

LATENT = 6
BATCH = 5
CLASSES = ("a", "b", "c")

SHAPES = {
    "points": ("points", 2, ()),
    "single point": ("points", 1, ()),
    "digits": ("images", 1, (28, 28)),
    "odd": ("images", 3, (17, 23)),
    "tiny": ("images", 1, (3, 5)),
    "series": ("series", 4, (24,)),
    "odd series": ("series", 1, (13,)),
}
NETWORKS = {
    mlp: tuple(SHAPES),
    dcgan: ("digits", "odd", "tiny", "series", "odd series"),
    residual: ("digits", "odd", "tiny", "series", "odd series"),
    lstm: ("series", "odd series"),
}
CASES = [
    pytest.param(module, name, labelled, id=f"{module.__name__.split('.')[-1]}-{name}-{labelled}")
    for module, names in NETWORKS.items()
    for name in names
    for labelled in (False, True)
]


def spec_of(name, labelled):
    modality, channels, spatial = SHAPES[name]
    return DataSpec(name, modality, channels, spatial, CLASSES if labelled else ())


def pair(module, spec, **arguments):
    width = 8
    return (
        module.Generator(spec, LATENT, width=width, **arguments),
        module.Critic(spec, width=width),
    )


def inputs(spec):
    label = torch.arange(BATCH) % spec.num_classes if spec.num_classes else None
    return torch.randn(BATCH, LATENT), label


def assert_all_learn(network):
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize("bf16", [False, True], ids=["float32", "bfloat16"])
@pytest.mark.parametrize(("module", "name", "labelled"), CASES)
def test_shapes_and_gradient_of_every_parameter(module, name, labelled, bf16):
    spec = spec_of(name, labelled)
    generator, critic = pair(module, spec)
    z, label = inputs(spec)
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        fake = generator(z, label)
        logit = critic(fake, label)
    assert fake.shape == (BATCH, *spec.shape)
    assert logit.shape == (BATCH,)
    logit.float().square().sum().backward()
    assert_all_learn(generator)
    assert_all_learn(critic)


@pytest.mark.parametrize(("module", "name", "labelled"), CASES)
def test_critic_can_be_differentiated_twice(module, name, labelled):
    spec = spec_of(name, labelled)
    critic = module.Critic(spec, width=8)
    x = torch.randn(BATCH, *spec.shape, requires_grad=True)
    logit = critic(x, inputs(spec)[1])
    (slope,) = torch.autograd.grad(logit.sum(), x, create_graph=True)
    slope.square().sum().backward()
    weights = [p for n, p in critic.named_parameters() if n.endswith("weight") or "weight_" in n]
    assert all(w.grad is not None and w.grad.isfinite().all() for w in weights)
    assert sum(w.grad.abs().sum() for w in weights) > 0


@pytest.mark.parametrize("module", NETWORKS, ids=lambda m: m.__name__)
def test_one_sample_does_not_see_another_in_evaluation(module):
    spec = spec_of("series", labelled=True)
    generator, critic = (network.eval() for network in pair(module, spec))
    z, label = inputs(spec)
    fake = generator(z, label)
    torch.testing.assert_close(generator(z[:1], label[:1]), fake[:1])
    torch.testing.assert_close(critic(fake[:1], label[:1]), critic(fake, label)[:1])


@pytest.mark.parametrize("conditioning", ["concat", "film"])
@pytest.mark.parametrize("module", NETWORKS, ids=lambda m: m.__name__)
def test_label_changes_what_is_generated_and_judged(module, conditioning):
    spec = spec_of("series", labelled=True)
    generator, critic = pair(module, spec, conditioning=conditioning)
    generator.eval()
    z = torch.randn(1, LATENT).expand(3, -1)
    label = torch.arange(3)
    fake = generator(z, label)
    assert torch.pdist(fake.flatten(1)).min() > 1e-3
    assert torch.pdist(critic(fake[:1].expand_as(fake), label)[:, None]).min() > 1e-4
    fake.square().sum().backward()
    assert_all_learn(generator)


def test_critic_concat_conditioning_reads_the_label():
    critic = mlp.Critic(spec_of("points", labelled=True), width=8, conditioning="concat")
    logit = critic(torch.ones(3, 2), torch.arange(3))
    assert logit.unique().numel() == 3


@pytest.mark.parametrize("module", NETWORKS, ids=lambda m: m.__name__)
def test_conditional_network_demands_a_label(module):
    spec = spec_of("series", labelled=True)
    generator, critic = pair(module, spec)
    with pytest.raises(UserError, match="3 classes and got no label"):
        generator(torch.randn(2, LATENT))
    with pytest.raises(UserError, match="3 classes and got no label"):
        critic(torch.randn(2, *spec.shape))


@pytest.mark.parametrize("module", NETWORKS, ids=lambda m: m.__name__)
def test_conditional_false_ignores_labels(module):
    spec = spec_of("series", labelled=True)
    generator = module.Generator(spec, LATENT, width=8, conditional=False).eval()
    critic = module.Critic(spec, width=8, conditional=False)
    z, label = inputs(spec)
    fake = generator(z)
    torch.testing.assert_close(generator(z, label), fake)
    torch.testing.assert_close(critic(fake, label), critic(fake))


@pytest.mark.parametrize(("module", "name", "labelled"), CASES)
def test_state_survives_saving(module, name, labelled):
    spec = spec_of(name, labelled)
    z, label = inputs(spec)
    (first, _), (second, _) = pair(module, spec), pair(module, spec)
    first(z, label)
    buffer = io.BytesIO()
    torch.save(first.state_dict(), buffer)
    buffer.seek(0)
    second.load_state_dict(torch.load(buffer, weights_only=True))
    assert torch.equal(first.eval()(z, label), second.eval()(z, label))


@pytest.mark.parametrize("module", [mlp, dcgan, residual], ids=lambda m: m.__name__)
def test_images_stay_in_range_and_series_do_not(module):
    z = 100 * torch.randn(BATCH, LATENT)
    images = module.Generator(spec_of("odd", False), LATENT, width=8).eval()(z)
    assert images.abs().max() <= 1
    series = module.Generator(spec_of("series", False), LATENT, width=8).eval()(z)
    assert series.abs().max() > 1


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda s: mlp.Generator(s, 0), "latent_dim is 0; expected 1 or more"),
        (lambda s: mlp.Critic(s, width=0), "width is 0"),
        (lambda s: dcgan.Generator(s, 4, width=-1), "width is -1"),
        (lambda s: dcgan.Generator(s, 4, conditioning="sum"), "expected one of concat, film"),
        (lambda s: dcgan.Critic(s, conditioning="sum"), "expected one of projection, concat"),
        (lambda s: dcgan.Generator(s, 4, upsample="cubic"), "expected one of nearest, linear, tr"),
        (lambda s: dcgan.Generator(s, 4, norm="batchnorm"), "expected one of none, batch, "),
        (lambda s: dcgan.Critic(s, activation="mish2"), "expected one of leaky_relu, relu"),
        (lambda s: residual.Critic(s, blocks=0), "blocks is 0"),
        (lambda s: lstm.Generator(s, 4, cell="lstn"), "expected one of lstm, gru, rnn"),
    ],
)
def test_wrong_arguments_name_the_right_ones(make, match):
    with pytest.raises(UserError, match=match):
        make(spec_of("series", False))


@pytest.mark.parametrize(
    ("module", "name", "advice"),
    [(dcgan, "points", "networks=mlp"), (residual, "points", "networks=mlp"),
     (lstm, "digits", "networks=dcgan"), (lstm, "points", "networks=mlp")],
)  # fmt: skip
def test_networks_refuse_data_that_they_cannot_make(module, name, advice):
    with pytest.raises(UserError, match=advice):
        module.Generator(spec_of(name, False), LATENT)
    with pytest.raises(UserError, match=advice):
        module.Critic(spec_of(name, False))


@pytest.mark.parametrize("upsample", ["nearest", "linear", "transposed"])
@pytest.mark.parametrize("norm", ["none", "batch", "instance", "layer", "group", "pixel"])
@pytest.mark.parametrize("name", ["odd", "odd series"])
def test_dcgan_options_meet_any_size_and_learn(name, norm, upsample):
    spec = spec_of(name, True)
    generator = dcgan.Generator(
        spec, LATENT, width=8, norm=norm, upsample=upsample, conditioning="film"
    )
    fake = generator(*inputs(spec))
    assert fake.shape == (BATCH, *spec.shape)
    (fake * torch.randn_like(fake)).sum().backward()
    assert_all_learn(generator)


@pytest.mark.parametrize("detail", [0, 4])
@pytest.mark.parametrize("name", ["tiny", "odd", "series"])
def test_dcgan_detail_is_the_width_at_full_size(name, detail):
    spec = spec_of(name, False)
    generator = dcgan.Generator(spec, LATENT, width=8, detail=detail)
    z, label = inputs(spec)
    fake = generator(z, label)
    assert fake.shape == (BATCH, *spec.shape)
    fake.square().sum().backward()
    assert_all_learn(generator)


@pytest.mark.parametrize("module", [dcgan, residual], ids=lambda m: m.__name__)
def test_minibatch_std_tells_a_collapsed_batch(module):
    spec = spec_of("odd", False)
    critic = module.Critic(spec, width=8, minibatch_std=True, spectral=True)
    x = torch.randn(BATCH, *spec.shape)
    alone = critic(x[:1].expand(BATCH, -1, -1, -1))
    assert (critic(x)[0] - alone[0]).abs() > 1e-4
    critic(x).square().sum().backward()
    assert_all_learn(critic)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_recurrent_options(cell):
    spec = spec_of("series", True)
    generator = lstm.Generator(spec, LATENT, width=8, cell=cell, layers=2, path=0)
    critic = lstm.Critic(spec, width=8, cell=cell, layers=2, bidirectional=False)
    z, label = inputs(spec)
    critic(generator(z, label), label).sum().backward()
    assert_all_learn(generator)
    assert_all_learn(critic)


@pytest.mark.parametrize("path", sorted(Path(CONFIG_DIR, "networks").glob("*.yaml")), ids=str)
def test_yaml_makes_a_pair(path):
    config = OmegaConf.load(path)
    spec = spec_of("series", True)
    z, label = inputs(spec)
    with torch.no_grad():
        fake = instantiate(config.generator, _convert_="all")(spec, LATENT)(z, label)
        assert instantiate(config.critic, _convert_="all")(spec)(fake, label).shape == (BATCH,)
