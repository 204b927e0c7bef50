"""Does a set of series keep its dynamics? Tests and moments on batches of windows, in float64.

Every test is a least-squares problem, and every least-squares problem is one batched triangular
factor (`triangular`). Where a test is undefined it gives NaN and a `Reason`, never an exception.
Windows must not overlap: pooled tests take them for independent.
"""
