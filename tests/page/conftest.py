"""A bench for each modality, with generators that nobody trained: what they make still varies."""

import pytest
import torch

from gan_lab.data.samples import Samples
from gan_lab.explore.explorer import LatentExplorer
from gan_lab.explore.neighbours import RealRows
from gan_lab.explore.pullback import mean_metric, spectrum
from gan_lab.explore.search import by_jacobian
from gan_lab.export.portable import load, save_generator
from gan_lab.latent import Normal
from gan_lab.networks.mlp import Generator
from gan_lab.spec import DataSpec

NAME = "<b>run</b> {x}/1"
SPECS = {
    "images": DataSpec(
        "digits", "images", 1, (8, 8), classes=("zero", "one", "two"), scale=(8.0,), offset=(8.0,),
        bounds=(0.0, 16.0), integer=True,
    ),
    "series": DataSpec("var", "series", 2, (24,), channel_names=("up", "down"), scale=(2.0,)),
    "points": DataSpec("ring", "points", 2, scale=(3.0,), offset=(1.0,)),
}  # fmt: skip
DIM = 12


def explorer_of(spec, folder):
    torch.manual_seed(3)
    network = Generator(spec, DIM, width=16)
    for parameter in network.parameters():
        parameter.data.mul_(2.5)
    save_generator(
        folder, network=network, prior=Normal(DIM), spec=spec,
        generator_config={"_target_": "gan_lab.networks.mlp.Generator", "width": 16},
        latent_config={"_target_": "gan_lab.latent.normal.Normal", "dim": DIM},
    )  # fmt: skip
    generator = load(folder)
    parts = []
    for seed, n in ((11, 120), (12, 60)):
        z = generator.latents(n, seed)
        label = torch.arange(n) % 3 if spec.classes else None
        x = generator.generate(z, label) + 0.1 * torch.randn(n, *spec.shape)
        parts.append(Samples(x, label, spec))
    label = torch.tensor([0]) if spec.classes else None
    found = by_jacobian(spectrum(mean_metric(generator.decoder(label), z[:8]), 3), generator.prior)
    return LatentExplorer(generator, RealRows(*parts), found)


@pytest.fixture(scope="session")
def explorers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generators")
    return {name: explorer_of(spec, folder / name) for name, spec in SPECS.items()}
