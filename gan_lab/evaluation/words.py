"""Scores as people call them."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "frechet": "Fréchet distance",
    "kernel": "kernel distance",
    "vendi": "variety (Vendi)",
    "sliced_wasserstein": "sliced Wasserstein distance",
    "energy": "energy distance",
    "marginal_wasserstein": "Wasserstein distance of channels",
    "marginal_ks": "largest gap of channels (KS)",
    "high_quality": "samples at a mode",
    "modes_kl": "unevenness of modes (KL)",
    "confident": "clear to the classifier",
    "acf": "autocorrelation",
    "acf_size": "autocorrelation of sizes",
    "acf_square": "autocorrelation of squares",
    "cross_correlation": "cross-correlation",
    "granger_strength": "Granger strengths",
    "granger_f1": "Granger edges (F1)",
    "nearness_z": "nearness to training rows (z)",
    "alpha_precision": "alpha-precision",
    "beta_recall": "beta-recall",
    "different_bins": "cells over- or underfilled",
    "twins": "samples with a near twin",
    "characteristics": "characteristics of series",
    "data_copying": "data copying (C_T)",
    "nearer_to_train": "nearer to training rows",
    "unseen_reached": "reached where training misses",
    "black_box_membership": "membership by samples (AUC)",
    "critic_membership": "membership by the critic (AUC)",
    "recovery_membership": "membership by recovery (AUC)",
    "discriminative": "discriminative score",
    "predictive": "predictive score",
    "trained_on_samples": "real rows, trained on samples",
    "as_labelled": "as labelled (trained on real)",
}


def words(name: str) -> str:
    """The name of a score in words.

    >>> words("acf"), words("class_balance")
    ('autocorrelation', 'class balance')
    """
    return WORDS.get(name) or name.replace("_", " ")


def percent(share: float) -> str:
    """A share, with as many digits as small ones need.

    >>> percent(0.856), percent(0.0083), percent(0.0)
    ('86 %', '0.83 %', '0 %')
    """
    return f"{100 * share:.2g} %" if 0 < abs(share) < 0.1 else f"{100 * share:.0f} %"
