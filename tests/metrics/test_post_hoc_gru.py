import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lab.errors import UserError
from gan_lab.metrics.post_hoc_gru import StackedGRU, check_windows, draw, seeds, train


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_states_obey_the_equations_of_the_cell():
    network = StackedGRU(2, 3, seeds(0, 2)).double()
    x = torch.randn(2, 4, 5, 2).double()
    found = network.states(x).detach().numpy()
    every = network.every(x).detach().numpy()
    w = {name: p.detach().numpy() for name, p in network.named_parameters()}
    for run in range(2):
        h = np.zeros((4, 3))
        for t in range(5):
            now = x[run, :, t].numpy()
            gates = np.hstack([now, h]) @ w["gates"][run] + w["gate_bias"][run]
            reset, update = np.split(sigmoid(gates), 2, axis=1)
            joined = np.hstack([now, reset * h])
            fresh = np.tanh(joined @ w["candidate"][run] + w["candidate_bias"][run])
            h = update * h + (1 - update) * fresh
            np.testing.assert_allclose(found[run, :, t], h, atol=1e-12)
            output = h @ w["output"][run] + w["output_bias"][run]
            np.testing.assert_allclose(every[run, :, t], output[:, 0], atol=1e-12)
    np.testing.assert_allclose(network.last(x).detach().numpy(), every[:, :, -1], atol=1e-12)


def test_runs_trained_together_equal_runs_trained_alone():
    x = torch.randn(3, 6, 4, 2)

    def trained(rows):
        network = StackedGRU(2, 3, [seeds(0, 3)[k] for k in rows])
        loss = lambda: network.last(x[rows]).square().mean(1)  # noqa: E731
        return train(network, loss, iterations=20, learning_rate=0.01)

    together = trained([0, 1, 2]).gates.detach()
    for k in range(3):
        torch.testing.assert_close(trained([k]).gates.detach()[0], together[k])


def test_first_weights_follow_glorot():
    network = StackedGRU(4, 40, seeds(0, 1))
    limit = (6 / (44 + 80)) ** 0.5
    assert network.gates.abs().max() <= limit
    # Of 3,520 uniform draws the largest is above .99 of the limit but for a chance of 1e-15.
    assert network.gates.abs().max() > 0.99 * limit
    assert (network.gate_bias == 1).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 50), st.integers(1, 60))
def test_batches_repeat_no_row(n, size):
    rows = draw(n, size, seeds(0, 2))
    assert rows.shape == (2, min(n, size))
    assert all(len(set(row.tolist())) == len(row) for row in rows)
    assert rows.max() < n


def test_windows_must_agree_and_be_finite():
    x = torch.zeros(6, 2, 3)
    with pytest.raises(UserError, match="expected one shape"):
        check_windows(x, x[:, :1], fewest=5)
    with pytest.raises(UserError, match="expected 7 or more of each"):
        check_windows(x, x, fewest=7)
    with pytest.raises(UserError, match="a generated window holds a value that is NaN"):
        check_windows(x, x / 0, fewest=1)
