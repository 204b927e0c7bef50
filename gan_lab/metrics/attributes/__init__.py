"""Scalar attributes of samples, one number each: what a direction in latent space can move.

Images: thickness, slant, size, brightness. Series: level, volatility, roughness, trend, memory,
Granger strength. Points: coordinates, radius.
"""
