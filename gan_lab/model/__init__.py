"""Training: the game itself (`gan`), its moving average (`ema`) and its learning rates."""
