import torch

from gan_lab.explore.label_search import invert_any, invert_given
from gan_lab.latent import Normal

FAST = {"steps": 40, "polish": 30, "pool": 64, "restarts": 2, "weight": 0.0}


def classes():
    """Three planes in nine dimensions, far apart."""
    rng = torch.Generator().manual_seed(0)
    bases = [torch.randn(9, 2, generator=rng) for _ in range(3)]
    return [lambda z, k=k: z @ bases[k].T + 3 * k for k in range(3)]


def test_the_label_of_each_target_is_found():
    decoders, z = classes(), torch.randn(6, 2)
    truth = torch.tensor([0, 1, 2, 2, 1, 0])
    target = torch.cat([decoders[k](row[None]) for k, row in zip(truth, z, strict=True)])
    found = invert_any(decoders, Normal(2), target, **FAST)
    assert found.label.tolist() == truth.tolist()
    assert torch.allclose(found.z, z, atol=2e-3)


def test_given_labels_are_kept_in_order():
    decoders, z = classes(), torch.randn(4, 2)
    label = torch.tensor([2, 0, 2, 1])
    target = torch.cat([decoders[k](row[None]) for k, row in zip(label, z, strict=True)])
    found = invert_given(decoders, Normal(2), target, label, **FAST)
    assert torch.equal(found.label, label)
    assert torch.allclose(found.x, target, atol=2e-3)
    wrong = invert_given(decoders, Normal(2), target, label * 0, **FAST)
    assert wrong.error[0] > 0.1


def test_progress_goes_over_all_labels():
    told = []
    label = torch.tensor([0, 2, 1])
    invert_given(classes(), Normal(2), torch.zeros(3, 9), label, progress=told.append, **FAST)
    assert told == sorted(told)
    assert told[-1] == 1.0
