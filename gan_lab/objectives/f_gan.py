r"""f-GAN: the critic estimates an f-divergence from below, the generator lowers it.

Two forms of the generator's loss exist. The **minimax** form $-f^*(g(v))$ descends the critic's
bound, so at the best critic its gradient is the gradient of the divergence itself. The
**non-saturating** form $-g(v)$ (sec. 3.2) pulls fakes to where the critic rates real samples; at
the best critic it descends another divergence: for KL it descends the reverse KL. The slopes at a
fake that the critic has found out ($v \to -\infty$) decide which one trains:

| divergence | minimax | non-saturating |
|---|---|---|
| KL | dies | constant |
| Pearson | dies at -2, then turns | constant |
| reverse KL | constant | explodes |
| Jensen-Shannon | dies | constant |
| squared Hellinger | dies | explodes |
| total variation | dies | dies (the same) |

Hence the default is the non-saturating form, and `conf/objectives/f_reverse_kl.yaml` takes the
other.

Source: Nowozin, Cseke & Tomioka, "f-GAN", 2016, eq. 6-7 and sec. 3.2.
"""

from functools import partial

from jaxtyping import Float
from torch import Tensor

from gan_lab.objectives.divergence import Divergence
from gan_lab.objectives.objective import Objective


def f_gan(divergence: Divergence, *, minimax: bool = False) -> Objective:
    r"""Both sides of the game over one divergence.

    Args:
        divergence: Which one; see `gan_lab.objectives.divergence`.
        minimax: Let the generator descend the bound itself, $-f^*(g(v))$, instead of $-g(v)$.

    >>> import torch
    >>> from gan_lab.objectives.divergence import pearson
    >>> f_gan(pearson()).critic_loss(real=torch.tensor([2.0]), fake=torch.tensor([-2.0]))
    tensor([-3.])
    """
    side = minimax_generator if minimax else generator
    return Objective(
        critic=partial(critic, divergence=divergence),
        generator=partial(side, divergence=divergence),
    )


def critic(
    *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"], divergence: Divergence
) -> Float[Tensor, " b"]:
    r"""$-g(D(x)) + f^*(g(D(G(z))))$: minus the bound on the divergence.

    Args:
        real: Logits on real samples, `(b,)`.
        fake: Logits on fake samples, `(b,)`.
        divergence: Which one.

    Returns:
        Loss per pair, `(b,)`.
    """
    return divergence.conjugate(fake) - divergence.activation(real)


def generator(
    *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"], divergence: Divergence
) -> Float[Tensor, " b"]:
    r"""$-g(D(G(z)))$.

    Args:
        real: Logits on real samples, `(b,)`; unused.
        fake: Logits on fake samples, `(b,)`.
        divergence: Which one.

    Returns:
        Loss per sample, `(b,)`.
    """
    return -divergence.activation(fake)


def minimax_generator(
    *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"], divergence: Divergence
) -> Float[Tensor, " b"]:
    r"""$-f^*(g(D(G(z))))$.

    Args:
        real: Logits on real samples, `(b,)`; unused.
        fake: Logits on fake samples, `(b,)`.
        divergence: Which one.

    Returns:
        Loss per sample, `(b,)`.
    """
    return -divergence.conjugate(fake)
