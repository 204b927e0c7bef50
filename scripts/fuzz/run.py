"""Coverage-guided fuzzing of one parser with atheris, which is `pip install atheris`.

python scripts/fuzz/run.py table 600        ten minutes on the table reader
python scripts/fuzz/run.py all 20           twenty seconds, shared by all parsers
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import atheris


def main() -> int:
    """Fuzz; the exit code is 0 if nothing was found."""
    name, seconds = sys.argv[1], int(sys.argv[2])
    sys.path.insert(0, str(Path(__file__).parents[2]))
    if name == "all":
        from scripts.fuzz.targets import TARGETS

        each = max(seconds // len(TARGETS), 1)
        codes = [subprocess.call([sys.executable, __file__, t, str(each)]) for t in TARGETS]
        return max(codes)
    # Packages of our own alone: instrumenting torch and pandas takes minutes.
    with atheris.instrument_imports(include=["gan_lab"]):
        from scripts.fuzz.targets import SEEDS, TARGETS
    corpus = Path(tempfile.mkdtemp(prefix="gan_lab_corpus_"))
    for number, seed in enumerate(SEEDS[name]):
        (corpus / str(number)).write_bytes(seed)
    artifacts = f"-artifact_prefix={tempfile.mkdtemp(prefix='gan_lab_found_')}/"
    limits = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=2500"]
    atheris.Setup(
        [sys.argv[0], *limits, artifacts, "-print_final_stats=1", str(corpus)], TARGETS[name]
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
