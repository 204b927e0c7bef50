"""AC-GAN: a second head of the critic reads the class, and both sides gain when it is right."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gan_lab.errors import UserError
from gan_lab.regularizers.turn import Judge
from gan_lab.spec import Labels
from gan_lab.types import Prior


class ClassHead(nn.Module):
    r"""$-\log C(l \mid x) - \log C(l \mid G(z, l))$ with $C$ a linear map of the critic's features.

    Both sides pay it: the critic learns to tell classes, the generator to make them. Source:
    Odena, Olah & Shlens, "Conditional image synthesis with auxiliary classifier GANs", 2017, eq. 3.
    """

    def __init__(self, features: int, classes: int) -> None:
        """Read `features` numbers of the critic."""
        super().__init__()
        self.linear = nn.Linear(features, classes)

    def forward(
        self,
        *,
        critic: Judge,
        real: Float[Tensor, "b c *s"],
        fake: Float[Tensor, "b c *s"],
        label: Tensor | None,
        **_: object,
    ) -> Float[Tensor, " b"]:
        """Cross-entropy of each real sample and the fake at its place, `(b,)`.

        Raises:
            UserError: If there is not one label for each view.
        """
        if label is None or len(label) != len(real):
            raise UserError("regularizers.ac_gan needs one class per sample; set model.pack=1")
        guess = [self.linear(critic.features(x)) for x in (real, fake)]
        return torch.stack([cross_entropy(one, label, reduction="none") for one in guess]).sum(0)


@dataclass(frozen=True)
class AuxiliaryClassifier:
    """`ClassHead`, sized by the data and the critic."""

    def build(self, *, prior: Prior, labels: Labels, features: int) -> ClassHead:
        """The head.

        Raises:
            UserError: If the data have no classes, or the critic shows no features.
        """
        if not labels.classes:
            raise UserError(
                "regularizers.ac_gan needs data with classes; leave it out with "
                "regularizers.ac_gan=null"
            )
        if not features:
            raise UserError("regularizers.ac_gan reads features, and this critic shows none")
        return ClassHead(features, labels.classes)
