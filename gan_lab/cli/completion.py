"""Tab completion that reads the folders of `conf/` and imports nothing slow."""

import sys
from collections.abc import Sequence
from pathlib import Path

from gan_lab.config import CONFIG_DIR

KEYS = {
    "train": ("seed=", "name=", "output=", "trainer.max_steps=", "latent.dim=", "resume=",
              "resume_anyway=", "--dry-run",
              "--multirun", "--config-dir", "--cfg", "--help"),
    "inspect": ("data=", "data.path=", "output=", "--help"),
    "sample": ("n=", "seed=", "truncation=", "label=", "start=", "given=", "steps=", "paths=",
               "format=", "output=", "--help"),
    "interpolate": ("rows=", "steps=", "seed=", "truncation=", "label=", "output=", "--help"),
    "evaluate": ("n=", "seed=", "weights=", "features=", "samples=", "data=", "fail_below=",
                 "scores=", "junit=", "latent=", "output=", "--help"),
    "compare": ("output=", "differ=", "--help"),
    "diagnose": ("rows=", "--json", "--help"),
    "explore": ("walk", "directions", "invert", "arithmetic", "map", "select", "serve", "--help"),
    "completion": ("bash", "zsh", "fish"),
}  # fmt: skip

BASH = """\
_gan_lab() {
    local line="${COMP_LINE:0:COMP_POINT}" current
    current="${line##*[[:space:]]}"
    local IFS=$'\\n'
    COMPREPLY=($(gan-lab completion query "$line" 2>/dev/null))
    # bash splits words at "=", so it wants only what follows the last one
    if [[ "$current" == *=* && "$COMP_WORDBREAKS" == *=* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*=}"}"}")
    fi
    [[ "${COMPREPLY[0]}" == *= ]] && compopt -o nospace 2>/dev/null
}
complete -o default -F _gan_lab gan-lab
"""
SCRIPTS = {
    "bash": BASH,
    "zsh": "autoload -U +X bashcompinit && bashcompinit\n" + BASH,
    "fish": "complete -c gan-lab -a '(gan-lab completion query (commandline -cp))'\n",
}


def main(argv: Sequence[str]) -> int:
    """Print the script for a shell; `query LINE` prints the candidates for an unfinished line."""
    if len(argv) == 2 and argv[0] == "query":
        print("\n".join(candidates(argv[1])))
        return 0
    if len(argv) == 1 and argv[0] in SCRIPTS:
        print(SCRIPTS[argv[0]], end="")
        return 0
    print("usage: gan-lab completion bash|zsh|fish", file=sys.stderr)
    return 0 if list(argv) in (["-h"], ["--help"]) else 2


def candidates(line: str) -> list[str]:
    """Words that can stand at the end of a command line.

    >>> candidates("gan-lab train laten")
    ['latent.dim=', 'latent=']
    >>> candidates("gan-lab compl")
    ['completion']
    """
    words = line.split()
    current = "" if not line or line[-1].isspace() else words.pop()
    if len(words) <= 1:
        return [command for command in KEYS if command.startswith(current)]
    command = words[1]
    if command == "train" and "=" in current:
        group = current.partition("=")[0]
        options = [f"{group}={choice}" for choice in choices(group)]
    else:
        options = [*KEYS.get(command, ())]
        options += [f"{group}=" for group in groups()] if command == "train" else []
    return sorted(option for option in options if option.startswith(current))


def groups() -> list[str]:
    """Names of the hydra groups: the folders of `conf/`."""
    folders = (p for p in Path(CONFIG_DIR).iterdir() if p.is_dir())
    return sorted(p.name for p in folders if any(p.glob("*.yaml")))


def choices(group: str) -> list[str]:
    """Choices of a group: the yaml files of its folder."""
    return sorted(p.stem for p in (Path(CONFIG_DIR) / group).glob("*.yaml"))
