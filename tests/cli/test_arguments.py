from dataclasses import dataclass

import pytest

from gan_lab.cli.arguments import command, parse
from gan_lab.errors import UserError


@dataclass(frozen=True)
class Options:
    run: str = "latest"
    n: int = 64
    psi: float = 1.0
    label: int | None = None
    trust: bool = False


def test_the_defaults():
    assert parse([], Options) == Options()


def test_a_path_and_keys_in_any_order():
    expected = Options("outputs/a", n=3, psi=0.5, label=7)
    assert parse(["n=3", "outputs/a", "label=7", "psi=.5"], Options) == expected
    assert parse(["run=outputs/a", "n=3", "label=7", "psi=.5"], Options) == expected
    assert parse(["label=null"], Options).label is None
    assert [parse([f"trust={word}"], Options).trust for word in ("true", "False")] == [True, False]


def test_an_existing_folder_with_an_equals_sign_is_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seed=1").mkdir()
    assert parse(["seed=1"], Options).run == "seed=1"
    assert parse(["outputs/0_latent=sphere"], Options).run == "outputs/0_latent=sphere"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["m=1"], "no key 'm'"),
        (["lable=1"], "did you mean 'label'"),
        (["trust=yes"], "trust=yes: expected true or false"),
        (["n=many"], "n=many: expected a whole number"),
        (["n=1.5"], "n=1.5: expected a whole number"),
        (["psi=x"], "psi=x: expected a number"),
        (["n=1", "n=2"], "given twice"),
        (["a", "b"], "given twice"),
    ],
)
def test_mistakes(words, text):
    with pytest.raises(UserError, match=text):
        parse(words, Options)


def test_a_mistake_is_one_line_and_exit_code_2(capsys):
    def work(options):
        raise UserError("no such thing")

    assert command([], Options, "usage", work) == 2
    assert capsys.readouterr().err == "error: no such thing\n"
    assert command(["--help"], Options, "usage", work) == 0
    assert capsys.readouterr().out == "usage\n"
