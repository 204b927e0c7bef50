"""Temporal convolutional pair: dilated causal convolutions (Bai et al. 2018; QuantGAN)."""

from functools import partial

from gan_lab.components.causal import TCN, steps_back
from gan_lab.components.checks import check_at_least
from gan_lab.networks.noise_driven import NoiseDriven
from gan_lab.networks.self_fed import SelfFed
from gan_lab.networks.sequence import CausalCritic
from gan_lab.spec import DataSpec


class Generator(NoiseDriven):
    """Noise through a TCN: any length, alike at all steps.

    The noise begins before the first step, by as much as the layers see, so that the series is
    stationary but for its global part. Source: Wiese et al. 2020, "Quant GANs", sec. 5.
    """

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        *,
        width: int = 32,
        levels: int = 4,
        kernel: int = 2,
        local: int = 1,
        repeat: bool = True,
        activation: str = "leaky_relu",
        weight_norm: bool = False,
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`; `levels` dilations of `kernel` taps.

        Raises:
            UserError: If the data are no series, or an argument is out of range.
        """
        check_at_least(1, width=width, levels=levels, kernel=kernel)
        core = partial(
            TCN, width=width, levels=levels, kernel=kernel, activation=activation,
            weight_norm=weight_norm,
        )  # fmt: skip
        super().__init__(
            spec, latent_dim, core, local=local, lead=steps_back(levels, kernel), repeat=repeat,
            conditional=conditional, conditioning=conditioning,
        )  # fmt: skip


class SelfFedGenerator(SelfFed):
    """A TCN over the series itself: any length, and it continues a given past."""

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        *,
        width: int = 32,
        levels: int = 4,
        kernel: int = 2,
        local: int = 1,
        activation: str = "leaky_relu",
        weight_norm: bool = False,
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`; `levels` dilations of `kernel` taps.

        Raises:
            UserError: If the data are no series, or an argument is out of range.
        """
        core = partial(
            TCN, width=width, levels=levels, kernel=kernel, activation=activation,
            weight_norm=weight_norm,
        )  # fmt: skip
        super().__init__(
            spec, latent_dim, core, local=local, width=width,
            conditional=conditional, conditioning=conditioning,
        )  # fmt: skip


class Critic(CausalCritic):
    """A TCN over the series; its last and its mean features give one logit."""

    def __init__(
        self,
        spec: DataSpec,
        *,
        width: int = 32,
        levels: int = 4,
        kernel: int = 2,
        activation: str = "leaky_relu",
        weight_norm: bool = False,
        spectral: bool = False,
        conditional: bool = True,
        conditioning: str = "projection",
    ) -> None:
        """Size the layers from `spec`; `levels` dilations of `kernel` taps.

        Raises:
            UserError: If the data are no series, or an argument is out of range.
        """
        core = partial(
            TCN, width=width, levels=levels, kernel=kernel, activation=activation,
            weight_norm=weight_norm, spectral=spectral,
        )  # fmt: skip
        super().__init__(
            spec, core, spectral=spectral, conditional=conditional, conditioning=conditioning
        )
