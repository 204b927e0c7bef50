import gzip
import socket
import struct

import numpy as np
import pytest
import torch

from gan_lab.data.torchvision import CIFAR10, MNIST, CelebA, FashionMNIST
from gan_lab.errors import UserError


@pytest.mark.parametrize("make", [MNIST, FashionMNIST, CIFAR10, CelebA])
@pytest.mark.parametrize("download", [True, False])
def test_without_files_and_network_the_root_is_named(tmp_path, monkeypatch, make, download):
    def unreachable(*args, **kwargs):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unreachable)
    monkeypatch.setattr(socket, "create_connection", unreachable)
    before = socket.getdefaulttimeout()
    wanted = "connect to the network" if download else r"data\.download=true"
    with pytest.raises(UserError, match=rf"data\.root={tmp_path}.*{wanted}"):
        make(root=tmp_path, download=download).load()
    assert socket.getdefaulttimeout() == before


def write_idx(path, array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header + array.tobytes())
    with gzip.open(f"{path}.gz", "wb") as packed:
        packed.write(header + array.tobytes())


def test_files_that_are_there_are_read_without_network(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    labels = np.arange(20, dtype=np.uint8) % 10
    for part in ("train", "t10k"):
        write_idx(tmp_path / "MNIST" / "raw" / f"{part}-images-idx3-ubyte", images)
        write_idx(tmp_path / "MNIST" / "raw" / f"{part}-labels-idx1-ubyte", labels)
    rows = MNIST(root=tmp_path, download=False).load()
    assert torch.equal(rows.spec.to_units(rows.x)[:, 0], torch.from_numpy(images))
    assert rows.label.tolist() == labels.tolist()
    assert rows.spec.num_classes == 10
