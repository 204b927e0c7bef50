"""The page of a comparison: runs in columns, the best first."""

from pathlib import Path

from gan_lab.atomic import write_atomically
from gan_lab.evaluation.compare import Comparison
from gan_lab.report.page import QUESTIONS, page


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write one HTML file that needs nothing else.

    Raises:
        UserError: If the file cannot be written.
    """
    content = page("compare.html.j2", comparison=comparison, questions=QUESTIONS)
    write_atomically(path, content.encode())
