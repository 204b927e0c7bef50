import pytest
import torch
from torch import nn

from gan_lab.components.cnn import ConvBlock, Enlarge, MinibatchStd, UpBlock, convolution, crop
from gan_lab.components.residual import ResidualBlock, shrink


@pytest.mark.parametrize(("size", "axes"), [((9,), 1), ((9, 10), 2)])
@pytest.mark.parametrize("method", ["nearest", "linear"])
def test_enlarging_keeps_constants_and_meets_the_size(size, axes, method):
    y = Enlarge(size, method)(torch.full((1, 2, *[5] * axes), 3.0))
    torch.testing.assert_close(y, torch.full((1, 2, *size), 3.0))


def test_nearest_repeats_every_value():
    assert Enlarge((5,))(torch.tensor([[[1.0, 2.0, 3.0]]])).tolist() == [[[1, 1, 2, 2, 3]]]


def test_shrink_averages_pairs_and_keeps_an_odd_end():
    x = torch.tensor([[[1.0, 3.0, 5.0, 7.0, 9.0]]])
    assert shrink(1)(x).tolist() == [[[2, 6, 9]]]
    assert shrink(2)(x[:, None].expand(1, 1, 3, 5)).tolist() == [[[[2, 6, 9]] * 2]]


def test_one_axis_is_the_two_axis_block_on_one_row():
    flat, square = ConvBlock(2, 3, 1), ConvBlock(2, 3, 2)
    square.convolution.weight.data.zero_()
    square.convolution.weight.data[:, :, 1] = flat.convolution.weight.data
    square.convolution.bias.data = flat.convolution.bias.data
    x = torch.randn(4, 2, 8)
    torch.testing.assert_close(square(x[:, :, None])[:, :, 0], flat(x))


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("transposed", [False, True])
def test_he_initialisation_keeps_the_scale(axes, transposed):
    stride, kernel = (2, 4) if transposed else (1, 3)
    layer = convolution(
        64, 64, axes, kernel=kernel, stride=stride, transposed=transposed, bias=False
    )
    y = layer(nn.LeakyReLU(0.2)(torch.randn(4, 64, *[16] * axes)))
    inner = y[(..., *[slice(2, -2)] * axes)]
    assert 0.8 < inner.square().mean() < 1.2


def test_interpolating_leaves_no_checkerboard_and_transposing_does():
    def spread(method):
        block = UpBlock(8, 8, (32, 32), method=method, activation=nn.Identity)
        inner = block(torch.ones(1, 8, 16, 16))[:, :, 2:-2, 2:-2]
        return inner.std(dim=(2, 3)).max()

    assert spread("nearest") < 1e-5
    assert spread("linear") < 1e-5
    assert spread("transposed") > 0.1


@pytest.mark.parametrize("axes", [1, 2])
def test_residual_blocks_keep_the_scale_at_any_depth(axes):
    x = torch.randn(4, 16, *[8] * axes)
    deep = nn.Sequential(*(ResidualBlock(16, axes, blocks=40) for _ in range(40)))
    y = deep(x)
    assert not torch.equal(y, x)
    assert 0.8 < y.std() / x.std() < 1.5


def test_residual_groups_divide_the_inner_channels():
    assert ResidualBlock(32, 2, group_size=16).mix.groups == 4
    assert ResidualBlock(3, 2, group_size=4).mix.groups == 1
    assert ResidualBlock(3, 2, group_size=1).mix.groups == 6


def test_minibatch_std_closed_form():
    x = torch.tensor([[[1.0, 0.0]], [[3.0, 0.0]]])
    y = MinibatchStd()(x)
    assert torch.equal(y[:, :1], x)
    # standard deviations 1 and 0, mean 1/2
    torch.testing.assert_close(y[:, 1:], torch.full((2, 1, 2), 0.5), atol=1e-4, rtol=0)


def test_crop_keeps_the_beginning():
    assert crop(torch.arange(6.0).view(1, 1, 2, 3), (1, 2)).tolist() == [[[[0, 1]]]]
