"""Generator folders that are damaged, edited by hand, or made to hurt."""

import json
import math
import struct

import pytest
import yaml

from gan_lab.errors import UserError
from gan_lab.export.portable import load, save_generator
from gan_lab.latent import Normal
from gan_lab.networks.mlp import Generator
from gan_lab.spec import DataSpec
from gan_lab.transforms import Difference

RING = DataSpec("ring", "points", 2)
NODE = {"_target_": "gan_lab.networks.mlp.Generator", "width": 8}
LATENT = {"_target_": "gan_lab.latent.normal.Normal", "dim": 3}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generator")
    save_generator(
        folder, network=Generator(RING, 3, width=8), prior=Normal(3), spec=RING,
        generator_config=NODE, latent_config=LATENT,
    )  # fmt: skip
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(folder, name):
    with pytest.raises(UserError) as told:
        load(folder)
    message = str(told.value)
    assert name in message
    assert "\n" not in message
    assert len(message) < 700, message


def put(whole, folder, **changed):
    for name, content in {**whole, **changed}.items():
        (folder / name).write_bytes(content)


HEADERS = {
    "empty": b"",
    "seven bytes": bytes(7),
    "eight zeros": bytes(8),
    "a header of 10 GB": struct.pack("<Q", 10 * 2**30) + b"{}",
    "a header of 2^64": b"\xff" * 8 + b"{}",
    "a header longer than the file": struct.pack("<Q", 999) + b"{}",
    "no json": struct.pack("<Q", 5) + b"hello",
    "a list": struct.pack("<Q", 2) + b"[]",
    "a number": struct.pack("<Q", 1) + b"1",
    "an open brace": struct.pack("<Q", 1) + b"{",
    "100,000 open brackets": struct.pack("<Q", 100_000) + b"[" * 100_000,
    "a pickle": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94K\x01a.",
    "a zip": b"PK\x03\x04" + bytes(99),
    "html": b"<!DOCTYPE html>",
    "a pointer to git lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_weights_that_are_none(tmp_path, whole, name):
    put(whole, tmp_path, **{"generator.safetensors": HEADERS[name]})
    refused(tmp_path, "generator.safetensors")


def edited(content, change):
    """A safetensors file whose header `change` has edited."""
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    text = json.dumps(change(header) or header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


def first(**values):
    def change(header):
        header[sorted(header)[0]].update(values)

    return change


EDITS = {
    "a huge shape": first(shape=[2**40]),
    "a negative shape": first(shape=[-1]),
    "a shape of words": first(shape=["a"]),
    "a shape of 10^400": first(shape=[10**400]),
    "no shape": lambda h: h[sorted(h)[0]].pop("shape") and None,
    "an unknown type": first(dtype="F99"),
    "another type": first(dtype="I8"),
    "offsets past the end": first(data_offsets=[0, 2**40]),
    "offsets that overlap": first(data_offsets=[0, 4]),
    "offsets backwards": first(data_offsets=[8, 0]),
    "a stranger beside them": lambda h: h.update(
        x={"dtype": "F32", "shape": [], "data_offsets": [0, 4]}),
    "one missing": lambda h: h.pop(sorted(h)[0]) and None,
    "names in a list": lambda h: {"a": list(h)},
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_weights_whose_header_was_edited(tmp_path, whole, name):
    put(whole, tmp_path, **{
        "generator.safetensors": edited(whole["generator.safetensors"], EDITS[name])
    })  # fmt: skip
    refused(tmp_path, "generator.safetensors")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_weights_that_are_no_numbers(tmp_path, whole, value):
    content = whole["generator.safetensors"][:-4] + struct.pack("<f", value)
    put(whole, tmp_path, **{"generator.safetensors": content})
    refused(tmp_path, "holds NaN or infinity")


def test_every_truncation_of_every_file_is_told(tmp_path, whole):
    for name, content in whole.items():
        put(whole, tmp_path)
        for cut in range(0, len(content), max(len(content) // 25, 1)):
            (tmp_path / name).write_bytes(content[:cut])
            try:
                load(tmp_path).sample(2)
            except UserError as error:
                assert name in str(error)
            else:  # what is lost of the text must not have held anything
                assert name == "config.yaml"


def chain(depth):
    node = {"_target_": "gan_lab.latent.product.Product", "priors": [LATENT]}
    for _ in range(depth):
        node = {"_target_": "gan_lab.latent.product.Product", "priors": [node]}
    return node


LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{k}: &a{k} [*a{k - 1}, *a{k - 1}, *a{k - 1}]\n" for k in range(1, 60)
)
CONFIGS = {
    "empty": "",
    "text": "hello",
    "a list": "- 1\n- 2\n",
    "a cycle": "&a [*a]",
    "a cycle inside": "generator: &g\n  self: *g\n",
    "a billion laughs": LAUGHS,
    "10,000 open brackets": "[" * 10_000,
    "10,000 open braces": "{a: " * 10_000,
    "20 MB": "a: " + "x" * 20_000_000,
    "a tab": "a:\n\t- b\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "code": "!!python/object/apply:os.system ['touch ran']",
    "code as a name": "!!python/name:os.system ''",
    "a tag": "generator: !evil {a: 1}",
    "an open quote": "a: 'b",
    "binary": "\x00\x01",
    "a date that is none": "extra: 2024-13-45T00:00:00",
    "a number of 10^5000": "format_version: 1" + "0" * 5000,
    "json": '{"a": 1}',
}
CHANGES = {
    "format 0": {"format_version": 0},
    "format 99": {"format_version": 99},
    "format true": {"format_version": True},
    "format of words": {"format_version": "two"},
    "format of a list": {"format_version": [2]},
    "no format": {"format_version": None},
    "generator of words": {"generator": "gan_lab.networks.mlp.Generator"},
    "generator of a list": {"generator": [NODE]},
    "no generator": {"generator": None},
    "no latent": {"latent": None},
    "no target": {"generator": {"width": 8}},
    "target of a list": {"generator": {"_target_": ["os.system"]}},
    "target of a number": {"generator": {"_target_": 7}},
    "unknown key": {"generator": {**NODE, "breadth": 8}},
    "width of words": {"generator": {**NODE, "width": "eight"}},
    "width of a list": {"generator": {**NODE, "width": [8]}},
    "width null": {"generator": {**NODE, "width": None}},
    "width 0": {"generator": {**NODE, "width": 0}},
    "width -8": {"generator": {**NODE, "width": -8}},
    "width 7": {"generator": {**NODE, "width": 7}},
    "width 8.5": {"generator": {**NODE, "width": 8.5}},
    "width NaN": {"generator": {**NODE, "width": math.nan}},
    "width 10^9": {"generator": {**NODE, "width": 10**9}},
    "width 10^30": {"generator": {**NODE, "width": 10**30}},
    "depth 10^9": {"generator": {**NODE, "depth": 10**9}},
    "activation unknown": {"generator": {**NODE, "activation": "eval"}},
    "another network": {"generator": {"_target_": "gan_lab.networks.dcgan.Generator"}},
    "a critic": {"generator": {"_target_": "gan_lab.networks.mlp.Critic"}},
    "a prior as network": {"generator": LATENT},
    "a network as prior": {"latent": NODE},
    "dim 10^9": {"latent": {**LATENT, "dim": 10**9}},
    "dim 0": {"latent": {**LATENT, "dim": 0}},
    "dim of words": {"latent": {**LATENT, "dim": "three"}},
    "dim 4": {"latent": {**LATENT, "dim": 4}},
    "a mixture of 10^9": {
        "latent": {"_target_": "gan_lab.latent.mixture.GaussianMixture", "dim": 3,
                   "components": 10**9}},
    "priors 40 deep": {"latent": chain(40)},
    "attributes of words": {"attributes": "many"},
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_a_configuration_that_is_none(tmp_path, whole, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(whole, tmp_path, **{"config.yaml": CONFIGS[name].encode()})
    refused(tmp_path, "config.yaml")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", CHANGES)
def test_a_configuration_with_a_wrong_value(tmp_path, whole, name):
    config = {**yaml.safe_load(whole["config.yaml"]), **CHANGES[name]}
    text = yaml.dump(config, Dumper=type("D", (yaml.SafeDumper,), {"ignore_aliases": lambda *_: 1}))
    put(whole, tmp_path, **{"config.yaml": text.encode()})
    refused(tmp_path, "config.yaml")


SPECS = {
    "channels of words": {"channels": "two"},
    "channels 0": {"channels": 0},
    "channels -2": {"channels": -2},
    "channels 3": {"channels": 3},
    "channels true": {"channels": True},
    "channels 2.5": {"channels": 2.5},
    "channels 10^9": {"channels": 10**9},
    "channels 10^30": {"channels": 10**30},
    "another modality": {"modality": "images"},
    "modality of words": {"modality": "sounds"},
    "modality of a list": {"modality": ["points"]},
    "spatial of points": {"spatial": [8]},
    "spatial of words": {"spatial": "8x8"},
    "huge images": {"modality": "images", "spatial": [10**6, 10**6]},
    "scale 0": {"scale": [0.0]},
    "scale -1": {"scale": [-1.0]},
    "scale 1e400": {"scale": [10**400]},
    "scale of words": {"scale": ["x"]},
    "scale of a number": {"scale": 1.0},
    "three scales": {"scale": [1.0, 1.0, 1.0]},
    "offset null": {"offset": None},
    "bounds of words": {"bounds": "all"},
    "three bounds": {"bounds": [0, 1, 2]},
    "classes of words": {"classes": "cat"},
    "classes of numbers": {"classes": [1, 2]},
    "classes and attributes": {"classes": ["a"], "attributes": ["b"]},
    "three names": {"channel_names": ["a", "b", "c"]},
    "unknown key": {"colour": "red"},
    "name of a list": {"name": ["ring"]},
    "integer of words": {"integer": "yes"},
    "a transform of words": {"transform": "log"},
    "a transform of others": {"transform": {"_target_": "os.system", "command": "touch ran"}},
    "a transform of points": {"transform": {"_target_": "gan_lab.transforms.log.FittedLog"}},
    "anchor of words": {"anchor": "start"},
    "anchor of nothing": {"anchor": [[1.0, 2.0]]},
    "calendar of words": {"calendar": "daily"},
    "calendar of lists": {"calendar": {"name": [], "last": [], "step": []}},
    "calendar without a day": {"calendar": {"name": "d", "last": "someday", "step": "D"}},
}  # fmt: skip


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_with_a_wrong_value(tmp_path, whole, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec = {**json.loads(whole["spec.json"]), **SPECS[name]}
    put(whole, tmp_path, **{"spec.json": json.dumps(spec).encode()})
    fits = "channels 10" in name or name in ("channels 3", "huge images", "another modality")
    refused(tmp_path, "" if fits else "spec.json")
    assert not (tmp_path / "ran").exists()


TRANSFORMS = {
    "no channels": {"anchor": []},
    "a word": {"anchor": ["x", "y"]},
    "three channels": {"anchor": [1.0, 2.0, 3.0]},
    "a column that is not there": {"columns": [9]},
    "a column of words": {"columns": ["a"]},
    "unknown key": {"colour": 1},
    "another": {"_target_": "gan_lab.transforms.composition.FittedComposition"},
    "no class": {"_target_": "gan_lab.transforms.transform.math"},
    "an abstract one": {"_target_": "gan_lab.transforms.transform.Fitted"},
    "a deep one": {"anchor": {"_target_": "os.system"}},
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_spec_with_a_wrong_transform(tmp_path, whole, name):
    import torch

    fitted = Difference().fit(torch.arange(12.0).view(6, 2).double())
    spec = DataSpec("walk", "series", 2, (4,), transform=fitted)
    plain = spec.to_dict()
    assert DataSpec.from_dict(json.loads(json.dumps(plain))) == spec
    plain["transform"] |= TRANSFORMS[name]
    put(whole, tmp_path, **{"spec.json": json.dumps(plain).encode()})
    refused(tmp_path, "spec.json")


@pytest.mark.parametrize("text", ["", "[]", "1", "null", "NaN", '{"name": NaN}', "[" * 10_000, "{"])
def test_a_spec_that_is_none(tmp_path, whole, text):
    put(whole, tmp_path, **{"spec.json": text.encode()})
    refused(tmp_path, "spec.json")
