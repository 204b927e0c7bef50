"""Train the classifier that judges samples, on the training rows alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import affine_grid, cross_entropy, grid_sample

from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.networks.classifier import Classifier


@dataclass(frozen=True)
class FittedClassifier:
    """A trained classifier and how well it does on rows that it never saw.

    Attributes:
        network: The classifier, in evaluation mode.
        accuracy: Share of the held-out rows that it labels correctly.
        held_out: Number of held-out rows.
    """

    network: Classifier
    accuracy: float
    held_out: int

    @torch.no_grad()
    def probabilities(
        self, x: Float[Tensor, "n c *s"], batch_size: int = 500
    ) -> Float[Tensor, "n k"]:
        """Class probabilities of samples in model range."""
        parts = [self.network(part).softmax(dim=1) for part in torch.split(x, batch_size)]
        return torch.cat(parts)


def fit_classifier(
    train: Samples,
    held_out: Samples,
    *,
    epochs: int = 12,
    batch_size: int = 64,
    learning_rate: float = 3e-3,
    width: int = 24,
    seed: int = 0,
) -> FittedClassifier:
    """Train a `Classifier` with AdamW, one learning-rate cycle and slightly distorted images.

    Args:
        train: Labelled rows to learn from.
        held_out: Labelled rows to measure on.
        epochs: Passes over the training rows.
        batch_size: Rows per step.
        learning_rate: Peak of the cycle.
        width: Channels of the first stage.
        seed: Seed of the weights, the order and the distortions.

    Raises:
        UserError: If the rows have no labels.
    """
    if train.label is None or held_out.label is None:
        raise UserError(f"{train.spec.name} has no labels to train a classifier on")
    rng = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Classifier(train.spec, width=width)
        optimizer = torch.optim.AdamW(network.parameters(), learning_rate, weight_decay=1e-2)
        steps = epochs * -(-len(train) // batch_size)
        cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps)
        for _ in range(epochs):
            for x, label in shuffled(train.x, train.label, batch_size, rng):
                optimizer.zero_grad()
                loss = cross_entropy(network(distorted(x, rng)), label)
                torch.autograd.backward(loss)
                optimizer.step()
                cycle.step()
    fitted = FittedClassifier(network.eval(), 0.0, len(held_out))
    predicted = fitted.probabilities(held_out.x).argmax(dim=1)
    accuracy = (predicted == held_out.label).float().mean().item()
    return FittedClassifier(network, accuracy, len(held_out))


def shuffled(
    x: Tensor, label: Int[Tensor, " n"], batch_size: int, rng: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of all rows, once, in random order."""
    for index in torch.split(torch.randperm(len(x), generator=rng), batch_size):
        yield x[index], label[index]


def distorted(x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
    r"""Images under one small random affine map each; series and points as they are.

    $A = (1 + s) R(\phi) + S$ with angle $|\phi| \le 0.15$, scale $|s| \le 0.1$, shear $|S| \le 0.1$
    and a shift of at most 5 % of the size, all uniform.
    """
    if x.ndim != 4:
        return x
    draw = torch.rand(5, len(x), generator=rng) * 2 - 1
    angle, scale, shear = 0.15 * draw[0], 1 + 0.1 * draw[1], 0.1 * draw[2]
    cos, sin = scale * angle.cos(), scale * angle.sin()
    rows = [torch.stack([cos, shear - sin, 0.1 * draw[3]], 1)]
    rows.append(torch.stack([sin, cos, 0.1 * draw[4]], 1))
    grid = affine_grid(torch.stack(rows, dim=1), list(x.shape), align_corners=False)
    return grid_sample(x, grid, padding_mode="border", align_corners=False)
