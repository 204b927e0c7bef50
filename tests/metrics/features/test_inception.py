import sys
from urllib.error import URLError

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.features import inception
from gan_lab.metrics.features.extractor import Extractor


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    return tmp_path / "checkpoints" / inception.FILE


def test_without_a_network_the_way_out_is_named(hub, monkeypatch):
    def unreachable(*_, **__):
        raise URLError("no network")

    monkeypatch.setattr(torch.hub, "download_url_to_file", unreachable)
    with pytest.raises(UserError, match=rf"put the file at {hub}, or use features=efficientnet"):
        inception.InceptionFeatures()


def test_another_file_of_that_name_is_refused(hub):
    hub.parent.mkdir()
    hub.write_bytes(b"something else")
    with pytest.raises(UserError, match="is not the published file"):
        inception.published_weights()


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, inception.PACKAGE, None)
    with pytest.raises(UserError, match="pip install torch-fidelity"):
        inception.InceptionFeatures()


def test_a_pickle_is_refused(tmp_path):
    pytest.importorskip("torch_fidelity")
    path = tmp_path / "evil.pth"
    torch.save({"a": Extractor}, path)
    with pytest.raises(UserError, match="holds no plain weights"):
        inception.InceptionFeatures(path)


@pytest.mark.slow
def test_features_are_those_of_the_package(tmp_path):
    """Random weights: only the way in and out is ours."""
    package = pytest.importorskip(inception.PACKAGE)
    path = tmp_path / "weights.pth"
    with pytest.MonkeyPatch.context() as patch:
        # The constructor wants weights before there are any.
        patch.setattr(package, "load_state_dict_from_url", lambda *_, **__: {})
        patch.setattr(package.FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        plain = package.FeatureExtractorInceptionV3("mine", ["2048"])
    torch.save(plain.state_dict(), path)
    extractor = inception.InceptionFeatures(path)
    assert isinstance(extractor, Extractor)
    grey = torch.rand(2, 1, 16, 16) * 2 - 1
    pixels = ((grey + 1) * 127.5).round().to(torch.uint8).expand(-1, 3, -1, -1)
    assert torch.equal(extractor(grey), plain(pixels)[0])
    with pytest.raises(UserError, match="1 or 3 channels"):
        extractor(torch.zeros(1, 2, 8, 8))
