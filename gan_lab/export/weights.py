"""Weights as plain tensors, with spectral norm and other parametrizations folded in."""

import copy
from pathlib import Path

import torch
from safetensors import torch as safetensors
from torch import Tensor, nn
from torch.nn.utils import parametrize

from gan_lab.errors import UserError
from gan_lab.export.folder import CONFIG, read_whole
from gan_lab.export.plain import in_short


@torch.no_grad()
def folded_weights(network: nn.Module) -> dict[str, Tensor]:
    """State on the CPU with each parametrized tensor at its value; the network stays as it is."""
    # A deep copy shares its parametrized classes with the original, so removing parametrizations
    # from the copy would break the original: read the values instead.
    network = copy.deepcopy(network).eval()
    state = dict(network.state_dict())
    for prefix, module in network.named_modules():
        if parametrize.is_parametrized(module):
            start = f"{prefix}." if prefix else ""
            names = list(module.parametrizations)
            state = {
                k: v for k, v in state.items() if not k.startswith(f"{start}parametrizations.")
            }
            state |= {f"{start}{name}": getattr(module, name) for name in names}
    return {k: v.detach().cpu().clone().contiguous() for k, v in state.items()}


def load_weights(network: nn.Module, file: Path, config: str = CONFIG) -> None:
    """Fill the network that the file `config` describes.

    Raises:
        UserError: If the file is missing, damaged, or its weights do not fit.
    """
    weights = read_whole(file, safetensors.load_file)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise UserError(
            f"{file} does not fit the network of {config}: {in_short(error)}"
        ) from error
    wrong = [name for name, value in weights.items() if not value.isfinite().all()]
    if wrong:
        raise UserError(f"{file} is damaged: {wrong[0]} holds NaN or infinity")


def without_parametrizations(network: nn.Module) -> nn.Module:
    """The same network, in place, with each parametrized tensor as a plain one of that value."""
    for module in network.modules():
        if parametrize.is_parametrized(module):
            for name in list(module.parametrizations):  # type: ignore[arg-type]
                parametrize.remove_parametrizations(module, name)
    return network
