"""Causal Transformer pair for series, small enough for a CPU."""

from functools import partial

from gan_lab.components.attention import Transformer
from gan_lab.networks.noise_driven import NoiseDriven
from gan_lab.networks.sequence import CausalCritic
from gan_lab.spec import DataSpec


class Generator(NoiseDriven):
    """Noise and the latent's global part through a causal Transformer: any length.

    A step attends to at most `window` steps in each layer, at whatever place in the series.
    """

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        *,
        width: int = 32,
        layers: int = 2,
        heads: int = 4,
        window: int = 16,
        local: int = 1,
        repeat: bool = True,
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`.

        Raises:
            UserError: If the data are no series, or an argument is out of range.
        """
        core = partial(Transformer, width=width, layers=layers, heads=heads, window=window)
        super().__init__(
            spec, latent_dim, core, local=local, repeat=repeat,
            conditional=conditional, conditioning=conditioning,
        )  # fmt: skip


class Critic(CausalCritic):
    """A causal Transformer over the series; its last and its mean features give one logit."""

    def __init__(
        self,
        spec: DataSpec,
        *,
        width: int = 32,
        layers: int = 2,
        heads: int = 4,
        window: int = 16,
        conditional: bool = True,
        conditioning: str = "projection",
    ) -> None:
        """Size the layers from `spec`.

        Raises:
            UserError: If the data are no series, or an argument is out of range.
        """
        core = partial(Transformer, width=width, layers=layers, heads=heads, window=window)
        super().__init__(spec, core, conditional=conditional, conditioning=conditioning)
