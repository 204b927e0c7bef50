from pathlib import Path

import pytest
import yaml
from hydra.utils import instantiate
from omegaconf import OmegaConf

from gan_lab.config import CONFIG_DIR
from gan_lab.data import DataModule

FILES = sorted((Path(CONFIG_DIR) / "data").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_choice_builds_a_data_module(file, tmp_path):
    root = OmegaConf.create({"seed": 3, "model": {"d_steps": 2}, "data": OmegaConf.load(file)})
    if file.stem in {"folder", "table"}:
        root.data.path = str(tmp_path)
    data = instantiate(root.data, _convert_="all")
    assert isinstance(data, DataModule)
    assert (data.seed, data.batches_per_step, data.batch_size) == (3, 2, 64)


def test_every_file_begins_with_what_it_is():
    assert {"mnist5k", "folder", "market", "ring"} <= {file.stem for file in FILES}
    for file in FILES:
        text = file.read_text()
        assert text.startswith("# ")
        assert set(yaml.safe_load(text)) >= {"_target_", "batch_size", "seed", "num_workers"}
