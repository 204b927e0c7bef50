"""A generator that draws a simulator's own factors: what is found can be held against the truth."""

import math

import pytest
import torch
from torch.special import ndtr

from gan_lab.data.synthetic.sines import SinesTruth
from gan_lab.explore.disentanglement import dci, mutual_information_gap
from gan_lab.explore.pullback import change_of, mean_metric, spectrum
from gan_lab.explore.random_control import random_vectors
from gan_lab.explore.supervised import attribute_boundary, conditional
from gan_lab.metrics.attributes.dynamics import level, volatility

TRUTH = SinesTruth(amplitude=(0.2, 1.0), frequency=(0.4, 0.6), phase=(-math.pi, math.pi))
STEPS = torch.arange(48, dtype=torch.float64)
AXES = torch.eye(4, dtype=torch.float64)
AMPLITUDE, FREQUENCY, PHASE, SHIFT = range(4)


def factors(z):
    """Amplitude, frequency, phase of the simulator's law, and a shift, from normal latents."""
    share = ndtr(z[:, :3])
    bounds = torch.tensor([TRUTH.amplitude, TRUTH.frequency, TRUTH.phase]).double()
    drawn = bounds[:, 0] + share * (bounds[:, 1] - bounds[:, 0])
    return torch.cat([drawn, 0.3 * z[:, 3:]], 1)


def decode(z):
    amplitude, frequency, phase, shift = factors(z)[:, :, None].unbind(1)
    return (amplitude * torch.sin(frequency * STEPS + phase) + shift)[:, None]


def latents(n=2000):
    return torch.randn(n, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_the_largest_change_is_that_of_phase_and_frequency():
    z = latents(300)
    found = spectrum(mean_metric(decode, z), 4)
    plane = AXES[[FREQUENCY, PHASE]]
    assert ((found.vectors[:2] @ plane.T).square().sum(1) > 0.98).all()
    change = change_of(mean_metric(decode, z))
    assert change.together(found.vectors[:2]) > 0.8
    assert change.together(random_vectors(4, 2)) < change.together(found.vectors[:2]) - 0.1


def test_a_measured_attribute_leads_to_the_factor_behind_it():
    z = latents()
    x = decode(z)
    strong = attribute_boundary(z, volatility(x)).vector
    assert float(strong[AMPLITUDE]) > 0.99
    high = attribute_boundary(z, level(x)).vector
    assert float(high[SHIFT]) > 0.98
    mixed = attribute_boundary(z, volatility(x) + 3 * level(x)).vector
    assert float(mixed[SHIFT]) > 0.5
    assert float(conditional(mixed, high[None])[AMPLITUDE]) > 0.9


def test_axes_disentangle_the_simulators_factors_and_turned_axes_do_not():
    z = latents()
    turned = random_vectors(4, 4, seed=2)
    axes, mixed = dci(z, factors(z)), dci(z @ turned.T, factors(z))
    assert axes.disentanglement > 0.95 > 0.6 > mixed.disentanglement
    assert axes.completeness > 0.95 > 0.6 > mixed.completeness
    assert axes.informativeness == pytest.approx(mixed.informativeness, abs=0.02)
    assert mutual_information_gap(z, factors(z)) > 0.9
    assert mutual_information_gap(z @ turned.T, factors(z)) < 0.3
