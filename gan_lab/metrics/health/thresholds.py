"""Where the monitor draws its lines; each has its reason."""

WINDOW = 8
"""Signals that must agree: one odd moment is no state, and a healthy start has many."""

TWIN = 0.05
"""Twins lie closer than this share of the usual distance to the nearest real row."""

GONE = 5.0
"""Energy distance, in mean distances of the data, beyond which samples have left the data: their
mean distance to real rows is then at least three times the data's own. Untrained networks
measured 0.5 to 1."""

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
"""Share of samples with a twin beyond that of the data: as many as when n samples are drawn from
about 3.5 n equally likely ones."""

RECOVERING = 2.0
"""A narrow generator that is now twice as wide as ever in the window is on its way out."""

LEAK_VISIBLE = 0.05
"""Energy distance between clean and augmented rows, in mean distances of the data, from which on
they are told apart. Between 200 pairs of equal sets of 128 its standard deviation was 0.009 on the
ring and 0.004 on digits, its maximum 0.032."""

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

LEARNS = 0.75
"""Second half of the window's distances over its first, below which swings die out: healthy rings
swing in their first 150 steps too, while the distance falls to 0.5 or 0.6 of what it was."""

CERTAIN = 0.98
"""P(real beats sample) at which the critic is hardly ever wrong."""

FAR = 0.1
"""Energy distance, in mean distances of the data, at which samples are plainly not right yet: a
set shifted by a third of its mean distance has about this one, points and images alike."""

STUCK = 0.9
"""Second half of the window over its first: no progress above it."""
