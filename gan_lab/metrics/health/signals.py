"""What the monitor knows about one moment of training."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from gan_lab.errors import UserError


@dataclass(frozen=True)
class Layer:
    """One weight of a network.

    Attributes:
        network: generator or critic.
        name: Its name in the network.
        gradient: Root mean square of its gradient's elements, median over the steps since the last
            signals; None where it has none.
        weight: Norm of the weight; None if it is not finite, which JSON does not know.
        singular: Its largest singular value, as a matrix (outputs, rest); None for a vector.
    """

    network: str
    name: str
    gradient: float | None
    weight: float | None
    singular: float | None


@dataclass(frozen=True)
class Signals:
    r"""Numbers of one moment. None stands for what cannot be measured here.

    $x$ are training rows, $h$ held-out rows, $y$ samples of the raw generator, $\Delta$ the mean
    distance between two different training rows.

    Attributes:
        step: Generator steps done.
        failure: The first thing that is not finite, in words.
        accuracy: $P(D(x) > D(y))$: 0.5 where the critic cannot tell, 1 where every real one wins.
        gap: $E D(x) - E D(y)$.
        overfitting: $(E D(x) - E D(h)) / (E D(x) - E D(y))$: 0 where held-out rows look as real as
            training rows, 1 where they look as false as samples.
        overfitting_error: Standard error of it.
        slope: Mean $|\partial L_G / \partial D(y)|$: what the loss passes on of the critic's slope.
        distance: Energy distance between samples and training rows, in $\Delta$.
        diversity: Mean distance between two samples, in $\Delta$.
        variety: (Vendi score - 1) of the samples, as a share of that of as many training rows.
        duplicates: Share of samples with a twin, less that of training rows.
        movement: How far the samples' centre went since the last signals, in units of the data's
            root mean square distance to their own centre.
        drift: How far it went since the first signals of the window, in the same units.
        leak: How far samples lie on the way from clean (0) to augmented training rows (1).
        leak_share: Share of the samples' distance to clean rows that lies on that way.
        generator_gradient: Root mean square of all elements of the generator's gradient, median.
        critic_gradient: The same of the critic's.
        generator_spike: Largest gradient of the generator since the last signals over the median.
        critic_spike: The same of the critic's.
        depth: The generator's weakest layer's gradient over that of its strongest layer.
        depth_layer: Name of the weakest.
        generator_singular: Largest singular value of the generator's weights.
        critic_singular: Of the critic's.
        augment_probability: As the augmentation says.
        augment_overfitting: As an adaptive augmentation says.
        layers: Every weight; empty where only the numbers were kept.
    """

    step: int
    failure: str | None = None
    accuracy: float | None = None
    gap: float | None = None
    overfitting: float | None = None
    overfitting_error: float | None = None
    slope: float | None = None
    distance: float | None = None
    diversity: float | None = None
    variety: float | None = None
    duplicates: float | None = None
    movement: float | None = None
    drift: float | None = None
    leak: float | None = None
    leak_share: float | None = None
    generator_gradient: float | None = None
    critic_gradient: float | None = None
    generator_spike: float | None = None
    critic_spike: float | None = None
    depth: float | None = None
    depth_layer: str | None = None
    generator_singular: float | None = None
    critic_singular: float | None = None
    augment_probability: float | None = None
    augment_overfitting: float | None = None
    layers: tuple[Layer, ...] = ()

    def numbers(self) -> dict[str, float]:
        """What can be drawn as a curve, by name; what is not measured is left out."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "step"}
        return {name: value for name, value in values.items() if isinstance(value, float)}

    def without_layers(self) -> "Signals":
        """The numbers alone."""
        return replace(self, layers=())

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what is not measured is left out."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Signals":
        """The inverse of `to_dict`.

        Raises:
            UserError: If a name is unknown or missing.
        """
        try:
            layers = tuple(Layer(**layer) for layer in plain.get("layers", ()))
            return cls(**{**plain, "layers": layers})
        except TypeError as error:
            raise UserError(f"these are no signals of a run: {error}") from error
