"""What happens around training: pictures, logs, checkpoints, progress, the end.

Callbacks are thin: they look at the clock, ask the model for samples, and hand these to
`gan_lab.render`. Their files go to the run folder, `trainer.default_root_dir`.
"""
