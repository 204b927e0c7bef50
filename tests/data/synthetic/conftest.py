import pytest


@pytest.fixture
def agrees():
    """Check means over independent rows against their expectation, by five standard errors.

    Under the null each comparison fails once in 1.7 million.
    """

    def check(rows, expected):
        error = rows.std(dim=0) / len(rows) ** 0.5
        assert (error > 0).all()
        assert ((rows.mean(dim=0) - expected).abs() < 5 * error).all()

    return check
