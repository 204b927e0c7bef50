"""What a run says: what is about to happen, what has happened, what can be typed next."""

from pathlib import Path

from omegaconf import DictConfig
from rich.console import Console

from gan_lab.callbacks.interruption import Interrupted
from gan_lab.cli.build import Parts
from gan_lab.cli.origin import Origin
from gan_lab.cli.resume import command_of


def announce(config: DictConfig, parts: Parts, folder: Path, threads: int) -> None:
    """Say in three lines what is about to happen."""
    spec, model = parts.data.spec, parts.model
    sizes = [sum(p.numel() for p in net.parameters()) for net in (model.generator, model.critic)]
    console = Console(highlight=False)
    rows = len(parts.data.train)
    shape = " x ".join(map(str, spec.shape))
    console.print(f"[bold]{config.name}[/]  {spec.name}: {rows:,} {spec.modality} of {shape}")
    console.print(
        f"generator {sizes[0]:,} parameters, critic {sizes[1]:,}; "
        f"{config.trainer.max_steps:,} steps, {threads} CPU thread{'s' * (threads > 1)}"
    )
    console.print(f"run folder: {shown(folder)}", soft_wrap=True)
    console.print(f"live view:  tensorboard --logdir {shown(folder)}/tensorboard", soft_wrap=True)


def tell_resumed(config: DictConfig, origin: Origin | None, threads: int) -> None:
    """Say where a resumed run goes on from, and what about it is not as it was."""
    if origin is None:
        return
    console = Console(highlight=False)
    for path in origin.damaged:
        console.print(f"damaged, left out: {path.name} (its SHA-256 is another)", soft_wrap=True)
    name = origin.checkpoint.name if origin.checkpoint else "the start: nothing was saved yet"
    console.print(f"resumes at step {origin.steps:,}, from {name}", soft_wrap=True)
    if origin.threads not in (None, threads):
        console.print(f"threads: {origin.threads} -> {threads}; the last bits may differ by that")
    if config.trainer.max_steps > config.model.max_steps:
        console.print(f"schedules stay those of a run of {config.model.max_steps:,} steps")


def tell_interrupted(folder: Path, stop: Interrupted) -> None:
    """Say what was saved, and how to go on."""
    console = Console(highlight=False)
    saved = "no checkpoint was written" if stop.saved is None else f"saved step {stop.saved:,}"
    console.print(f"{stop}: {saved}; go on with", soft_wrap=True)
    console.print(f"  {command_of(shown(folder))}", soft_wrap=True)


def conclude(folder: Path, stop: Interrupted | None, steps: int, seconds: float) -> None:
    """Name the run folder and the commands that come next."""
    run, word = shown(folder), "stopped" if stop else "done"
    console = Console(highlight=False)
    console.print(f"\n[bold green]{word}[/]: {steps:,} steps in {duration(seconds)}")
    for what, where in (("samples", "samples"), ("generator", "generator"), ("log", "tensorboard")):
        console.print(f"  {what:<10}{run}/{where}", soft_wrap=True)
    console.print("next:")
    for command in ("sample", "interpolate", "evaluate", "diagnose"):
        console.print(f"  gan-lab {command} {run}", soft_wrap=True)
    console.print(f"  tensorboard --logdir {run}/tensorboard", soft_wrap=True)


def shown(folder: Path) -> str:
    """A folder relative to the working directory where that is shorter."""
    folder = folder.absolute()
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(75.0)
    '1 min 15 s'
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
