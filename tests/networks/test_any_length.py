"""Generators with a carried state: pieces equal the whole, latents are the only randomness."""

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.networks import lstm, tcn, transformer
from gan_lab.networks.any_length import AnyLength, Continues, generate_long, latents_needed
from gan_lab.spec import DataSpec

SPEC = DataSpec("demo", "series", 3, (12,), ("a", "b"))
MAKERS = {
    "lstm": lambda d, **k: lstm.Generator(SPEC, d, width=8, layers=2, **k),
    "gru": lambda d, **k: lstm.Generator(SPEC, d, width=8, cell="gru", **k),
    "tcn": lambda d, **k: tcn.Generator(SPEC, d, width=8, levels=3, **k),
    "transformer": lambda d, **k: transformer.Generator(SPEC, d, width=8, window=5, **k),
    "lstm fed": lambda d, **k: lstm.SelfFedGenerator(SPEC, d, width=8, **k),
    "gru fed": lambda d, **k: lstm.SelfFedGenerator(SPEC, d, width=8, cell="gru", **k),
    "tcn fed": lambda d, **k: tcn.SelfFedGenerator(SPEC, d, width=8, levels=3, **k),
}
FED = [name for name in MAKERS if "fed" in name]
LABEL = torch.tensor([0, 1])
everywhere = pytest.mark.parametrize("name", MAKERS)
fed = pytest.mark.parametrize("name", FED)


def close(x, y):
    torch.testing.assert_close(x, y, rtol=0, atol=1e-5)


@everywhere
def test_fulfils_the_protocol(name):
    generator = MAKERS[name](40)
    assert isinstance(generator, AnyLength)
    assert isinstance(generator, Continues) == (name in FED)


@everywhere
@torch.no_grad()
def test_one_latent_gives_the_plain_series(name):
    generator, z = MAKERS[name](40).eval(), torch.randn(2, 40)
    close(generate_long(generator, z[:, None], 12, label=LABEL), generator(z, LABEL))


@everywhere
@torch.no_grad()
def test_pieces_of_any_size_equal_the_whole(name):
    generator, z = MAKERS[name](40).eval(), torch.randn(2, 5, 40)
    whole = generate_long(generator, z, 57, label=LABEL)
    noise = torch.cat([generator.noise(z[:, k]) for k in range(5)], 2)[:, :, :57]
    state, pieces = generator.begin(z[:, 0], LABEL), []
    for piece in noise.split([1, 30, 5, 21], dim=2):
        x, state = generator.advance(piece, state)
        pieces.append(x)
    assert whole.shape == (2, 3, 57)
    close(torch.cat(pieces, 2), whole)


@everywhere
@torch.no_grad()
def test_a_longer_series_begins_with_the_shorter(name):
    generator, z = MAKERS[name](40).eval(), torch.randn(2, 5, 40)
    long = generate_long(generator, z, 60, label=LABEL)
    close(generate_long(generator, z[:, :2], 20, label=LABEL), long[:, :, :20])


@everywhere
@torch.no_grad()
def test_rows_do_not_see_each_other(name):
    generator, z = MAKERS[name](40).eval(), torch.randn(2, 3, 40)
    both = generate_long(generator, z, 30, label=LABEL)
    close(generate_long(generator, z[1:], 30, label=LABEL[1:]), both[1:])


@everywhere
def test_both_parts_of_the_latent_count(name):
    generator, z = MAKERS[name](44).eval(), torch.randn(1, 44, requires_grad=True)
    (slope,) = torch.autograd.grad(generator(z, LABEL[:1]).square().sum(), z)
    assert (slope != 0).all()


@everywhere
@torch.no_grad()
def test_late_local_noise_leaves_early_steps_alone(name):
    generator, z = MAKERS[name](44).eval(), torch.randn(1, 44)
    moved = z.clone()
    moved[0, -2] += 3  # noise of the last step but one
    changed = (generator(moved, LABEL[:1]) - generator(z, LABEL[:1])).abs().amax((0, 1)) > 0
    assert changed.nonzero().flatten().tolist() == [10, 11]


@torch.no_grad()
def test_tcn_without_a_global_part_is_stationary_from_the_first_step():
    generator = MAKERS["tcn"](26, repeat=False, conditional=False).eval()
    x = generator(torch.randn(20_000, 26))
    deviation = x.std(0)
    # The relative standard error is about .005 where the marginals are near normal.
    close_enough = (deviation / deviation[:, -1:] - 1).abs().max()
    assert close_enough < 0.05


@fed
@torch.no_grad()
def test_warming_up_on_a_series_of_its_own_restores_its_state(name):
    generator, z = MAKERS[name](40).eval(), torch.randn(2, 40)
    x, after = generator.advance(generator.noise(z), generator.begin(z, LABEL))
    for warm, own in zip(generator.warm(x, z, LABEL), after, strict=True):
        close(warm, own)


@fed
@torch.no_grad()
def test_continuation_depends_on_the_past_and_on_its_own_noise(name):
    generator = MAKERS[name](40).eval()
    z, past = torch.randn(2, 1, 40), torch.randn(2, 3, 20)
    state = generator.warm(past, z[:, 0], LABEL)
    future = generate_long(generator, z, 12, state=state)
    changed = past.clone()
    changed[:, :, -2] += 1
    other = generator.warm(changed, z[:, 0], LABEL)
    assert (generate_long(generator, z, 12, state=other) - future).abs().max() > 1e-4
    again = generate_long(generator, torch.randn(2, 1, 40), 12, state=state)
    assert (again - future).abs().max() > 1e-4
    close(generate_long(generator, z, 12, state=state), future)


@fed
@torch.no_grad()
def test_one_past_has_many_futures(name):
    generator, past = MAKERS[name](40).eval(), torch.randn(1, 3, 20)
    state = generator.warm(past, torch.randn(1, 40), LABEL[:1])
    many = tuple(part.repeat_interleave(6, 0) for part in state)
    futures = generate_long(generator, torch.randn(6, 2, 40), 24, state=many)
    assert futures.shape == (6, 3, 24)
    assert torch.pdist(futures.flatten(1)).min() > 1e-4


@everywhere
def test_few_coordinates_still_drive_every_step(name):
    generator = MAKERS[name](6)
    x = generator(torch.randn(4, 6), torch.tensor([0, 1, 0, 1]))
    x.square().sum().backward()
    assert x.shape == (4, 3, 12)
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in generator.parameters())


def test_needs_enough_latents_and_a_past():
    generator = MAKERS["lstm fed"](40)
    assert [latents_needed(generator, n) for n in (1, 12, 13, 24)] == [1, 1, 2, 2]
    with pytest.raises(UserError, match="13 steps need 2 latents per path, one for every 12 steps"):
        generate_long(generator, torch.randn(2, 1, 40), 13, label=LABEL)
    with pytest.raises(UserError, match="steps is 0"):
        generate_long(generator, torch.randn(2, 1, 40), 0, label=LABEL)
    with pytest.raises(UserError, match="expected \\(paths, 3 channels, 1 step or more\\)"):
        generator.warm(torch.randn(2, 2, 5), torch.randn(2, 40), LABEL)
