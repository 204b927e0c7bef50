"""gan_lab: learn the population behind a sample with a GAN, and prove how well it did."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gan_lab.export.portable import load as load

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import torch only when `gan_lab.load` is used: `import gan_lab` stays instant."""
    if name == "load":
        from gan_lab.export.portable import load

        return load
    raise AttributeError(f"module 'gan_lab' has no attribute {name!r}")
