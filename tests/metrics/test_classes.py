import pytest
import torch

from gan_lab.metrics.classes import class_report


def test_counts_confidence_shares_and_agreement():
    probabilities = torch.tensor(
        [[0.9, 0.1, 0.0], [0.1, 0.89, 0.01], [0.0, 0.0, 1.0], [0.95, 0.05, 0]]
    )
    report = class_report(probabilities, torch.tensor([0, 0, 2, 0]))
    assert report.n == 4
    assert report.confident == pytest.approx(0.75)
    assert report.shares == pytest.approx((0.5, 0.25, 0.25))
    assert report.agreement == pytest.approx(0.75)


def test_a_class_that_is_never_predicted_has_share_zero():
    report = class_report(torch.tensor([[1.0, 0.0, 0.0]] * 5))
    assert report.shares == (1.0, 0.0, 0.0)
    assert report.agreement is None
