import pytest
import torch

from gan_lab.data.synthetic import VAR
from gan_lab.data.synthetic.var import sparse_coefficients
from gan_lab.errors import UserError


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


def lyapunov(truth):
    """Reference: the covariance of the companion form as one linear system."""
    matrix = truth.companion
    d, c = len(matrix), len(truth.noise_covariance)
    noise = torch.zeros(d, d, dtype=torch.float64)
    noise[:c, :c] = truth.noise_covariance
    eye = torch.eye(d * d, dtype=torch.float64)
    return torch.linalg.solve(eye - torch.kron(matrix, matrix), noise.reshape(-1)).view(d, d)


@pytest.mark.parametrize("options", [{}, {"lags": 1, "channels": 3, "edges": 2}, {"lags": 3}])
def test_autocovariances(options, agrees):
    data = VAR(**options)
    c = data.truth.coefficients.shape[1]
    reference = lyapunov(data.truth)
    torch.testing.assert_close(data.truth.autocovariance(0), reference[:c, :c])
    if data.truth.coefficients.shape[0] > 1:
        torch.testing.assert_close(data.truth.autocovariance(1), reference[:c, c : 2 * c])
    x = data.simulate(20_000, 6, rng())
    agrees(x[:, 5], 0.0)
    for start, lag in [(0, 0), (5, 0), (4, 1), (5, 2), (5, 5)]:
        earlier = start - lag if start >= lag else start
        products = x[:, earlier + lag, :, None] * x[:, earlier, None, :]
        agrees(products, data.truth.autocovariance(lag))


def test_least_squares_finds_the_coefficients_and_only_them():
    data = VAR(n=40_000, stride=1)
    p, c, _ = data.truth.coefficients.shape
    path = data.simulate(1, 40_000, rng())[0]
    past = torch.cat([path[p - k : -k] for k in range(1, p + 1)], dim=1)
    gram = past.T @ past
    fitted = torch.linalg.solve(gram, past.T @ path[p:])
    error = torch.sqrt(
        torch.linalg.inv(gram).diagonal()[:, None] * data.truth.noise_covariance.diagonal()
    )
    true = data.truth.coefficients.permute(0, 2, 1).reshape(p * c, c)
    assert ((fitted - true).abs() < 5 * error).all()
    # Every edge stands out: the graph can be found.
    found = (fitted.abs() > 5 * error).view(p, c, c).any(dim=0).T
    assert torch.equal(found & ~torch.eye(c, dtype=torch.bool), data.truth.granger)


@pytest.mark.parametrize("edges", [0, 1, 7, 20])
@pytest.mark.parametrize("lags", [1, 3])
@pytest.mark.parametrize("radius", [0.3, 0.95])
def test_graph_is_the_pattern_and_the_radius_is_exact(edges, lags, radius):
    truth = VAR(edges=edges, lags=lags, radius=radius, graph_seed=edges).truth
    pattern = (truth.coefficients != 0).any(dim=0)
    assert torch.equal(truth.granger, pattern & ~torch.eye(5, dtype=torch.bool))
    assert truth.granger.sum() == edges
    assert pattern.diagonal().all()
    assert truth.radius == pytest.approx(radius, rel=1e-9)


def test_effect_is_in_the_row():
    data = VAR(coefficients=[[[0.5, 0.4], [0.0, 0.5]]], correlation=0.0)
    assert data.truth.granger.tolist() == [[False, True], [False, False]]
    assert data.channel_names == ("x0", "x1")
    x = data.simulate(20_000, 2, rng())
    lagged = (x[:, 1, :, None] * x[:, 0, None, :]).mean(dim=0)
    # Gamma_1 = A Gamma_0 with Gamma_0 from pencil and paper: var(x1) = 4/3.
    assert lagged[1, 1] == pytest.approx(2 / 3, abs=0.05)
    assert lagged[0, 1] > 0.6 > lagged[1, 0]


def test_graph_follows_its_own_seed():
    assert torch.equal(VAR(data_seed=1).truth.coefficients, VAR(data_seed=2).truth.coefficients)
    assert not torch.equal(VAR(graph_seed=1).truth.granger, VAR(graph_seed=2).truth.granger)


def test_an_explosive_process_is_refused():
    with pytest.raises(UserError, match=r"spectral radius 1\.100"):
        VAR(coefficients=[[[1.1]]])


@pytest.mark.parametrize(
    "bad",
    [
        {"channels": 0},
        {"lags": 0},
        {"edges": 21},
        {"edges": -1},
        {"radius": 1.0},
        {"graph_seed": -1},
        {"noise_std": 0.0},
        {"correlation": 1.0},
        {"correlation": -0.3},
        {"coefficients": []},
        {"coefficients": [[[0.5, 0.1]]]},
        {"coefficients": [[[0.5], [0.1, 0.2]]]},
        {"coefficients": [[[float("nan")]]]},
    ],
)
def test_bad_values(bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        VAR(**bad)


def test_sparse_coefficients_are_a_function_of_the_seed():
    options = {"channels": 4, "lags": 2, "edges": 3, "radius": 0.7}
    a, b = (sparse_coefficients(seed=3, **options) for _ in range(2))
    assert torch.equal(a, b)
