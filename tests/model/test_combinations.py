"""Random combinations of the groups in `conf/`, built as `gan-lab train` builds them.

Either a combination is refused in words, for a reason that is known beforehand, or it trains:
every term is finite, and each network is moved by its own steps alone, all of it.
"""

from dataclasses import dataclass

import hypothesis.strategies as st
import pytest
import pytorch_lightning as pl
import torch
from hypothesis import event, given, settings

from gan_lab.callbacks.clock import StopAfter
from gan_lab.cli.build import build
from gan_lab.cli.completion import choices
from gan_lab.cli.compose import compose
from gan_lab.errors import UserError

STEPS = 3
POINTS, IMAGES, SERIES = "points", "images", "series"
DATA = {
    "ring": (POINTS, None),
    "xor": (POINTS, "classes"),
    "wave": (POINTS, "attributes"),
    "digits8": (IMAGES, "classes"),
    "ar": (SERIES, None),
    "sines": (SERIES, None),
}
SMALL = {
    "ring": ["data.n=200"],
    "xor": ["data.n=200"],
    "wave": ["data.n=200"],
    "digits8": [],
    "ar": ["data.n=200", "data.window=8"],
    "sines": ["data.n=100", "data.channels=2", "data.window=9"],
}
NETWORKS = {
    "mlp": (POINTS, IMAGES, SERIES),
    "mlp_autoencoder": (POINTS, IMAGES, SERIES),
    "dcgan": (IMAGES, SERIES),
    "dcgan_autoencoder": (IMAGES, SERIES),
    "cnn1d": (IMAGES, SERIES),
    "residual": (IMAGES, SERIES),
    "lstm": (SERIES,),
}
AUGMENT = {
    "none": (POINTS, IMAGES, SERIES),
    "jitter": (POINTS, IMAGES, SERIES),
    "series": (SERIES,),
    "diffaugment": (IMAGES,),
    "ada": (IMAGES,),
    "ada_full": (IMAGES,),
    "ada_translation": (IMAGES,),
}
DIRECT = ("energy_distance", "mmd", "sinkhorn")
# A constant in all logits cancels: always, or while no logit is beyond its margin.
CENTRED = (
    *("rpgan", "relativistic_average", "ra_hinge", "ra_lsgan", "wgan"),
    *("hinge", "ebgan"),
)
CONSISTENCY = ("cr", "bcr")
OBJECTIVES, REGULARIZERS, LATENT = map(choices, ("objectives", "regularizers", "latent"))
TRANSFORM = "regularizers.cr.penalty.transform._target_=gan_lab.augment."


@dataclass(frozen=True)
class Combination:
    """One choice per group, and the numbers that change how the game is played."""

    data: str
    networks: str
    latent: str
    objective: str
    regularizers: tuple[str, ...]
    augment: str
    transform: str
    orthogonal_side: str
    pack: int
    d_steps: int
    conditional: bool
    seed: int

    def words(self):
        """Overrides of `conf/train.yaml`."""
        words = [
            f"data={self.data}",
            f"networks={self.networks}",
            f"latent={self.latent}",
            f"objectives={self.objective}",
            f"regularizers=[{','.join(self.regularizers)}]",
            f"augment={self.augment}",
            f"model.pack={self.pack}",
            f"model.d_steps={self.d_steps}",
            f"seed={self.seed}",
            "data.batch_size=8",
            "networks.generator.width=8",
            "networks.critic.width=8",
            *SMALL[self.data],
        ]
        words += ["latent.dim=4"] if self.latent != "info" else []
        words += ["latent.components=3"] if self.latent == "mixture" else []
        if not self.conditional:
            words += [f"+networks.{side}.conditional=false" for side in ("generator", "critic")]
        if set(CONSISTENCY) & set(self.regularizers):
            words.append(TRANSFORM + self.transform)
        if "orthogonal" in self.regularizers:
            words.append(f"regularizers.orthogonal.side={self.orthogonal_side}")
        return words

    @property
    def has_critic_steps(self):
        return self.objective not in DIRECT

    def refusals(self):
        """Why this combination cannot be, one pattern of a message each."""
        modality, labels = DATA[self.data]
        shifts = self.transform.endswith("Translation") and self.has_critic_steps
        return [
            match
            for refused, match in (
                (modality not in NETWORKS[self.networks], "choose networks="),
                (modality not in AUGMENT[self.augment], "changes (images|series)"),
                (
                    shifts and modality != IMAGES and set(CONSISTENCY) & set(self.regularizers),
                    "changes images",
                ),
                ("ac_gan" in self.regularizers and labels != "classes", "needs data with classes"),
                ("ac_gan" in self.regularizers and self.pack > 1, "set model.pack=1"),
                ("info_gan" in self.regularizers and self.latent != "info", "choose latent=info"),
                ("info_gan" in self.regularizers and self.pack > 1, "set model.pack=1"),
                (self.pack > 1 and labels and self.conditional, "conditional"),
            )
            if refused
        ]


