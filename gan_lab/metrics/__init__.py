"""Scores: pure functions of samples or features, each with its own file."""
