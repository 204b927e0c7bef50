"""Series whose law is known in closed form: each data set carries its `truth`.

A metric that claims to see means, cycles, causes, common trends or changing volatility can be
held against them. Truths are told in original units, the ones that `DataSpec.to_units` gives.
"""

from gan_lab.data.synthetic.ar import AR, ARTruth
from gan_lab.data.synthetic.drift import Drift, DriftTruth
from gan_lab.data.synthetic.garch import GARCH, GARCHTruth
from gan_lab.data.synthetic.process import Process
from gan_lab.data.synthetic.regimes import Regimes, RegimesTruth
from gan_lab.data.synthetic.sines import PeriodicSines, Sines, SinesTruth
from gan_lab.data.synthetic.var import VAR, VARTruth
from gan_lab.data.synthetic.vecm import VECM, VECMTruth

__all__ = [
    "AR",
    "GARCH",
    "VAR",
    "VECM",
    "ARTruth",
    "Drift",
    "DriftTruth",
    "GARCHTruth",
    "PeriodicSines",
    "Process",
    "Regimes",
    "RegimesTruth",
    "Sines",
    "SinesTruth",
    "VARTruth",
    "VECMTruth",
]
