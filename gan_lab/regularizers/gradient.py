r"""Penalties on the critic's gradient with respect to its input.

All norms run over one sample's elements, never over the batch, and are computed in float32 even
under autocast, where the second derivative would lose its digits. A sample's penalty depends on
itself alone as long as the critic judges each by itself: batch norm and minibatch standard
deviation tie them together.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.regularizers.precision import at_least_float32
from gan_lab.regularizers.turn import CriticFn


def input_gradient(critic: CriticFn, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b n"]:
    r"""$\nabla_x D(x)$ of each sample, flattened, differentiable in the critic's parameters.

    Args:
        critic: Maps `(b, c, *s)` to `(b,)`, sample by sample.
        x: Where to take the gradient.
    """
    with torch.enable_grad(), torch.autocast(x.device.type, enabled=False):
        x = at_least_float32(x.detach()).requires_grad_()
        (gradient,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    return gradient.flatten(1)


def r1(*, critic: CriticFn, real: Float[Tensor, "b c *s"], **_: object) -> Float[Tensor, " b"]:
    r"""$\tfrac12 \|\nabla_x D(x)\|^2$ on real samples; the weight is the paper's $\gamma$.

    Source: Mescheder, Geiger & Nowozin, "Which training methods for GANs do actually converge?",
    2018, eq. 9.
    """
    return 0.5 * input_gradient(critic, real).square().sum(1)


def r2(*, critic: CriticFn, fake: Float[Tensor, "b c *s"], **_: object) -> Float[Tensor, " b"]:
    r"""$\tfrac12 \|\nabla_x D(G(z))\|^2$ on fake samples; the weight is the paper's $\gamma$.

    Source: Mescheder, Geiger & Nowozin, 2018, eq. 10.
    """
    return 0.5 * input_gradient(critic, fake).square().sum(1)


def gradient_penalty(
    *,
    critic: CriticFn,
    real: Float[Tensor, "b c *s"],
    fake: Float[Tensor, "b c *s"],
    rng: torch.Generator | None = None,
    target: float = 1.0,
    one_sided: bool = False,
    **_: object,
) -> Float[Tensor, " b"]:
    r"""$(\|\nabla D(\hat x)\| - \text{target})^2$ at $\hat x = \alpha x + (1 - \alpha) G(z)$.

    One $\alpha \sim U(0, 1)$ is drawn per sample. One-sided, only norms above the target count.
    Source: Gulrajani et al., "Improved training of Wasserstein GANs", 2017, eq. 3; one-sided:
    Petzka et al., "On the regularization of Wasserstein GANs", 2018, eq. 6.
    """
    alpha = torch.rand(len(real), *[1] * (real.ndim - 1), generator=rng).to(real)
    norm: Tensor = input_gradient(critic, alpha * real + (1 - alpha) * fake).norm(dim=1)
    excess = norm - target
    excess = excess.relu() if one_sided else excess
    return excess.square()


def dragan(
    *,
    critic: CriticFn,
    real: Float[Tensor, "b c *s"],
    rng: torch.Generator | None = None,
    spread: float = 0.5,
    target: float = 1.0,
    **_: object,
) -> Float[Tensor, " b"]:
    r"""$(\|\nabla D(x + \delta)\| - \text{target})^2$ around real samples.

    $\delta \sim N(0, (\text{spread} \cdot \sigma_c)^2)$, with $\sigma_c$ the standard deviation of
    channel c over the batch and all positions, so that channels of different scale are shaken
    alike. The noise is centred, as in the paper; the uniform noise of the authors' code, on
    $[0, 1]$, would also make every sample brighter.
    Source: Kodali et al., "On convergence and stability of GANs", 2017, sec. 2.5.
    """
    axes = (0, *range(2, real.ndim))
    deviation = real.std(axes, correction=0, keepdim=True)
    noise = spread * deviation * torch.randn(real.shape, generator=rng).to(real)
    norm: Tensor = input_gradient(critic, real + noise).norm(dim=1)
    return (norm - target).square()
