"""LeCam: each side's logits are held near the other side's running mean."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import relu

from gan_lab.regularizers.precision import at_least_float32
from gan_lab.regularizers.running_mean import RunningMean


class LeCam(nn.Module):
    r"""$(D(x) - \alpha_F)^2 + (\alpha_R - D(G(z)))^2$, which keeps a critic of few data modest.

    The anchors $\alpha_R, \alpha_F$ are running means of the logits on real and on fake samples;
    they take in the present batch first and carry no gradient. One-sided, only the parts where the
    critic tells real from fake count, as in the authors' code; the paper has the other form.

    Source: Tseng et al., "Regularizing generative adversarial networks under limited data", 2021,
    eq. 5.

    Args:
        decay: Decay of the anchors per computed step.
        one_sided: Leave $D(x) < \alpha_F$ and $D(G(z)) > \alpha_R$ alone.

    Raises:
        UserError: If the decay is out of range.
    """

    def __init__(self, *, decay: float = 0.99, one_sided: bool = False) -> None:
        super().__init__()
        self.one_sided = one_sided
        self.real_anchor = RunningMean(decay)
        self.fake_anchor = RunningMean(decay)

    def forward(
        self, *, real_logit: Float[Tensor, " b"], fake_logit: Float[Tensor, " b"], **_: object
    ) -> Float[Tensor, " b"]:
        """Penalty per pair of samples; moves the anchors by one step.

        Args:
            real_logit: Logits on real samples, `(b,)`.
            fake_logit: Logits on fake samples, `(b,)`.
        """
        real, fake = at_least_float32(real_logit), at_least_float32(fake_logit)
        above = real - self.fake_anchor.update(fake)
        below = self.real_anchor.update(real) - fake
        if self.one_sided:
            above, below = relu(above), relu(below)
        return above.square() + below.square()
