"""What is compared: data sets with known modes, and methods as words on top of an experiment."""

from collections.abc import Sequence
from dataclasses import dataclass

from gan_lab.errors import UserError

# An experiment may hold R1 and R2 keys of its own; `++` empties them also where it does not.
WITHOUT_R1_R2 = ("++regularizers.r1=null", "++regularizers.r2=null")
NO_PENALTY = ("regularizers=none", *WITHOUT_R1_R2)


@dataclass(frozen=True)
class Published:
    """A row of a paper; None where the paper gives no number."""

    method: str
    modes: str
    high_quality: str | None
    kl: str | None
    source: str


@dataclass(frozen=True)
class Board:
    """One data set with known modes and how generators are scored on it.

    Attributes:
        experiment: The recipe that every method starts from.
        gradient_penalty: Weight of WGAN-GP's penalty that suits these data.
        modes: Number of modes.
        n: Samples of one draw.
        draws: Number of disjoint draws; a score is the mean over them.
        rejects: Whether a sample can lie at no mode, so that a share of high quality exists.
        note: What a reader of the published rows has to know.
        published: Rows of papers.
    """

    experiment: str
    gradient_penalty: float
    modes: int
    n: int
    draws: int
    rejects: bool
    note: str
    published: tuple[Published, ...]


@dataclass(frozen=True)
class Method:
    """A training method: `words` are what it changes in the experiment, `title` is for people."""

    title: str
    words: tuple[str, ...] | None = ()


PACGAN = "Lin et al., PacGAN, 2018, Table 1"
STACKED = "Lin et al., PacGAN, 2018, Table 2"
R3GAN = "Huang et al., R3GAN, 2024"
BOARDS = {
    "grid": Board(
        experiment="gaussians_mlp", gradient_penalty=0.1,
        modes=25, n=2500, draws=20, rejects=True,
        note="PacGAN trained 400,000 iterations of batch 100 (400 epochs of 100,000 points), "
        "generators of 4 x 400 with batch norm against maxout critics of 3 x 200; mean of 10 runs.",
        published=(
            Published("GAN", "17.3 ± 0.8", "94.8", "0.70", PACGAN),
            Published("ALI", "24.1 ± 0.4", "95.7", "0.14", PACGAN),
            Published("PacGAN4", "24.8", "93.6", "0.04", PACGAN),
        ),
    ),
    "ring": Board(
        experiment="ring_mlp", gradient_penalty=0.1,
        modes=8, n=2500, draws=20, rejects=True,
        note="Not comparable in the share of high quality: the paper's modes have a standard "
        "deviation of 0.01 (`data.std=0.01`), those of the experiment 0.05.",
        published=(
            Published("GAN", "6.3", None, None, PACGAN),
            Published("ALI", "6.6", None, None, PACGAN),
            Published("PacGAN2", "7.9", None, None, PACGAN),
        ),
    ),
    "stacked_mnist": Board(
        experiment="stacked_mnist", gradient_penalty=10.0,
        modes=1000, n=26_000, draws=1, rejects=False,
        note="The papers stack digits of the full MNIST, not of 5,000, and count with classifiers "
        "of their own. The rows of R3GAN are quoted at second hand.",
        published=(
            Published("DCGAN", "99", None, "3.40", f"{STACKED}, from VEEGAN"),
            Published("VEEGAN", "150", None, "2.95", f"{STACKED}, from VEEGAN"),
            Published("PacDCGAN", "1000", None, "0.06", STACKED),
            Published("RpGAN + R1 + R2", "1000", None, "0.078", R3GAN),
            Published("R3GAN", "1000", None, "0.029", R3GAN),
        ),
    ),
}  # fmt: skip


def methods_for(board: Board) -> dict[str, Method]:
    """Every method by its word on the command line; `real` trains nothing."""
    weight = f"regularizers.gradient_penalty.weight={board.gradient_penalty:g}"
    gan = ("objectives=non_saturating", *NO_PENALTY)
    wgan = ("objectives=wgan", "regularizers=gradient_penalty", weight, "model.d_steps=5")
    spectral = "++networks.critic.spectral=true"
    return {
        "real": Method("real data (floor)", None),
        "ns": Method("NS", gan),
        "ns_pack2": Method("NS, packs of 2", (*gan, "model.pack=2")),
        "wgan_gp": Method("WGAN-GP", (*wgan, *WITHOUT_R1_R2)),
        "hinge_sn": Method("hinge, spectral norm", ("objectives=hinge", spectral, *NO_PENALTY)),
        "lsgan": Method("LSGAN", ("objectives=lsgan", *NO_PENALTY)),
        "ns_r1": Method("NS + R1", ("objectives=non_saturating", "++regularizers.r2=null")),
        "rpgan_r1_r2": Method("RpGAN + R1 + R2 (the recipe)", ()),
        "energy": Method("energy distance, no critic", ("objectives=energy_distance", *NO_PENALTY)),
    }


def chosen(word: str, valid: Sequence[str], key: str) -> list[str]:
    """`all`, or names with commas between them.

    Raises:
        UserError: If a name is unknown.
    """
    names = list(valid) if word == "all" else word.split(",")
    for name in names:
        if name not in valid:
            raise UserError(f"{key}: there is no {name!r}; expected all, or of {', '.join(valid)}")
    return names


def whole_numbers(word: str) -> list[int]:
    """`0..9`, both ends included, or `0,3,4`.

    Raises:
        UserError: If it is neither.
    """
    first, dots, last = word.partition("..")
    try:
        if dots:
            return list(range(int(first), int(last) + 1))
        return [int(part) for part in word.split(",")]
    except ValueError:
        raise UserError(f"seeds is {word!r}; expected a range such as 0..9, or 0,1,2") from None
