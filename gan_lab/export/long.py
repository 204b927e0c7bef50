"""From a loaded generator: series longer than those of training, and futures of a given past."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.export.labels import Given
from gan_lab.export.portable import PortableGenerator
from gan_lab.networks.any_length import AnyLength, Continues, generate_long, latents_needed
from gan_lab.spec import DataSpec

MOST_WINDOWS = 8
"""A past is read back to this many training lengths, so that memory stays bounded."""


def any_length(generator: PortableGenerator) -> AnyLength:
    """The network, if it makes series of any length.

    Raises:
        UserError: If it does not.
    """
    network = generator.network
    if not isinstance(network, AnyLength):
        raise UserError(
            f"{_name(generator)} makes {_lengths(generator.spec)} alone; "
            "train with networks=lstm, gru, tcn or transformer for series of any length"
        )
    return network


def continues(generator: PortableGenerator) -> Continues:
    """The network, if it goes on from a given past.

    Raises:
        UserError: If it does not.
    """
    network = generator.network
    if not isinstance(network, Continues):
        raise UserError(
            f"{_name(generator)} does not read the series that it writes, so that it cannot go on "
            "from a past; train with networks=lstm_self_fed or tcn_self_fed"
        )
    return network


def least_past(spec: DataSpec) -> int:
    """Rows that a past needs: those that the transform takes, and one for the network."""
    return spec.known_steps + 1


def sample_long(
    generator: PortableGenerator,
    n: int,
    steps: int,
    *,
    seed: int = 0,
    truncation: float = 1.0,
    label: Given | None = None,
    batch_size: int = 256,
) -> Tensor:
    """Draw `n` series of `steps` steps in original units, `(n, c, steps)` on the CPU.

    With `steps` the training length this is `generator.sample`. Where the transform takes
    differences, the known steps come first, as there.

    Args:
        generator: What to draw from.
        n: Number of series.
        steps: Their length.
        seed: Seed of latents and labels.
        truncation: 1 keeps the latents; less pulls them towards the prior's centre.
        label: A class number or name, or a row of attributes, for all series or one for each; None
            draws them.
        batch_size: Series that pass the network at once.

    Raises:
        UserError: If the network makes one length alone, or an argument is out of range.
    """
    network = any_length(generator)
    z = _latents(generator, n, steps, seed, truncation)
    labels = generator.labels(n, seed, label)
    with torch.no_grad():
        parts = [
            generate_long(network, part, steps, label=on)
            for part, on in _batches(z, labels, batch_size, generator.device)
        ]
    return generator.spec.to_units(torch.cat(parts)).cpu()


def futures(
    generator: PortableGenerator,
    past: Float[Tensor, "t c"],
    steps: int,
    paths: int,
    *,
    seed: int = 0,
    truncation: float = 1.0,
    label: Given | None = None,
    batch_size: int = 256,
) -> Tensor:
    """Draw `paths` continuations of one past in original units, `(paths, c, steps)` on the CPU.

    The past sets the state of the network exactly; each path has its own noise, and its own global
    part of the latent, which the past does not tell. Where the transform takes differences, the
    last rows of the past come first, as in `generator.sample`.

    Args:
        generator: What to draw from.
        past: Rows in original units, oldest first, `(t, c)`.
        steps: Steps of each path.
        paths: Number of paths.
        seed: Seed of the latents.
        truncation: 1 keeps the latents; less pulls them towards the prior's centre.
        label: What all paths show; needed by a conditional generator.
        batch_size: Paths that pass the network at once.

    Raises:
        UserError: If the network cannot go on from a past, the past does not fit, or an argument is
            out of range.
    """
    network, spec = continues(generator), generator.spec
    seen = _seen(past, spec, network.time)
    if label is None and (generator.classes or generator.attributes):
        names = ", ".join(generator.classes or generator.attributes)
        raise UserError(f"the futures of one past have one label; give it: {names}")
    z = _latents(generator, paths, steps, seed, truncation)
    labels = None if label is None else generator.labels(paths, label=label)
    parts = []
    with torch.no_grad():
        for part, on in _batches(z, labels, batch_size, generator.device):
            shown = seen.to(part.device).expand(len(part), -1, -1)
            state = network.warm(shown, part[:, 0], on)
            parts.append(generate_long(network, part, steps, label=on, state=state))
    start = past[len(past) - spec.known_steps :] if spec.known_steps else None
    return spec.to_units(torch.cat(parts), start=start).cpu()


def with_steps(spec: DataSpec, steps: int) -> DataSpec:
    """The spec of series of another length."""
    return replace(spec, spatial=(steps,))


def _seen(past: Float[Tensor, "t c"], spec: DataSpec, time: int) -> Float[Tensor, "1 c u"]:
    least = least_past(spec)
    if past.shape[1] != spec.channels or len(past) < least:
        raise UserError(
            f"the past has {len(past)} rows of {past.shape[1]} numbers; expected {least} or more "
            f"rows of {spec.channels}"
        )
    recent = past[-(MOST_WINDOWS * time + spec.known_steps) :]
    return spec.from_units(recent.T[None])


def _latents(
    generator: PortableGenerator, n: int, steps: int, seed: int, truncation: float
) -> Float[Tensor, "n s d"]:
    if n < 1 or steps < 1:
        raise UserError(f"{n} series of {steps} steps; expected 1 or more of both")
    each = latents_needed(any_length(generator), steps)
    z = generator.latents(n * each, seed)
    z = z if truncation == 1 else generator.prior.truncate(z, truncation)
    return z.view(n, each, -1)


def _batches(
    z: Tensor, labels: Tensor | None, size: int, device: torch.device
) -> list[tuple[Tensor, Tensor | None]]:
    if size < 1:
        raise UserError(f"batch_size is {size}; expected 1 or more")
    parts = [z[i : i + size].to(device) for i in range(0, len(z), size)]
    if labels is None:
        return [(part, None) for part in parts]
    return [(part, labels[i * size :][:size].to(device)) for i, part in enumerate(parts)]


def _name(generator: PortableGenerator) -> str:
    return str(generator.config["generator"]["_target_"]).removeprefix("gan_lab.")


def _lengths(spec: DataSpec) -> str:
    return f"series of {spec.spatial[0]} steps" if spec.modality == "series" else spec.modality
