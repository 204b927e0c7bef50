import pytest
import torch

from gan_lab.data.synthetic import VECM
from gan_lab.errors import UserError

GIVEN = {
    "alpha": [[-0.3, 0.1], [0.1, -0.4], [0.0, 0.2]],
    "beta": [[1.0, 0.0], [-0.5, 1.0], [0.0, -2.0]],
}


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("options", [{}, {"channels": 5, "rank": 3}, {"correlation": 0.4}, GIVEN])
def test_errors_are_stationary_from_the_start(options, agrees):
    truth = VECM(**options).truth
    r = truth.rank
    eye = torch.eye(r * r, dtype=torch.float64)
    shocks = truth.beta.T @ truth.noise_covariance @ truth.beta
    reference = torch.linalg.solve(
        eye - torch.kron(truth.error_dynamics, truth.error_dynamics), shocks.reshape(-1)
    ).view(r, r)
    torch.testing.assert_close(truth.error_covariance, reference)
    x = VECM(**options).simulate(20_000, 50, rng())
    for t in (0, 1, 49):
        errors = x[:, t] @ truth.beta
        agrees(errors, 0.0)
        agrees(errors[:, :, None] * errors[:, None, :], reference)


@pytest.mark.parametrize("options", [{}, {"channels": 5, "rank": 3}, {"channels": 2, "rank": 1}])
def test_common_trends_are_random_walks(options, agrees):
    data = VECM(noise_std=0.5, **options)
    x = data.simulate(20_000, 33, rng())
    moved = x[:, 1:, data.truth.rank :] - x[:, :1, data.truth.rank :]
    steps = torch.arange(1.0, 33.0, dtype=torch.float64)
    agrees(moved.square(), 0.25 * steps[:, None])


def test_long_run_matrix_and_its_rank():
    truth = VECM(channels=5, rank=3, speed=0.2).truth
    assert truth.rank == torch.linalg.matrix_rank(truth.long_run) == 3
    # Channels 0, 1, 2 follow the trends 3, 4, 3.
    assert truth.beta.T.tolist() == [[1, 0, 0, -1, 0], [0, 1, 0, 0, -1], [0, 0, 1, -1, 0]]
    assert truth.granger.nonzero().tolist() == [[0, 3], [1, 4], [2, 3]]
    # A step has one unit root per common trend, and no other.
    roots = torch.linalg.eigvals(torch.eye(5) + truth.long_run).abs()
    assert (roots > 1 - 1e-9).sum() == 2
    assert roots.max() < 1 + 1e-9


def test_least_squares_finds_the_long_run_matrix(agrees):
    data = VECM(**GIVEN)
    x = data.simulate(400, 400, rng())
    past, change = x[:, :-1], x.diff(dim=1)
    errors = past @ data.truth.beta
    gram = errors.transpose(1, 2) @ errors
    speeds = torch.linalg.solve(gram, errors.transpose(1, 2) @ change)
    # Regression on a lagged variable is biased by about (1 + 3 rho) / T in every series.
    bias = (speeds.mean(dim=0).T - data.truth.alpha).abs().max()
    assert bias < 4 / 400 + 5 * float(speeds.std(dim=0).max()) / 20


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"channels": 1}, r"data\.channels"),
        ({"rank": 0}, r"data\.rank"),
        ({"rank": 4}, r"data\.rank"),
        ({"speed": 0.0}, r"data\.speed"),
        ({"speed": 2.0}, r"data\.speed"),
        ({"alpha": [[0.1]]}, "give both"),
        ({"alpha": [[-0.1]], "beta": [[1.0], [-1.0]]}, r"data\.alpha has shape"),
        ({"alpha": [[-0.1]], "beta": [[1.0]]}, "fewer than rows"),
        ({"alpha": [[0.1], [0.0]], "beta": [[1.0], [-1.0]]}, "errors grow by 1.100"),
        (
            {
                "alpha": [[-0.1, 0.0], [0.0, -0.1], [0.0, 0.0]],
                "beta": [[1.0, 2.0], [-1.0, -2.0], [0.0, 0.0]],
            },
            "independent columns",
        ),
    ],
)
def test_bad_values(bad, message):
    with pytest.raises(UserError, match=message):
        VECM(**bad)
