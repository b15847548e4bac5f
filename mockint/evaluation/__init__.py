"""Measures a grader: records or samples in, figures of agreement out; and attacks that it must withstand.

    records     JSON lines -> Record, each problem named with file and line
    samples     the bank's own samples as records, and compared verdict by verdict
    run         records through a grader; time per answer
    bootstrap, verdicts, scores, ranking, calibration
                the statistics: figures with their intervals; pure
    report      everything measured on one set, as one value
    bars        `--fail-under METRIC=VALUE`: read and checked before anything is graded
    attacks, negation
                answers that must not earn credit, made from a bank's own content

All of it is stdlib Python: a few thousand answers with their bootstrap take seconds, so NumPy is not asked for.
"""
