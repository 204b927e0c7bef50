"""The latent space of one generator, as a page or a script walks it; no user interface in here."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.direction import DRAWS, Direction, directions, move
from gan_lab.explore.gauge import Gauge
from gan_lab.explore.inversion import Inversion, Tell, invert
from gan_lab.explore.neighbours import Beside, RealRows
from gan_lab.explore.pullback import local_spectrum
from gan_lab.explore.view import View, unpack
from gan_lab.explore.walks import Walk, between
from gan_lab.export.portable import PortableGenerator
from gan_lab.spec import DataSpec
from gan_lab.types import Prior

COORDINATE = "z"
LOCAL = "local-"
TOP_LOCAL = 4
REMEMBERED = 16
VOTES = 5


@dataclass(frozen=True, eq=False)
class Shown:
    """What a view shows.

    Attributes:
        z: The latent, `(1, d)`.
        label: Label that the generator was asked for, `(1,)` or `(1, k)`; None without labels.
        x: The sample in model range, `(1, c, *s)`.
        off_prior: `Gauge` of the latent, 0 to 100.
    """

    z: Float[Tensor, "1 d"]
    label: Tensor | None
    x: Float[Tensor, "1 c *s"]
    off_prior: float


class LatentExplorer:
    """A generator, the real rows that it was trained on, and the directions that people follow.

    Attributes:
        generator: The generator.
        real: Training and held-out rows; None where the data are not at hand.
        directions: Directions with a name each, global over the latent space.
    """

    def __init__(
        self,
        generator: PortableGenerator,
        real: RealRows | None = None,
        directions: Sequence[Direction] = (),
    ) -> None:
        """Put them together.

        Raises:
            UserError: If two directions have the same name, or a name that is taken.
        """
        self.generator, self.real = generator, real
        self.directions: tuple[Direction, ...] = ()
        for direction in directions:
            self.add(direction)
        self._gauge = Gauge(generator.prior)
        self._scale = _scales(generator.prior)
        self._local: OrderedDict[tuple[object, ...], tuple[Direction, ...]] = OrderedDict()
        self._lock = Lock()

    @property
    def prior(self) -> Prior:
        """Where latents come from."""
        return self.generator.prior

    @property
    def spec(self) -> DataSpec:
        """What samples look like."""
        return self.generator.spec

    def add(self, direction: Direction) -> None:
        """Take in a direction.

        Raises:
            UserError: If its name is taken, reserved, or its length does not fit.
        """
        name = direction.name
        reserved = name.startswith(LOCAL) or name.removeprefix(COORDINATE).isdigit()
        if reserved or any(other.name == name for other in self.directions):
            raise UserError(f"a direction called {name!r} exists already; choose another name")
        if direction.vector.shape != (self.prior.dim,):
            raise UserError(f"direction {name!r} has the wrong length for this generator")
        self.directions = (*self.directions, direction)

    def label(self, view: View) -> Tensor | None:
        """The label of a view, `(1,)` or `(1, k)`, or None for a generator without labels.

        Raises:
            UserError: If the view names no class or attributes of this generator.
        """
        if not view.label:
            return self.generator.labels(1, seed=view.seed)
        if self.generator.attributes:
            return self.generator.labels(1, label=_numbers(view.label))
        return self.generator.labels(1, label=view.label)

    def start(self, view: View) -> Float[Tensor, "1 d"]:
        """Where a view starts, before its moves, `(1, d)`.

        Raises:
            UserError: If the view holds a latent that is damaged or of another generator.
        """
        if view.start == "given":
            z = unpack(view.given, self.prior.dim)
        elif view.start == "between":
            t = torch.tensor([view.t])
            z = self.prior.interpolate(*self.ends(view), t)[:, 0]
        else:
            z = self.generator.latents(1, view.seed)
        return z if view.truncation == 1 else self.prior.truncate(z, view.truncation)

    def ends(self, view: View) -> tuple[Float[Tensor, "1 d"], Float[Tensor, "1 d"]]:
        """The two pinned latents: the draws of seeds 0 and 1 where a view has none.

        Raises:
            UserError: If one is damaged or of another generator.
        """
        first, second = (
            unpack(text, self.prior.dim) if text else self.generator.latents(1, seed)
            for seed, text in enumerate((view.first, view.second))
        )
        return first, second

    def latent(self, view: View) -> Float[Tensor, "1 d"]:
        """The latent of a view, moves included, `(1, d)`.

        Raises:
            UserError: If the view is damaged or names a direction that does not exist.
        """
        return self._moved(self.start(view), view)

    def many(self, view: View, n: int) -> Float[Tensor, "n d"]:
        """Draws of the seeds `view.seed`, `view.seed + 1`, ..., all moved as the view is, `(n, d)`.

        Raises:
            UserError: If the view is damaged or names a direction that does not exist.
        """
        starts = [self.start(replace(view, start="seed", seed=view.seed + k)) for k in range(n)]
        return self._moved(torch.cat(starts), view)

    def show(self, view: View) -> Shown:
        """Generate what a view shows.

        Raises:
            UserError: If the view is damaged or does not suit the generator.
        """
        z, label = self.latent(view), self.label(view)
        return Shown(z, label, self.sample(z, label), self.off_prior(z))

    def sample(self, z: Float[Tensor, "b d"], label: Tensor | None = None) -> Tensor:
        """Samples of latents in model range on the CPU, all with the one label given."""
        labels = None if label is None else label.expand(len(z), *label.shape[1:])
        return self.generator.generate(z, labels).cpu()

    def off_prior(self, z: Float[Tensor, "1 d"]) -> float:
        """Percentile of a latent among the prior's own draws, as `Gauge` explains."""
        return float(self._gauge(z)[0])

    def path(self, view: View, steps: int) -> Walk:
        """The way between the two pinned latents, both included.

        Raises:
            UserError: If a latent is damaged, or there are fewer than 2 steps.
        """
        return between(self.prior, *self.ends(view), steps)

    def traverse(
        self, z: Float[Tensor, "1 d"], name: str, amounts: Float[Tensor, " s"], view: View
    ) -> Float[Tensor, "s d"]:
        """A latent moved along a direction, `(s, d)`; amounts in standard deviations of the prior.

        Raises:
            UserError: If there is no such direction.
        """
        return move(self.prior, z, self.direction(name, view), amounts)[0]

    def direction(self, name: str, view: View) -> Direction:
        """A direction by name: a saved one, a coordinate `z0`, `z1`, ..., or a local one.

        Raises:
            UserError: If there is none.
        """
        for known in self.directions:
            if known.name == name:
                return known
        number = name.removeprefix(COORDINATE)
        if number.isdigit() and name.startswith(COORDINATE) and int(number) < self.prior.dim:
            return self._coordinate(int(number))
        for known in self.local(view) if name.startswith(LOCAL) else ():
            if known.name == name:
                return known
        raise UserError(f"this generator has no direction {name[:40]!r}; find it again, or reset")

    def local(self, view: View, top: int = TOP_LOCAL) -> tuple[Direction, ...]:
        """What changes the sample most near the start of a view: right singular vectors of J.

        Directions are called `local-1`, ... and belong to that start alone.

        Raises:
            UserError: If the view is damaged.
        """
        key = view.origin
        with self._lock:
            if key not in self._local:
                self._local[key] = self._local_at(view, top)
                while len(self._local) > REMEMBERED:
                    self._local.popitem(last=False)
            return self._local[key]

    def edit(self, view: View, name: str) -> Direction:
        """The moves of a view together, as a direction of its own.

        Raises:
            UserError: If the view has no moves, or they change nothing.
        """
        step = self.latent(view) - self.start(view)
        if not step.norm() > 0:
            raise UserError("move a slider first: a direction needs somewhere to go")
        (found,) = directions(step, self.prior, method="edit", names=[name])
        return found.with_facts({"moves": dict(view.moves)})

    def beside(self, x: Float[Tensor, "1 c *s"], k: int = 1) -> Beside | None:
        """Nearest real rows of a sample; None where the data are not at hand."""
        return None if self.real is None else self.real.beside(x, k)

    def label_like(self, x: Float[Tensor, "1 c *s"], view: View) -> tuple[Tensor | None, str]:
        """The class that most of the 5 nearest training rows have, and its name.

        Without classes or data, the label of the view and no name.

        Raises:
            UserError: If the view names no label of this generator.
        """
        names = self.generator.classes
        known = None if self.real is None else self.real.train.label
        if self.real is None or known is None or not names:
            return self.label(view), ""
        rows = self.real.beside(x, min(VOTES, len(known))).train.index[0]
        name = names[int(known[rows].mode().values)]
        return self.generator.labels(1, label=name), name

    def invert(
        self,
        target: Float[Tensor, "1 c *s"],
        label: Tensor | None = None,
        *,
        restarts: int = 8,
        steps: int = 150,
        polish: int = 60,
        seed: int = 0,
        tell: Tell | None = None,
    ) -> Inversion:
        """The latent whose sample looks most like a real one in model range.

        Args:
            target: The real sample.
            label: Label to give to the generator.
            restarts: Starts, of which the best is kept.
            steps: Steps of the first descent.
            polish: Evaluations of the last one.
            seed: Seed of the starts.
            tell: Told the share of the work that is done; it may raise to stop.

        Raises:
            UserError: If the target does not fit the generator.
        """
        decode = self.generator.decoder(label)
        return invert(
            decode, self.prior, target, restarts=restarts, steps=steps, polish=polish, pool=512,
            seed=seed, progress=tell,
        )  # fmt: skip

    def _moved(self, z: Float[Tensor, "n d"], view: View) -> Float[Tensor, "n d"]:
        for name, amount in view.moves.items():
            z = move(self.prior, z, self.direction(name, view), torch.tensor([amount]))[:, 0]
        return z

    def _coordinate(self, index: int) -> Direction:
        vector = torch.zeros(self.prior.dim)
        vector[index] = 1.0
        scale = float(self._scale[index])
        return Direction(f"{COORDINATE}{index}", vector, "coordinate", None, scale)

    def _local_at(self, view: View, top: int) -> tuple[Direction, ...]:
        decode = self.generator.decoder(self.label(view))
        found = local_spectrum(decode, self.start(view), top)
        return directions(
            found.vectors,
            self.prior,
            method="local",
            names=[f"{LOCAL}{k + 1}" for k in range(len(found.vectors))],
            explained=found.shares.tolist(),
        )


def _scales(prior: Prior) -> Float[Tensor, " d"]:
    """Standard deviation of each coordinate among the prior's own draws."""
    return prior.sample(DRAWS, torch.Generator().manual_seed(0)).std(0, correction=0)


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise UserError(f"label={text[:40]}: expected numbers, such as 0.5,-1") from error
