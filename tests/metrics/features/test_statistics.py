import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.features.random_convolution import RandomConvolution
from gan_lab.metrics.features.statistics import real_moments, statistics_key
from gan_lab.metrics.frechet import moments


class Counting(Flatten):
    calls = 0

    def __call__(self, x):
        self.calls += 1
        return super().__call__(x)


def test_moments_are_computed_once(tmp_path):
    extractor, x = Counting(), torch.randn(20, 1, 3, 3)
    first = real_moments(extractor, x, folder=tmp_path)
    calls = extractor.calls
    second = real_moments(extractor, x.clone(), folder=tmp_path)
    assert extractor.calls == calls == 1
    expected = moments(x.flatten(1))
    for result in (first, second):
        assert result.n == 20
        assert torch.equal(result.mean, expected.mean)
        assert torch.equal(result.covariance, expected.covariance)
    assert [path.suffix for path in tmp_path.iterdir()] == [".safetensors"]


def test_the_key_sees_rows_order_type_and_extractor():
    x = torch.randn(6, 1, 8, 8)
    changed = x.clone()
    changed[5, 0, 7, 7] += 1e-6
    keys = [statistics_key(Flatten(), rows) for rows in (x, changed, x.flip(0), x.double())]
    keys += [statistics_key(RandomConvolution(1, 2, seed=seed), x) for seed in (0, 1)]
    assert len(set(keys)) == 6


def test_a_torn_file_is_written_again(tmp_path):
    x = torch.randn(10, 2)
    expected = real_moments(Flatten(), x, folder=tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:40])
    assert torch.equal(real_moments(Flatten(), x, folder=tmp_path).mean, expected.mean)
    assert path.stat().st_size > 40


def test_the_default_folder_is_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    real_moments(Flatten(), torch.randn(10, 2))
    assert len(list((tmp_path / "gan_lab" / "statistics").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        real_moments(Flatten(), torch.randn(10, 2), folder=tmp_path / "file" / "below")
