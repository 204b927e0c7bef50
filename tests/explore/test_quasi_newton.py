import torch
from scipy.optimize import rosen

from gan_lab.explore.quasi_newton import minimise


def rosenbrock(z):
    leaf = z.detach().requires_grad_()
    with torch.enable_grad():
        value = (100 * (leaf[:, 1:] - leaf[:, :-1] ** 2) ** 2 + (1 - leaf[:, :-1]) ** 2).sum(1)
        (slope,) = torch.autograd.grad(value.sum(), leaf)
    return value.detach(), slope


def test_rosenbrock_from_many_starts():
    start = torch.randn(6, 4, dtype=torch.float64)
    found, trace = minimise(rosenbrock, start, 150)
    assert rosen(found.numpy().T).max() < 4  # 3.7 is the other minimum in four dimensions
    assert rosenbrock(found)[1].abs().max() < 1e-5
    assert (trace.diff(dim=0) <= 0).all()
    assert trace.shape == (151, 6)


def test_a_quadratic_takes_about_as_many_steps_as_dimensions():
    scale = torch.logspace(0, 3, 8, dtype=torch.float64)

    def bowl(z):
        return (scale * z**2).sum(1), 2 * scale * z

    found, _ = minimise(bowl, torch.ones(2, 8, dtype=torch.float64), 60)
    assert found.abs().max() < 1e-5


def test_rows_are_independent():
    start = torch.randn(3, 4, dtype=torch.float64)
    together, _ = minimise(rosenbrock, start, 40)
    alone, _ = minimise(rosenbrock, start[1:2], 40)
    assert torch.allclose(together[1], alone[0], atol=1e-12)


def test_projection_is_kept_and_nothing_gets_worse():
    def slide(z):
        return z.sum(1), torch.ones_like(z)

    found, trace = minimise(slide, torch.zeros(2, 3), 30, lambda z: z.clamp(-1, 1))
    assert torch.equal(found, torch.full((2, 3), -1.0))
    assert (trace.diff(dim=0) <= 0).all()
