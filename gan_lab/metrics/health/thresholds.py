"""Where the monitor draws its lines; each has its reason."""

WINDOW = 8
"""Signals that must agree: one odd moment is no state, and a healthy start has many."""

TWIN = 0.05
"""Twins lie closer than this share of the usual distance to the nearest real row."""

GONE = 5.0
"""Energy distance, in mean distances of the data, beyond which samples have left the data: their
mean distance to real rows is then three times the data's own. Untrained networks stay below 2."""

EXPLODING = 1e6
"""Root mean square gradient at which a plain step of rate 1e-6 moves every weight by 1."""

SATURATED = 0.01
"""Share of the critic's slope that the loss passes on, below which the generator hears nothing:
its steps are a hundred times smaller than those of a Wasserstein loss with the same critic."""

SILENT = 1e-8
"""Root mean square gradient at the size of Adam's epsilon, below which Adam stops making steps."""

SHALLOW = 1e-4
"""Weakest over strongest layer of the generator: the weakest learns ten thousand times slower."""

NARROW = 0.2
"""Diversity or variety of samples, relative to data, that counts as collapsed."""

TWINS = 0.25
"""Share of samples with a twin beyond that of the data: by the birthday paradox some n^2 / 8 of the
pairs would have to come from a population of about 2 n samples."""

RECOVERING = 2.0
"""A narrow generator that is now twice as wide as ever in the window is on its way out."""

LEAK_VISIBLE = 0.02
"""Energy distance between clean and augmented rows, in mean distances of the data, from which on
they are told apart: four times its standard deviation between equal sets of 128."""

LEAK = 0.5
"""Samples nearer to augmented than to clean rows."""

LEAK_SHARE = 0.5
"""The augmentation explains most of what is wrong with the samples."""

REMEMBERS = 0.6
"""Held-out rows look more like samples than like training rows to the critic. Healthy runs on 1,400
digits and on series whose held-out part is a later one came to 0.45."""

ERRORS = 4.0
"""Standard errors by which the overfitting must exceed 0."""

SWING = 0.2
"""Path of the samples' centre per signal, in spreads of the data, that is no fine-tuning."""

RETURN = 0.5
"""Net way over path of the centre: below, it comes back; a learning generator goes one way, and its
distance falls."""

CERTAIN = 0.98
"""P(real beats sample) at which the critic is hardly ever wrong."""

FAR = 0.1
"""Energy distance, in mean distances of the data, at which samples are plainly not right yet: a
set shifted by a quarter of its mean distance has about this one."""

STUCK = 0.9
"""Second half of the window over its first: no progress above it."""
