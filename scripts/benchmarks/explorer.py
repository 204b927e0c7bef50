"""How fast is the explorer page? From its start to its first sight, and from a slider to a picture.

Usage: python scripts/benchmarks/explorer.py RUN [RUN ...] [moves=60] [output=FILE.json]

Each run gets a server of its own and a visit by a headless Chromium, which counts what a person
would: the time from the event of a slider to the frame that shows the new sample. Beside it stand
the load of the machine, and the CPU time of server and browser together, which no load changes.
Needs playwright and Debian's chromium.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

WARM = 5
PATIENCE = 300_000
MEASURE = """async (moves) => {
  const slider = document.querySelector("#direction-list input[type=range]");
  const stage = document.getElementById("stage");
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  for (let k = 1; k <= moves; k++) {
    const changed = new Promise((done) => {
      const watch = new MutationObserver(() => { watch.disconnect(); done(); });
      watch.observe(stage, {subtree: true, childList: true, attributes: true});
    });
    const begin = performance.now();
    set.call(slider, String(3 * Math.sin(1.7 * k)));
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    await changed;
    await frame();
    times.push(performance.now() - begin);
    await new Promise((done) => setTimeout(done, 60));
  }
  return times;
}"""


def main(words):
    """Measure every run, print a line each, and write all of it."""
    options = dict(word.split("=", 1) for word in words if "=" in word)
    runs = [Path(word) for word in words if "=" not in word]
    moves = int(options.get("moves", 60))
    found = []
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for run in runs:
            found.append(measured(browser, run, moves))
            print(sentence(found[-1]), flush=True)
        browser.close()
    if "output" in options:
        Path(options["output"]).write_text(json.dumps(found, indent=1) + "\n")


def measured(browser, run, moves):
    """All times of one run, in milliseconds and seconds."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "gan_lab.cli.main", "explore", "serve", str(run)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().strip()
        listening = time.perf_counter()
        page = browser.new_page(viewport={"width": 1320, "height": 1000})
        page.set_default_timeout(PATIENCE)
        page.goto(address, wait_until="commit")
        page.wait_for_selector("h1")
        visible = time.perf_counter()
        times, busy = slider_times(page, moves)
        page.close()
    finally:
        server.terminate()
        server.wait()
    return {
        "run": run.parent.name,
        "listening_s": listening - began,
        "visible_s": visible - listening,
        "slider_ms": times,
        "cpu_ms": busy,
        "median_ms": statistics.median(times),
        "p95_ms": statistics.quantiles(times, n=20)[-1],
        "load": os.getloadavg()[0],
        "cpus": len(os.sched_getaffinity(0)),
    }


def busy_seconds():
    """CPU seconds of this process and all below it: the server, and every part of the browser."""
    ticks, parent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parent[pid], ticks[pid] = int(words[1]), int(words[11]) + int(words[12])
    own, before = {os.getpid()}, 0
    while len(own) > before:
        before = len(own)
        own |= {pid for pid, above in parent.items() if above in own}
    return sum(ticks[pid] for pid in own if pid in ticks) / os.sysconf("SC_CLK_TCK")


def slider_times(page: Page, moves):
    """Milliseconds from the event of a slider to the new sample, and CPU milliseconds a move."""
    page.wait_for_selector("#stage :is(img, .main-svg)")
    page.wait_for_selector("#map .main-svg")
    page.evaluate(MEASURE, WARM)
    before = busy_seconds()
    times = page.evaluate(MEASURE, moves)
    return times, 1000 * (busy_seconds() - before) / moves


def sentence(one):
    """One line about one run."""
    return (
        f"{one['run']}: listening after {one['listening_s']:.1f} s, page visible "
        f"{one['visible_s']:.1f} s later; slider median {one['median_ms']:.0f} ms, p95 "
        f"{one['p95_ms']:.0f} ms over {len(one['slider_ms'])} moves, "
        f"{one['cpu_ms']:.0f} ms of CPU a move (load {one['load']:.1f} on "
        f"{one['cpus']} CPUs)"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
