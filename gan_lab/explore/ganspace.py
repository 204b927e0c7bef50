"""GANSpace: the directions behind the principal components of what a generator makes.

Source: Haerkoenen et al. 2020, "GANSpace: Discovering interpretable GAN controls", sec. 2.2.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from sklearn.decomposition import PCA
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.groups import centred_within


@dataclass(frozen=True, eq=False)
class Components:
    """Latent directions, one per principal component.

    Attributes:
        vectors: Unit rows, not orthogonal in general, `(k, d)` in float64.
        variance: Share of the variance of the activations that each component has, `(k,)`.
    """

    vectors: Float[Tensor, "k d"]
    variance: Float[Tensor, " k"]


def ganspace(
    z: Float[Tensor, "n d"],
    activations: Float[Tensor, "n ..."],
    top: int,
    *,
    group: Int[Tensor, " n"] | None = None,
    seed: int = 0,
) -> Components:
    r"""Principal components, carried back to the latents by least squares.

    With scores $x_i$ on the components of the centred activations,
    $U = \arg\min \sum_i \|U x_i - (z_i - \bar z)\|^2$; its columns, normalised, are the directions.

    Args:
        z: Latents, `(n, d)`.
        activations: Outputs, or what a layer made of the latents, `(n, ...)`.
        top: Number of components.
        group: Samples of one label share a number, `(n,)`; each group is centred by itself, as
            what the label alone decides is no direction of the latents.
        seed: Seed of the randomised solver that large arrays get.

    Raises:
        UserError: If there are fewer samples than components or they are all alike.
    """
    flat = centred_within(activations.flatten(1).double().cpu(), group)
    top = min(top, flat.shape[1], z.shape[1])
    if len(flat) <= top:
        raise UserError(f"{len(flat)} samples for {top} components; use a larger n")
    if not flat.isfinite().all() or not (flat.std(0) > 0).any():
        raise UserError("the activations are constant or not finite; there is nothing to analyse")
    model = PCA(top, random_state=seed)
    scores = torch.from_numpy(model.fit_transform(flat.numpy()))
    latents = centred_within(z.double().cpu(), group)
    columns = torch.linalg.lstsq(scores / scores.std(0), latents).solution
    ratio = torch.from_numpy(model.explained_variance_ratio_)
    return Components(torch.nn.functional.normalize(columns, dim=1), ratio)
