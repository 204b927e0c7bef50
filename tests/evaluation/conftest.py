import pytest
import torch

from gan_lab.data.points import Ring
from gan_lab.data.samples import Samples
from gan_lab.data.synthetic.var import VAR
from gan_lab.evaluation import evaluate_samples


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def ring():
    data = Ring(n=2500)
    data.setup()
    return data


@pytest.fixture(scope="session")
def fresh_ring(ring):
    """Points of the same population that nobody has seen."""
    points, _ = ring.draw(500, torch.Generator().manual_seed(9))
    return Samples(ring.spec.from_units(points), None, ring.spec)


@pytest.fixture(scope="session")
def var():
    data = VAR(n=1500, independent=True, channels=3, edges=3)
    data.setup()
    return data


@pytest.fixture(scope="session")
def fresh_var(var):
    windows = var.simulate(400, var.window, torch.Generator().manual_seed(9))
    x = var.spec.from_units(windows.transpose(1, 2).float()).contiguous()
    return Samples(x, None, var.spec)


@pytest.fixture(scope="session")
def evaluated(ring, fresh_ring):
    """The evaluation of points that are as good as real ones."""
    return evaluate_samples(fresh_ring, ring, name="mine")
