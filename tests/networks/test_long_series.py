"""A recurrent generator, trained on short windows of a stationary series, goes on without drift."""

import pytest
import torch
from torch.nn.functional import softplus

from gan_lab.data.synthetic.ar import AR
from gan_lab.networks import lstm
from gan_lab.networks.any_length import generate_long

WINDOW, TIMES, PATHS, DIM = 16, 20, 200, 24


def trained(x, spec, steps):
    generator = lstm.Generator(spec, DIM, width=16, repeat=False)
    critic = lstm.Critic(spec, width=16)
    players = [
        torch.optim.Adam(network.parameters(), 4e-3, betas=(0.0, 0.99))
        for network in (generator, critic)
    ]
    for step in range(steps):
        for group in (group for player in players for group in player.param_groups):
            group["lr"] = 4e-3 * min(1.0, 2 * (1 - step / steps))
        real = x[torch.randint(len(x), (64,))].requires_grad_()
        fake = generator(torch.randn(64, DIM))
        on_real = critic(real)
        loss = softplus(critic(fake.detach()) - on_real).mean()
        if step % 4 == 0:
            (slope,) = torch.autograd.grad(on_real.sum(), real, create_graph=True)
            loss = loss + 0.2 * slope.square().flatten(1).sum(1).mean()
        players[1].zero_grad()
        loss.backward()
        players[1].step()
        players[0].zero_grad()
        softplus(critic(real).detach() - critic(fake)).mean().backward()
        players[0].step()
    return generator.eval()


def lag_one(x):
    centred = x - x.mean()
    return float((centred[:, :, 1:] * centred[:, :, :-1]).mean() / centred.square().mean())


@pytest.mark.slow
def test_twenty_times_the_training_length_has_the_moments_of_the_series():
    data = AR(n=4000, window=WINDOW, coefficient=0.7)
    data.setup()
    generator = trained(data.train.x, data.spec, steps=400)
    with torch.no_grad():
        x = generate_long(generator, torch.randn(PATHS, TIMES, DIM), WINDOW * TIMES)
    early, late = x[:, :, 4 * WINDOW : 8 * WINDOW], x[:, :, -4 * WINDOW :]
    assert abs(float(late.mean() - early.mean())) < 0.1
    assert 0.9 < float(late.std() / early.std()) < 1.1
    assert abs(lag_one(late) - 0.7) < 0.15
    assert abs(float(late.std() / data.train.x.std()) - 1) < 0.25
    # Every path forgets where it began: no path keeps a level of its own.
    assert float(x[:, :, WINDOW:].mean(2).std()) < 0.5 * float(x.std())
