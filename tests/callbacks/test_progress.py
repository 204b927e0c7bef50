import io

import pytest
from rich.console import Console

from gan_lab.callbacks.clock import StopAfter
from gan_lab.callbacks.progress import ProgressLine, clock

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


def test_plain_lines_where_there_is_no_terminal(fit):
    out = io.StringIO()
    fit(StopAfter(20), ProgressLine(share=0.25, console=Console(file=out, width=200)))
    lines = out.getvalue().splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "step 5/20 (25%)", "step 10/20 (50%)", "step 15/20 (75%)", "step 20/20 (100%)",
    ]  # fmt: skip
    for word in ("D ", "G ", "steps/s", "samples/s", "left"):
        assert word in lines[0]
    assert "\x1b" not in out.getvalue()


def test_bar_in_a_terminal_ends_full(fit):
    out = io.StringIO()
    console = Console(file=out, width=120, force_terminal=True, color_system=None)
    fit(StopAfter(4), ProgressLine(console=console))
    assert "4/4" in out.getvalue()


def test_lines_by_time(fit):
    out = io.StringIO()
    fit(StopAfter(3), ProgressLine(seconds=0.0, console=Console(file=out, width=200)))
    assert len(out.getvalue().splitlines()) == 3


@pytest.mark.parametrize(("seconds", "text"), [(0.0, "0:00"), (59.6, "1:00"), (3600.0, "1:00:00")])
def test_clock(seconds, text):
    assert clock(seconds) == text
