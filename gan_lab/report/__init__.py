"""One self-contained page from an evaluation."""

from gan_lab.report.page import write_report

__all__ = ["write_report"]
