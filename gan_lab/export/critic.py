"""The critic of a run, kept beside its portable generator.

Two more files in the generator's folder, `critic.safetensors` (weights) and `critic.yaml` (how to
rebuild the network); the spec is the generator's. Nothing is pickled, and a generator loads without
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from safetensors import torch as safetensors
from torch import Tensor, nn

from gan_lab import __version__
from gan_lab.atomic import write_atomically
from gan_lab.errors import UserError
from gan_lab.export.folder import SPEC, find_folder, read_file, read_spec
from gan_lab.export.migrations import FORMAT_VERSION
from gan_lab.export.node import build_sized, with_defaults
from gan_lab.export.plain import from_yaml, to_yaml
from gan_lab.export.weights import folded_weights, load_weights, without_parametrizations
from gan_lab.spec import DataSpec
from gan_lab.types import Label

CRITIC_WEIGHTS, CRITIC_CONFIG = "critic.safetensors", "critic.yaml"
BATCH = 500


@dataclass(frozen=True)
class PortableCritic:
    """A critic as training left it, in eval mode.

    Attributes:
        network: Samples `(b, c, *s)` in model range and labels to logits `(b,)`; larger is more
            real. Of a relativistic objective a logit is defined up to a constant.
        spec: What the samples look like.
        conditional: Whether it reads the label of a sample.
        folder: Where it was loaded from.
    """

    network: nn.Module
    spec: DataSpec
    conditional: bool
    folder: Path

    def logits(self, x: Float[Tensor, "b c *s"], label: Label | None = None) -> Float[Tensor, " b"]:
        """One logit per sample, `(b,)`; gradients reach `x` where it asks for them.

        Args:
            x: Samples in model range.
            label: Label of each sample, where the critic is conditional.

        Raises:
            UserError: If a conditional critic gets no label.
        """
        labels = label if self.conditional else None
        if self.conditional and labels is None:
            raise UserError("this critic judges a sample by its label; give one per sample")
        parts = [None] * -(-len(x) // BATCH) if labels is None else torch.split(labels, BATCH)
        pairs = zip(torch.split(x, BATCH), parts, strict=True)
        return torch.cat([self.network(part, on) for part, on in pairs])


def save_critic(
    folder: str | Path, *, network: nn.Module, critic_config: Mapping[str, Any], pack: int = 1
) -> Path:
    """Write the critic beside the generator of `folder`; the network itself is left as it is.

    Args:
        folder: A folder that `save_generator` wrote.
        network: The critic.
        critic_config: `_target_` and keyword arguments of the network, besides `spec`.
        pack: Samples that it judges as one.

    Returns:
        The folder.

    Raises:
        UserError: If the configuration is not plain, or the folder cannot be written.
    """
    folder = Path(folder)
    content = {
        "format_version": FORMAT_VERSION,
        "gan_lab": __version__,
        "critic": with_defaults(critic_config),
        "pack": pack,
    }
    written = to_yaml(content, folder / CRITIC_CONFIG)
    write_atomically(folder / CRITIC_WEIGHTS, safetensors.save(folded_weights(network)))
    write_atomically(folder / CRITIC_CONFIG, written)
    return folder


def load_critic(path: str | Path, *, trust: bool = False) -> PortableCritic:
    """Load the critic of a generator folder, or of the one inside a run folder, on the CPU.

    Args:
        path: A folder that `save_critic` wrote to, or its run folder.
        trust: Whether `critic.yaml` may name classes outside this package. That runs code of the
            file's choice: only set it for files from someone you trust.

    Raises:
        UserError: If there is no critic, or one that judges several samples as one, or a file is
            damaged, of another format, or names a foreign class.
    """
    folder = find_folder(Path(path))
    file = folder / CRITIC_CONFIG
    if not file.is_file():
        raise UserError(
            f"{folder} holds no critic ({CRITIC_CONFIG}, {CRITIC_WEIGHTS}): the objective has "
            "none, or an earlier gan_lab wrote it; train again"
        )
    config, spec = _read(file), read_spec(folder / SPEC)
    with torch.random.fork_rng(devices=[]):
        network = build_sized(
            config["critic"],
            folder / CRITIC_WEIGHTS,
            trust=trust,
            where=f"{file}: critic",
            spec=spec,
        )
    if not isinstance(network, nn.Module):
        raise UserError(f"{file}: critic names {type(network).__name__}, not a network")
    load_weights(without_parametrizations(network.eval()), folder / CRITIC_WEIGHTS, CRITIC_CONFIG)
    conditional = bool(spec.labels) and bool(config["critic"].get("conditional", True))
    return PortableCritic(network.requires_grad_(False), spec, conditional, folder)


def _read(file: Path) -> dict[str, Any]:
    config = read_file(file, from_yaml)
    if not isinstance(config, dict) or not isinstance(config.get("critic"), dict):
        raise UserError(f"{file} is damaged: critic is missing")
    version, pack = config.get("format_version"), config.get("pack", 1)
    if version != FORMAT_VERSION:
        raise UserError(
            f"{file} has format_version {version!r}, this gan_lab {__version__} reads "
            f"{FORMAT_VERSION}; use the version that wrote it: {config.get('gan_lab', 'unknown')}"
        )
    if pack != 1:
        raise UserError(
            f"{file}: this critic judges {pack} samples as one; to judge single ones, train with "
            "model.pack=1"
        )
    return config
