"""Evaluations with hostile names, one per modality, and the pages that they give."""

from dataclasses import replace

import pytest
import torch

from gan_lab.data.digits8 import Digits8
from gan_lab.data.points import Ring
from gan_lab.data.samples import Samples
from gan_lab.data.synthetic.var import VAR
from gan_lab.evaluation.evaluate import evaluate_sets
from gan_lab.evaluation.score import Receipt, Score, versions
from gan_lab.evaluation.sets import gather
from gan_lab.report.page import render_report

HOSTILE = "<img src=x onerror=alert(1)>"


def relabelled(rows, **names):
    return replace(rows, spec=replace(rows.spec, **names))


def rendered(sets, run=None, **names):
    """The page of sets in which the given names of the spec are replaced."""
    sets = replace(
        sets,
        **{part: relabelled(getattr(sets, part), **names) for part in ("fake", "real", "train")},
        held_out=relabelled(sets.held_out, **names),
    )
    return render_report(evaluate_sets(sets, features="flatten"), sets, run)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """What a run folder holds besides the generator."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "metrics.csv").write_text(
        f"step,loss/critic,{HOSTILE},eval/sliced_wasserstein,eval/sliced_wasserstein_floor\n"
        "1,0.5,1,,\n2,0.25,2,0.2,0.1\n3,0.2,3,0.1,0.1\n"
    )
    verdict = f'{{"state": "healthy", "evidence": "{HOSTILE}", "advice": "", "step": 3}}'
    (folder / "health.json").write_text(f'{{"latest": {verdict}, "verdicts": [{verdict}]}}')
    (folder / "config.yaml").write_text(f"name: '{HOSTILE}'\n")
    return folder


@pytest.fixture(scope="session")
def points_page(run):
    data = Ring(n=1500)
    data.setup()
    points, _ = data.draw(300, torch.Generator().manual_seed(5))
    fake = Samples(data.spec.from_units(points), None, data.spec)
    sets = gather(fake, data, name=HOSTILE, weights="ema", seed=0)
    return rendered(sets, run, channel_names=(HOSTILE, "y"))


@pytest.fixture(scope="session")
def series_page():
    data = VAR(n=600, window=64, independent=True, channels=3, edges=3)
    data.setup()
    windows = data.simulate(150, 64, torch.Generator().manual_seed(5)).float()
    x = data.spec.from_units(windows.transpose(1, 2)).contiguous()
    # Random walks: levels that cointegration is asked about.
    fake = Samples(x, None, data.spec)
    sets = gather(fake, data, name="walks", weights="samples", seed=0)
    walks = {
        part: replace(getattr(sets, part), x=getattr(sets, part).x.cumsum(dim=2))
        for part in ("fake", "real", "train", "held_out")
    }
    return rendered(replace(sets, **walks), channel_names=("a", HOSTILE, "c"))


@pytest.fixture(scope="session")
def images_page(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        data = Digits8()
        data.setup()
        fake = data.train.select(torch.arange(150))
        sets = gather(fake, data, name="digits", weights="raw", seed=0)
        classes = (HOSTILE, *data.spec.classes[1:])
        yield rendered(sets, classes=classes)


@pytest.fixture
def evaluated_score():
    receipt = Receipt("values", "0", "none", 9, 9, "halves", 0, "ema", "1", versions())
    return Score("precision", "faithful", 0.86, (0.8, 0.92), 0.96, (0.94, 0.98), "higher", receipt)
