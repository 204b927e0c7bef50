"""The latent space of a trained generator: walks, directions, inversion, arithmetic, maps."""
