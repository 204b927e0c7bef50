"""Which score of an evaluation sees which failure of series? Known failures of real market data.

Daily log-returns of one index (open, high, low, close, volume), cut into windows that share no day.
They are parted at random into training, held-out and fresh windows; the fresh ones are spoilt.

    python scripts/benchmarks/metrics_sensitivity_series.py --seeds 5
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from gan_lab.data.market import Market
from gan_lab.data.samples import Samples
from gan_lab.evaluation.evaluate import evaluate_sets
from gan_lab.evaluation.sets import Sets

WINDOW, CHANNELS = 16, 5
DOCS = Path(__file__).parents[2] / "docs"
COLUMNS = (
    "frechet", "precision", "recall", "vendi", "marginal_wasserstein", "marginal_ks", "acf",
    "acf_size", "cross_correlation", "leverage", "characteristics", "spectrum", "granger_strength",
    "authenticity", "data_copying",
)  # fmt: skip


def reversed_time(fresh, train, rng):
    """The last day first."""
    return fresh.flip(-1)


def permuted_channels(fresh, train, rng):
    """Each channel under the name of the next."""
    return fresh.roll(1, dims=1)


def independent_days(fresh, train, rng):
    """Days in random order, over all windows: covariance and distributions are kept."""
    days = fresh.transpose(0, 1).flatten(1)
    order = torch.randperm(days.shape[1], generator=rng)
    return days[:, order].reshape(fresh.shape[1], len(fresh), -1).transpose(0, 1)


def random_phases(fresh, train, rng):
    """The same phases added to all channels: spectra and cross-spectra are kept."""
    spectrum = torch.fft.rfft(fresh.double())
    phase = 2 * torch.pi * torch.rand(len(fresh), 1, spectrum.shape[2], generator=rng)
    phase[..., 0] = 0
    if fresh.shape[2] % 2 == 0:
        phase[..., -1] = 0
    turned = torch.polar(spectrum.abs(), spectrum.angle() + phase)
    return torch.fft.irfft(turned, n=fresh.shape[2]).float()


def late_channel(fresh, train, rng):
    """The first channel one day late."""
    late = fresh.clone()
    late[:, 0] = fresh[:, 0].roll(1, dims=-1)
    return late


def smoothed(fresh, train, rng):
    """Means of three days."""
    padded = torch.nn.functional.pad(fresh, (1, 1), mode="replicate")
    return padded.unfold(2, 3, 1).mean(dim=3)


def collapsed(fresh, train, rng):
    """Five windows again and again, with noise of 5 %."""
    chosen = fresh[:5].repeat(-(-len(fresh) // 5), 1, 1)[: len(fresh)]
    return chosen + 0.05 * torch.randn(fresh.shape, generator=rng)


def copies(fresh, train, rng):
    """Training windows, with noise of 1 %."""
    rows = torch.randint(len(train), (len(fresh),), generator=rng)
    return train[rows] + 0.01 * torch.randn(fresh.shape, generator=rng)


FAILURES = {
    "fresh windows": lambda fresh, train, rng: fresh,
    "time reversed": reversed_time,
    "channels permuted": permuted_channels,
    "independent days": independent_days,
    "random phases": random_phases,
    "one channel late": late_channel,
    "smoothed": smoothed,
    "collapsed": collapsed,
    "copies": copies,
}


def windows() -> Samples:
    """All windows of the first index that share no day, in standard deviations of each channel."""
    data = Market(window=WINDOW, stride=WINDOW)
    data.setup()
    x = torch.cat([data.train.x, data.held_out.x])[:, :CHANNELS]
    spec = replace(
        data.spec, channels=CHANNELS, channel_names=data.spec.channel_names[:CHANNELS],
        scale=(1.0,), offset=(0.0,), transform=None, anchor=(),
    )  # fmt: skip
    return Samples(x, None, spec)


def parted(rows: Samples, seed: int) -> tuple[Samples, Samples, Samples]:
    """Training, held-out and fresh windows: a third each, at random."""
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))
    third = len(rows) // 3
    train, held_out, fresh = (rows.select(order[k * third : (k + 1) * third]) for k in range(3))
    return train, held_out, fresh


def judged(train: Samples, held_out: Samples, fake: Samples, seed: int):
    """The evaluation of samples beside held-out windows."""
    return evaluate_sets(
        Sets(
            name="samples", fake=fake, real=held_out, split="held-out windows", train=train,
            held_out=held_out, weights="samples", fingerprint="", seed=seed,
        )
    )  # fmt: skip


def spoilt(name: str, rows: Samples, seed: int):
    """The evaluation of fresh windows after a failure."""
    train, held_out, fresh = parted(rows, seed)
    rng = torch.Generator().manual_seed(seed)
    x = FAILURES[name](fresh.x, train.x, rng).contiguous()
    return judged(train, held_out, replace(fresh, x=x), seed)


def cells(evaluations) -> list[str]:
    """Mean value of each score, bold where more than half of the seeds call it worse than real."""
    found = []
    for name in COLUMNS:
        scores = [e.score(name) for e in evaluations]
        mean = sum(s.value for s in scores) / len(scores)
        worse = sum(not s.like_real for s in scores)
        text = f"{mean:.3g}"
        found.append(f"**{text}**" if worse > len(scores) / 2 else text)
    return found


def main() -> None:
    """Measure and write docs/metrics_sensitivity_series.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=DOCS / "metrics_sensitivity_series.md")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = windows()
    lines = []
    for name in FAILURES:
        evaluations = [spoilt(name, rows, seed) for seed in range(options.seeds)]
        answers = [e.verdict("novel").answer for e in evaluations]
        said = ", ".join(f"{answers.count(a)} {a}" for a in sorted(set(answers)))
        lines.append(f"| {name} | {' | '.join(cells(evaluations))} | {said} |")
        print(lines[-1], flush=True)
    third = len(rows) // 3
    text = [
        "# Scores of series: which one sees which failure",
        "",
        f"Log-returns of an index, {CHANNELS} channels, {len(rows)} windows of {WINDOW} days that "
        f"share no day; {third} each for training, held out and fresh; mean over {options.seeds} "
        "random parts. Bold: worse than between real windows in most of the parts, by the rule of "
        "`gan-lab evaluate`. Written by `scripts/benchmarks/metrics_sensitivity_series.py`.",
        "",
        f"| failure | {' | '.join(COLUMNS)} | novel? |",
        f"|{'---|' * (len(COLUMNS) + 2)}",
        *lines,
    ]
    options.output.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
