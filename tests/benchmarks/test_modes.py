"""The benchmark counts right, goes on where it stopped and mixes no settings."""

import importlib.util
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gan_lab.cli.build import build
from gan_lab.cli.compose import compose
from gan_lab.data.points import Grid
from gan_lab.data.stacked_mnist import StackedMNIST
from gan_lab.errors import UserError

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmarks" / "modes"
sys.path.insert(0, str(SCRIPT))
import jobs  # noqa: E402
import protocol  # noqa: E402
import recipes  # noqa: E402
import table  # noqa: E402

spec = importlib.util.spec_from_file_location("modes_benchmark", SCRIPT / "__main__.py")
benchmark = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = benchmark
spec.loader.exec_module(benchmark)
sys.path.remove(str(SCRIPT))

ENV = {**os.environ, "OMP_NUM_THREADS": "1"}


def run(*words):
    return subprocess.run(
        [sys.executable, SCRIPT, *words], env=ENV, capture_output=True, text=True
    )  # fmt: skip


def record(method="ns", seed=0, **changes):
    score = {"modes": 20.0 + seed, "fewest": 20, "complete": False, "high_quality": 0.5, "kl": 0.1}
    return {
        "data": "grid", "experiment": "gaussians_mlp", "method": method, "seed": seed, "base": "b",
        "digest": method, "method_words": ["objectives=x"], "scores": {"raw": score, "ema": score},
        "steps": 7, "batch_size": 3, "threads": 1, "device": "cpu", "torch": "2", "lightning": "2",
        "cpu_seconds": 10.0, "std": 0.05, **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def grid():
    data = Grid(n=1000)
    data.setup()
    return data


@pytest.mark.parametrize("board", recipes.BOARDS.values(), ids=list(recipes.BOARDS))
def test_every_method_changes_what_it_names_and_nothing_else(board):
    plain = compose([f"experiment={board.experiment}"])
    for method in recipes.methods_for(board).values():
        config = compose([f"experiment={board.experiment}", *(method.words or ())])
        assert {**config.data, "batches_per_step": 1} == {**plain.data}
        assert (config.latent, config.trainer) == (plain.latent, plain.trainer)
        for key in ("generator_optimizer", "critic_optimizer", "rates", "half_life", "ramp"):
            assert config.model[key] == plain.model[key]
        assert config.networks.generator == plain.networks.generator
        assert config.networks.critic.width == plain.networks.critic.width


TERMS = {
    "ns": set(), "ns_pack2": set(), "wgan_gp": {"gradient_penalty"}, "hinge_sn": set(),
    "lsgan": set(), "ns_r1": {"r1"}, "rpgan_r1_r2": {"r1", "r2"}, "energy": set(),
}  # fmt: skip


@pytest.mark.parametrize("name", list(recipes.BOARDS)[:2])
@pytest.mark.parametrize("method", TERMS)
def test_a_method_builds_with_its_penalties_alone(name, method):
    board = recipes.BOARDS[name]
    words = recipes.methods_for(board)[method].words
    parts = build(compose([f"experiment={board.experiment}", "data.n=1000", *words]))
    assert set(parts.model.regularizers) == TERMS[method]
    assert parts.model.d_steps == (5 if method == "wgan_gp" else 1)
    assert parts.model.pack == (2 if method == "ns_pack2" else 1)
    assert (parts.model.objective.critic is None) == (method == "energy")
    spectral = any("parametrizations" in key for key in parts.model.critic.state_dict())
    assert spectral == (method == "hinge_sn")


def test_the_population_itself_reaches_its_known_score(grid):
    counter = protocol.PointModes(grid)
    scored = protocol.score("grid", counter, counter.real, seed=0)
    # 50,000 points: 1 - exp(-9/2) of them lie in the circles; a draw's KL is about 24 / 5,000.
    assert scored["modes"] == 25
    assert scored["complete"]
    assert scored["high_quality"] == pytest.approx(1 - math.exp(-4.5), abs=0.002)
    assert scored["kl"] == pytest.approx(24 / 5000, rel=0.4)


def test_a_generator_that_knows_five_modes_gets_five(grid):
    def draw(n, rng):
        return grid.modes[torch.randint(5, (n,), generator=rng)]

    scored = protocol.score("grid", protocol.PointModes(grid), draw, seed=0)
    assert (scored["modes"], scored["complete"], scored["high_quality"]) == (5, False, 1)
    assert scored["kl"] == pytest.approx(math.log(5), abs=0.01)


def test_draws_are_disjoint_and_follow_the_seed(grid):
    seen = []

    def draw(n, rng):
        seen.append(torch.randn(n, 2, generator=rng))
        return seen[-1]

    for seed in (0, 0, 1):
        protocol.score("grid", protocol.PointModes(grid), draw, seed)
    assert len(seen) == 60
    assert all(len(draw) == 2500 for draw in seen)
    assert not torch.equal(seen[0], seen[1])
    assert torch.equal(seen[0], seen[20])
    assert not torch.equal(seen[0], seen[40])


def test_broken_samples_count_for_nothing(grid):
    def draw(n, rng):
        return torch.full((n, 2), math.nan)

    scored = protocol.score("grid", protocol.PointModes(grid), draw, seed=0)
    assert (scored["modes"], scored["high_quality"], scored["kl"]) == (0, 0, None)
    json.dumps(scored, allow_nan=False)


@pytest.mark.slow
def test_stacked_digits_are_read_colour_by_colour():
    data = StackedMNIST(n=1000)
    data.setup()
    counter = protocol.StackedModes(data)
    digits, label = data.digits.held_out.x, data.digits.held_out.label
    row = [int((label == digit).nonzero()[0]) for digit in (3, 0, 7)]
    read = [counter.judge.probabilities(digits[i : i + 1]).argmax().item() for i in row]
    stacked = digits[torch.tensor(row)].squeeze(1)[None]
    report = counter.count(stacked)
    assert report.counts[100 * read[0] + 10 * read[1] + read[2]] == 1
    assert counter.facts["judge_accuracy"] > 0.95
    real = counter.real(3000, torch.Generator().manual_seed(0))
    assert real.shape == (3000, 3, 28, 28)
    # 3,000 draws from 1,000 equal modes miss exp(-3) of them.
    assert counter.count(real).covered == pytest.approx(950, abs=35)


def some_jobs(*words, seeds=(0, 1)):
    methods = recipes.methods_for(recipes.BOARDS["grid"])
    pair = {name: methods[name] for name in ("real", "ns")}
    return list(jobs.jobs("grid", "gaussians_mlp", pair, seeds, words))


def test_jobs_go_seed_by_seed_and_know_their_settings():
    first = some_jobs()
    assert [(job.method, job.seed) for job in first] == [
        ("real", 0), ("ns", 0), ("real", 1), ("ns", 1)
    ]  # fmt: skip
    assert first[1].digest == first[3].digest != first[0].digest
    assert first[1].overrides[-1] == "seed=0"
    other = some_jobs("trainer.max_steps=5")
    assert other[1].digest != first[1].digest
    assert other[1].base != first[1].base
    assert some_jobs("output=elsewhere")[1].digest == first[1].digest


def test_a_record_answers_for_its_own_settings_and_seed_alone():
    job = some_jobs()[1]
    made = record(base=job.base, digest=job.digest)
    assert job.is_answered_by(made)
    for key, value in {"seed": 1, "digest": "x", "base": "x", "method": "lsgan"}.items():
        assert not job.is_answered_by({**made, key: value})


def test_a_torn_last_line_is_dropped_and_a_torn_middle_told(tmp_path):
    file = tmp_path / "results.jsonl"
    assert jobs.read(file) == []
    jobs.append(file, {"seed": 0})
    with file.open("a") as stream:
        stream.write('{"seed": 1, "mod')
    assert jobs.read(file) == [{"seed": 0}]
    jobs.append(file, {"seed": 2})
    assert jobs.read(file) == [{"seed": 0}, {"seed": 2}]
    file.write_text('{"se\n{"seed": 2}\n')
    with pytest.raises(UserError, match="line 1"):
        jobs.read(file)


def test_the_table_holds_mean_spread_and_seeds():
    text = table.document([record(seed=0), record(seed=2), record(seed=2)])
    assert "| NS | raw | 2 | 21.00 ± 1.41 | 0 of 2 | 50.0 ± 0.0 | 0.100 ± 0.000 | 10 ± 0 |" in text
    assert "generator steps: 7; batch: 3" in text
    assert "| NS | `objectives=x` |" in text
    assert "| PacGAN4 | 24.8 | 93.6 | 0.04 |" in text
    assert "WGAN-GP |" not in text


def test_the_table_never_mixes_recipes():
    old = [record(seed=seed, base="old") for seed in (0, 1)]
    older_method = [record("lsgan", digest="other form"), record("lsgan", seed=1)]
    text = table.document([*old, *older_method, record(seed=5)])
    assert "| NS | raw | 1 | 25.00 |" in text
    assert "| LSGAN | raw | 1 | 21.00 |" in text


def test_a_spread_tells_how_many_are_known():
    assert table.spread([1.0, 2.0, None], 1) == "1.5 ± 0.7 (2 of 3)"
    assert table.spread([None], 1) == "-"
    assert table.spread([], 1) == "-"


def test_seeds_and_methods_are_read():
    assert recipes.whole_numbers("0..3") == [0, 1, 2, 3]
    assert recipes.whole_numbers("4,2") == [4, 2]
    assert recipes.chosen("all", ["a", "b"], "methods") == ["a", "b"]
    with pytest.raises(UserError, match=r"0\.\.9"):
        recipes.whole_numbers("few")
    with pytest.raises(UserError, match="'c'"):
        recipes.chosen("a,c", ["a", "b"], "methods")


@pytest.mark.slow
def test_a_benchmark_goes_on_where_it_stopped(tmp_path):
    results, output = tmp_path / "r.jsonl", tmp_path / "modes.md"
    words = [f"results={results}", f"output={output}", "trainer.max_steps=3", "data.n=1000"]
    methods = "methods=real,ns,rpgan_r1_r2"
    first = run("data=ring", "seeds=0", methods, *words)
    assert first.returncode == 0, first.stderr
    before = results.read_text()
    second = run("data=ring", "seeds=0..1", methods, "workers=2", *words)
    assert second.returncode == 0, second.stderr
    assert results.read_text().startswith(before)
    records = jobs.read(results)
    assert sorted((r["method"], r["seed"]) for r in records) == [
        (method, seed) for method in ("ns", "real", "rpgan_r1_r2") for seed in (0, 1)
    ]
    assert all(set(r["scores"]) == {"raw", "ema"} for r in records if r["method"] != "real")
    written = output.read_text()
    output.unlink()
    assert run("--table-only", *words).returncode == 0
    assert output.read_text() == written
    assert "| NS | average | 2 |" in written


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("data=gird", "gird"),
        ("methods=nss", "nss"),
        ("seeds=many", "seeds"),
        ("workers=0", "workers"),
        ("ring", "data=ring"),
        ("--tabel", "--table-only"),
        ("trainer.max_stepz=3", "max_steps"),
        ("experiment=gausians_mlp", "gaussians_mlp"),
        ("--table-only", "no results"),
    ],
)
def test_a_mistake_is_told_in_a_line(word, told, tmp_path, capsys):
    file = tmp_path / "r.jsonl"
    assert benchmark.main([word, f"results={file}", f"output={tmp_path}/m.md"]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not file.exists()


def test_what_is_measured_is_not_measured_again(tmp_path):
    file = tmp_path / "r.jsonl"
    words = ["methods=ns,lsgan", "seeds=0,1", f"results={file}"]
    todo = benchmark.missing(benchmark.options(words))
    assert [(job.method, job.seed) for job in todo] == [
        (method, seed) for seed in (0, 1) for method in ("ns", "lsgan")
    ]
    jobs.append(file, record(base=todo[0].base, digest=todo[0].digest))
    assert benchmark.missing(benchmark.options(words)) == todo[1:]
    changed = benchmark.options([*words, "trainer.max_steps=5"])
    assert len(benchmark.missing(changed)) == 4


def test_a_finished_seed_is_one_line():
    scores = {"raw": {"modes": 3.5, "high_quality": None, "kl": None}}
    line = benchmark.line(record(scores=scores))
    assert line == "ns seed 0: raw 3.5 modes, KL none; 10 CPU s"
