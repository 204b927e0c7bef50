import pytest
import torch

from gan_lab.data.synthetic.recurrence import (
    scalar_recurrence,
    spectral_radius,
    stationary_covariance,
    vector_recurrence,
)


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


@pytest.mark.parametrize("steps", [1, 2, 3, 64, 100])
def test_vector_recurrence_is_the_loop(steps):
    matrix, drive = 0.4 * normal(3, 3), normal(2, steps, 3)
    x, rows = torch.zeros(2, 3, dtype=torch.float64), []
    for t in range(steps):
        x = x @ matrix.T + drive[:, t]
        rows.append(x)
    torch.testing.assert_close(vector_recurrence(matrix, drive), torch.stack(rows, dim=1))


@pytest.mark.parametrize("steps", [1, 2, 3, 64, 100])
def test_scalar_recurrence_is_the_loop(steps):
    factor, drive = normal(2, steps), normal(2, steps)
    x, rows = torch.zeros(2, dtype=torch.float64), []
    for t in range(steps):
        x = factor[:, t] * x + drive[:, t]
        rows.append(x)
    torch.testing.assert_close(scalar_recurrence(factor, drive), torch.stack(rows, dim=1))


def test_recurrences_leave_their_input_alone():
    factor, drive = normal(2, 9), normal(2, 9)
    kept = factor.clone(), drive.clone()
    scalar_recurrence(factor, drive)
    vector_recurrence(torch.eye(1, dtype=torch.float64), drive[..., None])
    assert torch.equal(factor, kept[0])
    assert torch.equal(drive, kept[1])


@pytest.mark.parametrize("radius", [0.0, 0.5, 0.99, 0.99999])
def test_covariance_solves_the_lyapunov_equation(radius):
    matrix = normal(4, 4)
    matrix *= radius / spectral_radius(matrix)
    root = normal(4, 4)
    noise = root @ root.T
    eye = torch.eye(16, dtype=torch.float64)
    expected = torch.linalg.solve(eye - torch.kron(matrix, matrix), noise.reshape(16))
    found = stationary_covariance(matrix, noise)
    torch.testing.assert_close(found, expected.view(4, 4), rtol=1e-8, atol=1e-9)


def test_spectral_radius_of_a_rotation():
    matrix = torch.tensor([[0.0, -0.7], [0.7, 0.0]], dtype=torch.float64)
    assert spectral_radius(matrix) == pytest.approx(0.7)
