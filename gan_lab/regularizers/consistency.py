r"""Consistency: the critic's opinion should not change where nothing of matter has changed.

CR is `consistency_real` alone; bCR adds `consistency_fake`; zCR is `latent_consistency` of the
critic with `latent_diversity` of the generator. They may be added up.

Samples are the critic's views: where there is augmentation or packing, it comes before the
transform.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.regularizers.precision import at_least_float32
from gan_lab.regularizers.turn import CriticFn, Sampler
from gan_lab.types import Transform


def consistency_real(
    *,
    critic: CriticFn,
    real: Float[Tensor, "b c *s"],
    real_logit: Float[Tensor, " b"],
    rng: torch.Generator,
    transform: Transform,
    **_: object,
) -> Float[Tensor, " b"]:
    r"""$(D(x) - D(T(x)))^2$.

    Source: Zhang et al., "Consistency regularization for generative adversarial networks", 2020,
    eq. 3, at the last layer.

    Args:
        critic: Maps `(b, c, *s)` to `(b,)`.
        real: Real samples.
        real_logit: `critic(real)`.
        rng: Source of the transform's draws.
        transform: T, which keeps what matters: shifts, flips, jitter.
    """
    return _gap(critic(transform(real, rng)), real_logit)


def consistency_fake(
    *,
    critic: CriticFn,
    fake: Float[Tensor, "b c *s"],
    fake_logit: Float[Tensor, " b"],
    rng: torch.Generator,
    transform: Transform,
    **_: object,
) -> Float[Tensor, " b"]:
    r"""$(D(G(z)) - D(T(G(z))))^2$; on real samples alone, artefacts of T leak into the fakes.

    Source: Zhao et al., "Improved consistency regularization for GANs", 2020, alg. 1.

    Args:
        critic: Maps `(b, c, *s)` to `(b,)`.
        fake: Fake samples.
        fake_logit: `critic(fake)`.
        rng: Source of the transform's draws.
        transform: The T of `consistency_real`.
    """
    return _gap(critic(transform(fake, rng)), fake_logit)


def latent_consistency(
    *,
    critic: CriticFn,
    generator: Sampler,
    view: Sampler,
    z: Float[Tensor, "n d"],
    fake_logit: Float[Tensor, " b"],
    rng: torch.Generator,
    noise: float = 0.03,
    **_: object,
) -> Float[Tensor, " b"]:
    r"""$(D(G(z)) - D(G(z + \delta)))^2$ with $\delta \sim N(0, \sigma^2 I)$: zCR of the critic.

    Source: Zhao et al., 2020, alg. 2.

    Args:
        critic: Maps views `(b, c, *s)` to `(b,)`.
        generator: Latents to samples.
        view: Samples to what the critic sees; its draws differ from those of `fake_logit`.
        z: Latents, `(n, d)`.
        fake_logit: `critic(view(generator(z)))`.
        rng: Source of the noise.
        noise: $\sigma$, small against the prior's spread of 1.
    """
    with torch.no_grad():
        near = view(generator(_nudge(z, noise, rng)))
    return _gap(critic(near), fake_logit)


def latent_diversity(
    *,
    generator: Sampler,
    z: Float[Tensor, "n d"],
    rng: torch.Generator,
    noise: float = 0.03,
    **_: object,
) -> Float[Tensor, " n"]:
    r"""$-\tfrac1m \|G(z) - G(z + \delta)\|^2$ over the m numbers of a sample: zCR of the generator.

    The paper has no $1/m$; with it, the weight does not depend on the size of a sample. There is no
    lower bound where samples are unbounded (series, points): keep the weight small there.
    Source: Zhao et al., 2020, alg. 2.

    Args:
        generator: Latents `(n, d)` to samples `(n, c, *s)`.
        z: Latents.
        rng: Source of the noise.
        noise: $\sigma$, as in `latent_consistency`.
    """
    change = at_least_float32(generator(z)) - at_least_float32(generator(_nudge(z, noise, rng)))
    return -change.flatten(1).square().mean(1)


def _nudge(z: Tensor, noise: float, rng: torch.Generator) -> Tensor:
    return z + noise * torch.randn(z.shape, generator=rng).to(z)


def _gap(moved: Float[Tensor, " b"], logit: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    return (at_least_float32(moved) - at_least_float32(logit)).square()
