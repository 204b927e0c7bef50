"""Scores as torchmetrics classes: updated batch by batch, summed up over processes."""
