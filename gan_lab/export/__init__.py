"""Generators as portable folders: weights, a plain configuration and the data spec."""
