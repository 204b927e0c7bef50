import pytest
import torch

from gan_lab.data.synthetic.noise import normals, uniforms


def draw(source, *shape, seed=0):
    return source(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("source", [uniforms, normals])
@pytest.mark.parametrize("n", [1, 7, 16, 33])
def test_first_rows_do_not_depend_on_the_number_of_rows(source, n):
    assert torch.equal(draw(source, 100, 3)[:n], draw(source, n, 3))


def test_seeds_differ():
    assert not torch.equal(draw(normals, 5), draw(normals, 5, seed=1))


def test_normal_moments(agrees):
    x = draw(normals, 100_000)
    powers = torch.stack([x, x**2, x**3, x**4], dim=1)
    agrees(powers, torch.tensor([0.0, 1.0, 0.0, 3.0], dtype=torch.float64))


def test_a_zero_gives_a_finite_normal(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda *s, **_: torch.zeros(s, dtype=torch.float64))
    assert -9 < draw(normals, 1) < -8
