"""A page on this machine alone, to walk the latent space of one run with sliders and a map."""