def mostly(common, *others):
    """The common choice about as often as all others together."""
    return st.one_of(st.just(common), st.sampled_from(others))


@st.composite
def combinations(draw):
    """Any combination; networks and augmentations that suit the data are the likelier ones."""
    data = draw(st.sampled_from(sorted(DATA)))
    modality = DATA[data][0]
    suits = {
        group: st.sampled_from([name for name, kinds in table.items() if modality in kinds])
        for group, table in (("networks", NETWORKS), ("augment", AUGMENT))
    }
    anything = draw(st.integers(0, 5)) == 0
    pack = draw(mostly(1, 2, 4))
    conditional = draw(st.booleans())
    regularizers = draw(
        st.lists(st.sampled_from(REGULARIZERS), min_size=1, max_size=3, unique=True)
    )
    return Combination(
        data=data,
        networks=draw(st.sampled_from(list(NETWORKS)) if anything else suits["networks"]),
        latent=draw(st.just("info"))
        if "info_gan" in regularizers and not anything
        else draw(st.sampled_from(LATENT)),
        objective=draw(st.sampled_from(OBJECTIVES)),
        regularizers=tuple(regularizers),
        augment=draw(st.sampled_from(list(AUGMENT)) if anything else suits["augment"]),
        transform=draw(mostly("noise.Noise", "geometry.Translation")),
        orthogonal_side=draw(st.sampled_from(["critic", "generator", "both"])),
        pack=pack,
        d_steps=draw(st.integers(1, 3)),
        conditional=conditional,
        seed=draw(st.integers(0, 99)),
    )


class Record(pl.Callback):
    """Weights and gradients of both networks just before each optimizer step."""

    def __init__(self):
        self.moments = []
        self.terms = []

    def on_before_optimizer_step(self, trainer, pl_module, optimizer):
        side = optimizer.param_groups[0]["name"]
        self.moments.append((side, weights(pl_module), gradients(pl_module)))

    def on_train_batch_end(self, trainer, pl_module, *_):
        self.terms.append({k: float(v) for k, v in pl_module.last_terms.items()})


def networks_of(model):
    heads = list(model.penalties.parameters())
    return {
        "generator": list(model.generator.parameters()),
        "critic": [*model.critic.parameters(), *heads],
    }


def weights(model):
    return {k: [p.detach().clone() for p in v] for k, v in networks_of(model).items()}


def gradients(model):
    return {
        k: [torch.zeros(()) if p.grad is None else p.grad.clone() for p in v]
        for k, v in networks_of(model).items()
    }


def same(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def train(combination):
    parts = build(compose(combination.words()))
    record = Record()
    trainer = pl.Trainer(
        max_epochs=-1, logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, callbacks=[record, StopAfter(STEPS)], accelerator="cpu",
    )  # fmt: skip
    before = weights(parts.model)
    trainer.fit(parts.model, datamodule=parts.data)
    return parts.model, record, before


def check_turns(combination, model, record):
    """The sides take turns, and between two moments only the one that stepped has moved."""
    turn = ["critic"] * combination.d_steps * combination.has_critic_steps + ["generator"]
    assert [side for side, *_ in record.moments] == turn * STEPS
    after = [*record.moments[1:], (None, weights(model), gradients(model))]
    for (side, old, old_slope), (following, new, new_slope) in zip(
        record.moments, after, strict=True
    ):
        other = "critic" if side == "generator" else "generator"
        assert same(old[other], new[other]), f"{other} moved in the {side}'s step"
        assert not same(old[side], new[side])
        if following == other:  # the other's backward pass leaves no trace here
            assert same(old_slope[side], new_slope[side])


def check_all_moved(combination, model, before):
    """Every parameter has moved, but for those that the losses cannot see."""
    moved = weights(model)
    names = {
        "generator": [n for n, _ in model.generator.named_parameters()],
        "critic": [n for net in (model.critic, model.penalties) for n, _ in net.named_parameters()],
    }
    for side in ("generator", "critic"):
        if side == "critic" and not combination.has_critic_steps:
            assert same(before[side], moved[side])
            continue
        still = {
            name
            for name, old, new in zip(names[side], before[side], moved[side], strict=True)
            if old.equal(new)
        }
        invisible = {"head.linear.bias"} if combination.objective in CENTRED else set()
        assert still <= (invisible if side == "critic" else set()), side


@pytest.mark.slow
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(combinations())
def test_a_combination_trains_or_is_refused_in_words(combination):
    reasons = combination.refusals()
    if reasons:
        event("refused")
        with pytest.raises(UserError, match="|".join(reasons)) as refusal:
            train(combination)
        assert 20 < len(str(refusal.value)) < 300
        return
    event("trained")
    model, record, before = train(combination)
    assert model.steps == STEPS and len(record.terms) == STEPS
    assert all(torch.tensor(list(terms.values())).isfinite().all() for terms in record.terms)
    check_turns(combination, model, record)
    check_all_moved(combination, model, before)
