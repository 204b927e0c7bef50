"""Let the critic choose among samples: rejection, Metropolis-Hastings, Langevin in latent space."""
