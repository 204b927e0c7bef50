"""A trained generator as a folder that needs neither Lightning nor the training configuration.

The folder holds `generator.safetensors` (weights), `config.yaml` (how to rebuild the network and
its prior) and `spec.json` (shape, units and names of the data). Nothing in it is pickled.
"""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from safetensors import torch as safetensors
from torch import Tensor, nn

from gan_lab import __version__
from gan_lab.atomic import write_atomically
from gan_lab.errors import UserError
from gan_lab.export.folder import (
    CONFIG,
    SPEC,
    WEIGHTS,
    find_folder,
    read_config,
    read_spec,
)
from gan_lab.export.labels import Given, attribute_labels, class_labels
from gan_lab.export.migrations import FORMAT_VERSION
from gan_lab.export.node import build_sized, build_small, with_defaults
from gan_lab.export.plain import to_yaml
from gan_lab.export.runs import LATEST, find_run
from gan_lab.export.weights import folded_weights, load_weights, without_parametrizations
from gan_lab.spec import DataSpec
from gan_lab.types import Label, Prior


@dataclass(frozen=True)
class PortableGenerator:
    """A generator with its prior and its units.

    Attributes:
        network: Latents `(b, d)` to samples `(b, c, *s)` in model range, in eval mode.
        prior: Where latents come from.
        spec: What the data look like.
        config: Content of `config.yaml`.
        folder: Where it was loaded from.
    """

    network: nn.Module
    prior: Prior
    spec: DataSpec
    config: dict[str, Any]
    folder: Path

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes that a sample can be asked for; empty when unconditional."""
        return self.spec.classes if self._conditional else ()

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the numbers that a sample can be asked for; empty when there are none."""
        return self.spec.attributes if self._conditional else ()

    @property
    def _conditional(self) -> bool:
        return bool(self.config["generator"].get("conditional", True))

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next((p.device for p in self.network.parameters()), torch.device("cpu"))

    def to(self, device: str | torch.device) -> "PortableGenerator":
        """The same generator on another device."""
        return replace(self, network=copy.deepcopy(self.network).to(device))

    def latents(self, n: int, seed: int = 0) -> Float[Tensor, "n d"]:
        """Draw `n` latents `(n, d)`, the same for the same seed."""
        return self.prior.sample(n, torch.Generator().manual_seed(seed))

    def labels(self, n: int, seed: int = 0, label: Given | None = None) -> Label | None:
        """One label for each of `n` samples; None when the generator is unconditional.

        Args:
            n: Number of samples.
            seed: Seed of the draw when `label` is None: classes are then equally likely, and
                attributes are those of training rows.
            label: A class number or name, or a row of attributes, for all samples or one for each.

        Raises:
            UserError: If a label does not fit, or their number is not `n`.
        """
        if label is None:
            return self._drawn_labels(n, seed)
        if self.attributes:
            return attribute_labels(label, n, self.attributes)
        if not self.classes:
            raise UserError(f"label {label!r}: this generator is unconditional; leave label out")
        return class_labels(label, n, self.classes)

    def _drawn_labels(self, n: int, seed: int) -> Label | None:
        rng = torch.Generator().manual_seed(seed)
        self.prior.sample(n, rng)  # labels continue the stream that the latents began
        if self.classes:
            return torch.randint(len(self.classes), (n,), generator=rng)
        if self.attributes:
            rows = torch.tensor(self.config["attributes"], dtype=torch.float32)
            return rows[torch.randint(len(rows), (n,), generator=rng)]
        return None

    @torch.no_grad()
    def generate(self, z: Float[Tensor, "b d"], label: Given | None = None) -> Tensor:
        """Latents `(b, d)` to samples `(b, c, *s)` in model range, on the generator's device.

        Raises:
            UserError: If a label is wrong, or missing from a conditional generator.
        """
        if z.shape[1] != self.prior.dim:
            raise UserError(f"latents have {z.shape[1]} coordinates; expected {self.prior.dim}")
        self._check_label(label)
        labels = None if label is None else self.labels(len(z), label=label)
        device = self.device
        x: Tensor = self.network(z.to(device), None if labels is None else labels.to(device))
        return x

    def _check_label(self, label: Given | None) -> None:
        if label is None and (self.classes or self.attributes):
            kind = "classes" if self.classes else "attributes"
            names = ", ".join(self.classes or self.attributes)
            raise UserError(f"this generator needs a label; {kind}: {names}")

    def decoder(self, label: Given | None = None) -> Callable[[Tensor], Tensor]:
        """A differentiable function of latents alone: `(b, d)` to `(b, c, *s)` in model range.

        Args:
            label: What every sample shows; needed by a conditional generator, None otherwise.

        Raises:
            UserError: If the label is wrong, or missing from a conditional generator.
        """
        self._check_label(label)
        row = None if label is None else self.labels(1, label=label)

        def decode(z: Tensor) -> Tensor:
            labels = None if row is None else row.expand(len(z), *row.shape[1:]).to(self.device)
            x: Tensor = self.network(z.to(self.device), labels)
            return x

        return decode

    def sample(
        self,
        n: int,
        seed: int = 0,
        truncation: float = 1.0,
        label: Given | None = None,
        batch_size: int = 256,
    ) -> Tensor:
        """Draw `n` samples in original units, `(n, c, *s)` on the CPU.

        Latents and labels depend on `n` and `seed` alone, never on `batch_size`.

        Args:
            n: Number of samples.
            seed: Seed of latents and labels.
            truncation: 1 keeps the latents; less pulls them towards the prior's centre.
            label: A class number or name, or a row of attributes, for all samples or one for each;
                None draws them.
            batch_size: Samples that pass the network at once.

        Raises:
            UserError: If an argument is out of range.
        """
        if n < 1 or batch_size < 1:
            raise UserError(f"n is {n} and batch_size {batch_size}; expected 1 or more")
        z = self.latents(n, seed)
        z = z if truncation == 1 else self.prior.truncate(z, truncation)
        labels = self.labels(n, seed, label)
        batches = [
            self.generate(
                z[i : i + batch_size], None if labels is None else labels[i:][:batch_size]
            )
            for i in range(0, n, batch_size)
        ]
        return self.spec.to_units(torch.cat(batches)).cpu()


