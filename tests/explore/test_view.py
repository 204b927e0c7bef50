import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.view import View, pack, unpack


def test_link_brings_the_view_back():
    z = pack(torch.randn(1, 7))
    view = View(
        "between", 12, z, z, z[::-1][::-1], 0.25, "a b&c=d", 0.7, {"slant": -1.5, "z3": 2.0}
    )
    assert View.from_query(view.to_query()) == view
    assert View().to_query() == {}
    assert View.from_query({}) == View()


def test_latents_survive_bit_for_bit():
    z = torch.randn(1, 33) * 1e-3
    assert torch.equal(unpack(pack(z), 33), z)
    assert set(pack(z)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")


def test_moves_of_zero_are_none():
    assert View.from_query({"m.slant": "0", "n": 4, "show": "many"}) == View()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"seed": "-1"}, "seed=-1: expected a whole number"),
        ({"seed": "9" * 40}, "expected a whole number"),
        ({"seed": "²"}, "expected a whole number"),
        ({"t": "1.1"}, "from 0 to 1"),
        ({"psi": "nan"}, "psi=nan: expected a number from 0 to 1"),
        ({"m.a": "inf"}, "from -10 to 10"),
        ({"m.a": "x"}, "expected a number"),
        ({"start": "../etc"}, "expected seed, between, given"),
        ({f"m.{k}": "1" for k in range(201)}, "at most 200"),
    ],
)
def test_refuses_what_no_page_writes(query, words):
    with pytest.raises(UserError, match=words):
        View.from_query(query)


@pytest.mark.parametrize("text", ["", "!!!!", "AAAA", pack(torch.zeros(1, 3)), "é"])
def test_refuses_latents_of_another_length(text):
    with pytest.raises(UserError, match="link holds"):
        unpack(text, 2)


def test_refuses_latents_that_are_not_finite():
    with pytest.raises(UserError, match="not finite"):
        unpack(pack(torch.tensor([[1.0, torch.inf]])), 2)
