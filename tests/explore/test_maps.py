import sys

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.maps import by_components, by_coordinates, by_directions, by_umap


def rows(n=200, d=6, seed=0):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=rng) * torch.tensor([1.0, 5.0, 0.5, 3.0, 0.2, 0.1])[:d]


def test_components_are_those_of_the_svd():
    x = rows()
    found = by_components(x)
    centred = x.double() - x.double().mean(0)
    u, s, _ = torch.linalg.svd(centred, full_matrices=False)
    torch.testing.assert_close(found.xy.abs(), (u[:, :2] * s[:2]).abs())
    share = s[:2].square() / s.square().sum()
    assert found.explained == pytest.approx(tuple(share.tolist()))


def test_a_place_leads_back_to_its_own_row():
    x = rows()
    for found in (by_components(x), by_directions(x, torch.eye(6)[[4, 2]])):
        back = found.back(found.xy, base=x)
        torch.testing.assert_close(back, x, atol=1e-5, rtol=0)
        torch.testing.assert_close(found.plane.place(back), found.xy, atol=1e-5, rtol=0)
        assert torch.equal(found.nearest(found.xy)[:, 0], torch.arange(len(x)))


def test_a_click_keeps_what_lies_across_the_map():
    x = rows()
    found = by_components(x)
    click = torch.tensor([[2.0, -1.0]])
    back = found.back(click)
    torch.testing.assert_close(found.plane.place(back), click.double(), atol=1e-5, rtol=0)
    near = x[found.nearest(click)[0]]
    across = (back - near).double()
    flat = across @ found.plane.axes.T @ found.plane.axes
    torch.testing.assert_close(across, flat, atol=1e-5, rtol=0)


def test_two_coordinates_are_shown_as_they_are():
    x = rows(d=2)
    assert torch.equal(by_coordinates(x).xy, x.double())
    line = by_coordinates(x[:, :1])
    assert torch.equal(line.xy[:, 0], x[:, 0].double())
    assert not line.xy[:, 1].any()


def test_directions_keep_their_sense_and_become_orthonormal():
    axes = torch.tensor([[1.0, 0, 0], [1.0, -2.0, 0]])
    found = by_directions(rows(d=3), axes)
    torch.testing.assert_close(found.plane.axes @ found.plane.axes.T, torch.eye(2).double())
    assert ((found.plane.axes * axes.double()).sum(1) > 0).all()


def test_training_rows_set_the_plane_of_other_rows():
    train, others = rows(), rows(seed=1) * 3
    found = by_components(others, train)
    torch.testing.assert_close(found.plane.axes, by_components(train).plane.axes)
    assert found.xy.shape == (200, 2)


def test_without_umap_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(UserError, match="pip install umap-learn"):
        by_umap(rows())


def test_too_few_rows_are_refused():
    with pytest.raises(UserError, match="2 rows"):
        by_components(rows(2))
