"""A control follows the critic; its state is part of every checkpoint."""

import jaxtyping
import pytest
import torch

from gan_lab.control import Control


class Confidence(Control):
    """Steers a probability by the sign of the logits on real samples, as ADA does."""

    def __init__(self):
        super().__init__()
        self.register_buffer("p", torch.tensor(0.0))

    def update(
        self,
        *,
        real: jaxtyping.Float[torch.Tensor, " b"],
        fake: jaxtyping.Float[torch.Tensor, " b"],
        images: int,
    ) -> None:
        self.p = (self.p + images / 1000 * (real.sign().mean() - 0.6).sign()).clamp(0, 1)

    def readings(self):
        return {"confidence/p": float(self.p)}


def play(control, steps, logit):
    for _ in range(steps):
        control.update(real=torch.full((4,), logit), fake=torch.zeros(4), images=50)


def test_a_control_has_no_weights_and_keeps_its_state():
    control = Confidence()
    play(control, 6, 1.0)
    assert control.p == pytest.approx(0.3)
    assert not list(control.parameters())
    restored = torch.nn.ModuleDict({"augment": Confidence()})
    restored.load_state_dict(torch.nn.ModuleDict({"augment": control}).state_dict())
    for part in (control, restored["augment"]):
        play(part, 2, -1.0)
    assert torch.equal(restored["augment"].p, control.p)
    assert control.p == pytest.approx(0.2)


def test_logits_cannot_be_swapped_by_place():
    with pytest.raises(TypeError):
        Confidence().update(torch.zeros(4), torch.zeros(4), 4)