def save_generator(
    folder: str | Path,
    *,
    network: nn.Module,
    prior: Prior,
    spec: DataSpec,
    generator_config: Mapping[str, Any],
    latent_config: Mapping[str, Any],
    attributes: Float[Tensor, "n k"] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Path:
    """Write a generator folder, each file atomically; the network itself is left as it is.

    Parametrizations such as spectral norm are folded into the weights.

    Args:
        folder: Where to write; created if needed.
        network: The generator.
        prior: Its prior.
        spec: What the data look like.
        generator_config: `_target_` and keyword arguments of the network, besides `spec` and
            `latent_dim`.
        latent_config: `_target_` and keyword arguments of the prior.
        attributes: Labels of training rows, which samples without a label are drawn for.
        extra: Further plain values to keep, such as the seed and the number of steps.

    Returns:
        The folder.

    Raises:
        UserError: If a configuration is not plain, or the folder cannot be written.
    """
    folder = Path(folder)
    content = {
        "format_version": FORMAT_VERSION,
        "gan_lab": __version__,
        "generator": with_defaults(generator_config),
        "latent": with_defaults(latent_config),
        "latent_dim": prior.dim,
        "classes": list(spec.classes),
        "attributes": [] if attributes is None else attributes.tolist(),
        "extra": dict(extra or {}),
    }
    written = to_yaml(content, folder / CONFIG)
    write_atomically(folder / WEIGHTS, safetensors.save(folded_weights(network)))
    write_atomically(folder / SPEC, (json.dumps(spec.to_dict(), indent=2) + "\n").encode())
    write_atomically(folder / CONFIG, written)
    return folder


def load(path: str | Path, *, trust: bool = False) -> PortableGenerator:
    """Load a generator folder, or the one inside a run folder, on the CPU in eval mode.

    Args:
        path: A folder that `save_generator` wrote, a run folder, or `latest`: the newest run below
            `outputs`.
        trust: Whether `config.yaml` may name classes outside this package. That runs code of the
            file's choice: only set it for files from someone you trust.

    Raises:
        UserError: If a file is missing, damaged, of another format, or names a foreign class.
    """
    folder = find_folder(find_run(path) if Path(path).name == LATEST else Path(path))
    config, spec = read_config(folder / CONFIG), read_spec(folder / SPEC)
    where = str(folder / CONFIG)
    prior = build_small(config["latent"], trust=trust, where=f"{where}: latent")
    if not isinstance(prior, Prior):
        raise UserError(f"{where}: latent names {type(prior).__name__}, which is not a prior")
    with torch.random.fork_rng(devices=[]):
        network = build_sized(
            config["generator"],
            folder / WEIGHTS,
            trust=trust,
            where=f"{where}: generator",
            spec=spec,
            latent_dim=prior.dim,
        )
    if not isinstance(network, nn.Module):
        raise UserError(f"{where}: generator names {type(network).__name__}, not a network")
    load_weights(without_parametrizations(network.eval()), folder / WEIGHTS)
    return PortableGenerator(network.requires_grad_(False), prior, spec, config, folder)
