import pytest
import torch

from gan_lab.components.conditioning import (
    ConcatHead,
    ConditionalNorm,
    LabelConcat,
    ProjectionHead,
    critic_head,
)
from gan_lab.errors import UserError
from gan_lab.spec import UNLABELLED, Labels


def test_projection_head_closed_form():
    head = ProjectionHead(2, Labels(classes=2))
    head.load_state_dict(
        {
            "linear.weight": torch.tensor([[2.0, -1.0]]),
            "linear.bias": torch.tensor([0.5]),
            "embedding.weight": torch.tensor([[1.0, 0.0], [3.0, 4.0]]),
        }
    )
    features = torch.tensor([[1.0, 2.0], [1.0, 2.0], [0.0, 0.0]])
    # w.phi + b = 0.5, 0.5, 0.5; e.phi = 1, 3 + 8, 0
    expected = torch.tensor([1.5, 11.5, 0.5])
    torch.testing.assert_close(head(features, torch.tensor([0, 1, 1])), expected)


def test_projection_of_equal_class_vectors_is_linear_in_the_features():
    head = ProjectionHead(4, Labels(classes=3))
    head.embedding.weight.data[:] = head.embedding.weight[0].clone()
    x = torch.randn(3, 4)
    joint = head.linear.weight[0] + head.embedding.weight[0]
    torch.testing.assert_close(head(x, torch.arange(3)), x @ joint + head.linear.bias)


def test_conditional_norm_scales_and_shifts_by_class():
    norm = ConditionalNorm("none", 1, 2, Labels(classes=2))
    norm.film.weight.data = torch.tensor([[1.0, 0.5], [-1.0, 7.0]])
    x = torch.full((2, 1, 2, 2), 3.0)
    y = norm(x, torch.tensor([0, 1]))
    torch.testing.assert_close(y[0], torch.full((1, 2, 2), 6.5))
    torch.testing.assert_close(y[1], torch.full((1, 2, 2), 7.0))


def test_without_classes_nothing_depends_on_labels():
    z = torch.randn(4, 3)
    assert LabelConcat(3, UNLABELLED).dim == 3
    assert torch.equal(LabelConcat(3, UNLABELLED)(z), z)
    assert torch.equal(ConditionalNorm("none", 3, 0)(z), z)
    assert isinstance(critic_head(3, UNLABELLED, "concat"), ProjectionHead)


def test_label_concat_keeps_the_latent_and_appends_the_class():
    join = LabelConcat(3, Labels(4), label_dim=2)
    z = torch.randn(2, 3)
    y = join(z, torch.tensor([3, 1]))
    assert torch.equal(y[:, :3], z)
    assert torch.equal(y[:, 3:], join.embedding.weight[[3, 1]])


@pytest.mark.parametrize(
    "block",
    [
        LabelConcat(3, Labels(2)),
        ConditionalNorm("none", 3, 0, Labels(2)),
        ProjectionHead(3, Labels(2)),
        ConcatHead(3, Labels(2)),
    ],
    ids=lambda b: type(b).__name__,
)
def test_missing_label_is_told(block):
    with pytest.raises(UserError, match="2 classes and got no label"):
        block(torch.randn(2, 3))


CONTINUOUS = [
    LabelConcat(3, Labels(attributes=2)),
    ConditionalNorm("none", 3, 0, Labels(attributes=2)),
    ProjectionHead(3, Labels(attributes=2)),
    ConcatHead(3, Labels(attributes=2)),
]


@pytest.mark.parametrize("block", CONTINUOUS, ids=lambda b: type(b).__name__)
def test_attributes_condition_every_block_and_get_a_gradient(block):
    x, label = torch.randn(4, 3), torch.randn(4, 2, requires_grad=True)
    block(x, label).square().sum().backward()
    assert label.grad.abs().gt(0).all()
    assert not torch.equal(block(x, label), block(x, -label))


def test_attributes_scale_the_projection_linearly():
    head = ProjectionHead(3, Labels(attributes=1))
    x, label = torch.randn(4, 3), torch.ones(4, 1)
    slope = head(x, 3 * label) - head(x, 2 * label)
    torch.testing.assert_close(slope, x @ head.embedding.weight[0])


@pytest.mark.parametrize(
    ("labels", "given"),
    [(Labels(classes=2), torch.zeros(2, 1)), (Labels(attributes=1), torch.tensor([0, 1]))],
)
def test_a_label_of_the_wrong_kind_is_told(labels, given):
    with pytest.raises(UserError, match=r"conditional on .* and got a label of shape"):
        LabelConcat(3, labels)(torch.randn(2, 3), given)


@pytest.mark.parametrize("conditioning", ["projection", "concat"])
def test_a_spectral_head_is_no_steeper_than_its_input(conditioning):
    """Without labels the slope is exactly 1; each layer of the other head is bounded by 1."""
    head = critic_head(6, Labels(classes=3), conditioning, spectral=True)
    layers = [head.linear, head.embedding if conditioning == "projection" else head.hidden]
    for _ in range(200):
        head(torch.randn(4, 6), torch.tensor([0, 1, 2, 0]))
    for layer in layers:
        top = torch.linalg.matrix_norm(layer.weight, ord=2)
        torch.testing.assert_close(top, torch.tensor(1.0), rtol=1e-3, atol=0)
