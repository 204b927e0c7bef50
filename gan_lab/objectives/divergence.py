r"""f-divergences in the form that a critic can estimate.

For convex $f$ with $f(1) = 0$ the divergence of the data $p$ from the generator's $q$ is

$$ D_f(p \| q) = \mathbb{E}_q[f(p/q)] = \sup_T \mathbb{E}_p[T] - \mathbb{E}_q[f^*(T)], \qquad
   f^*(t) = \sup_u \, u t - f(u), $$

reached at $T = f'(p/q)$. The critic's logit $v$ is mapped into the domain of $f^*$ by an
increasing activation $g$, so that a high logit says "real" for every divergence. The paper's
table has $g$ decreasing for reverse KL and Hellinger; there the sign of $v$ is turned.

Source: Nowozin, Cseke & Tomioka, "f-GAN", 2016, tables 1-2, 5-6.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

Curve = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Divergence:
    r"""One f-divergence; each curve works element by element.

    Attributes:
        f: $f(u)$ of the density ratio $u = p/q > 0$.
        activation: $g(v)$ of the logit: what a real sample scores.
        conjugate: $f^*(g(v))$ of the logit: what a fake sample costs. It is written as one
            expression, since $f^*$ of a rounded $g$ would overflow.
    """

    f: Curve
    activation: Curve
    conjugate: Curve


def kl() -> Divergence:
    r"""$\mathrm{KL}(p \| q)$: $f = u \log u$, $g = v$, $f^*(t) = e^{t - 1}$.

    The exponential is inherent: in float32 a fake's cost overflows at logits above 89.
    """
    return Divergence(
        f=lambda u: u * u.log(),
        activation=lambda v: v,
        conjugate=lambda v: (v - 1).exp(),
    )


def reverse_kl() -> Divergence:
    r"""$\mathrm{KL}(q \| p)$: $f = -\log u$, $g = -e^{-v}$, $f^*(t) = -1 - \log(-t)$.

    The exponential is inherent: in float32 a real sample's score overflows at logits below -88.
    """
    return Divergence(
        f=lambda u: -u.log(),
        activation=lambda v: -(-v).exp(),
        conjugate=lambda v: v - 1,
    )


def jensen_shannon() -> Divergence:
    r"""Twice the Jensen-Shannon divergence, as in the original GAN.

    $f = u \log u - (u + 1) \log \frac{u + 1}{2}$, $g = \log 2 + \log \sigma(v)$,
    $f^*(t) = -\log(2 - e^t)$. Its critic is the one of `non_saturating` less $2 \log 2$, so that
    zero says that the critic cannot tell.
    """
    return Divergence(
        f=lambda u: u * u.log() - (u + 1) * ((u + 1) / 2).log(),
        activation=lambda v: math.log(2) - softplus(-v),
        conjugate=lambda v: softplus(v) - math.log(2),
    )


def pearson() -> Divergence:
    r"""Pearson $\chi^2 = \int (p - q)^2 / q$: $f = (u - 1)^2$, $g = v$, $f^*(t) = t^2/4 + t$.

    $f$ is taken on the whole line, as in the paper; the best critic stays above -2.
    """
    return Divergence(
        f=lambda u: (u - 1).square(),
        activation=lambda v: v,
        conjugate=lambda v: v.square() / 4 + v,
    )


def squared_hellinger() -> Divergence:
    r"""$\int (\sqrt p - \sqrt q)^2$: $f = (\sqrt u - 1)^2$, $g = 1 - e^{-v}$, $f^* = t / (1 - t)$.

    The exponentials are inherent: in float32 they overflow at logits beyond 88 on either side.
    """
    return Divergence(
        f=lambda u: (u.sqrt() - 1).square(),
        activation=lambda v: -torch.expm1(-v),
        conjugate=torch.expm1,
    )


def total_variation() -> Divergence:
    r"""$\tfrac12 \int |p - q|$: $f = \tfrac12 |u - 1|$, $g = \tfrac12 \tanh v$, $f^*(t) = t$.

    Both players saturate where the critic is sure.
    """
    return Divergence(
        f=lambda u: (u - 1).abs() / 2,
        activation=lambda v: v.tanh() / 2,
        conjugate=lambda v: v.tanh() / 2,
    )
