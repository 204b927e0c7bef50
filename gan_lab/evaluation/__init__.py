"""Is a generator faithful, does it cover, does it keep the dynamics, is it novel?"""

from gan_lab.evaluation.evaluate import evaluate, evaluate_samples
from gan_lab.evaluation.result import Evaluation, Verdict
from gan_lab.evaluation.score import Receipt, Score

__all__ = ["Evaluation", "Receipt", "Score", "Verdict", "evaluate", "evaluate_samples"]
