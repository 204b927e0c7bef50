"""Is the training healthy? Cheap signals, a window of them, and one plain verdict.

`Signals` are numbers of one moment; `diagnose` reads a history of them and names the state, the
evidence and the change to try. Nothing here knows a trainer: `gan_lab.callbacks.health` measures.
"""

from gan_lab.metrics.health.diagnose import diagnose
from gan_lab.metrics.health.signals import Layer, Signals
from gan_lab.metrics.health.state import Diagnosis, State, word_of

__all__ = ["Diagnosis", "Layer", "Signals", "State", "diagnose", "word_of"]
