"""What a named layer of a generator makes, through a forward hook."""

import difflib
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.errors import UserError

Run = Callable[[], object]


def layer_named(network: nn.Module, name: str) -> nn.Module:
    """The module of that dotted name.

    Raises:
        UserError: If there is none; the message lists close names, or all of the top level.
    """
    known: dict[str, nn.Module] = {path: module for path, module in network.named_modules() if path}
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=3) or [k for k in known if "." not in k]
    raise UserError(f"the generator has no layer {name!r}; for example {', '.join(close)}")


@torch.no_grad()
def layer_output(network: nn.Module, name: str, run: Run) -> Float[Tensor, "n f"]:
    """Flat activations of a layer while `run` makes samples, `(n, f)` on the CPU.

    A layer that gives several tensors counts with the first; batches are joined.

    Args:
        network: The generator.
        name: Dotted name of the layer, such as `body.hidden.0`.
        run: Calls the network, in one batch or more.

    Raises:
        UserError: If there is no such layer, or it makes no tensor, or does not run.
    """
    seen: list[Tensor] = []

    def keep(_: nn.Module, __: object, output: object) -> None:
        first = output[0] if isinstance(output, tuple) else output
        if not isinstance(first, Tensor):
            raise UserError(f"layer {name!r} makes no tensor; choose another")
        seen.append(first.detach().cpu().flatten(1))

    handle = layer_named(network, name).register_forward_hook(keep)
    try:
        run()
    finally:
        handle.remove()
    if not seen:
        raise UserError(f"layer {name!r} did not run; choose another")
    return torch.cat(seen)
