"""`gan-lab explore`: one module per way to look at the latent space."""
