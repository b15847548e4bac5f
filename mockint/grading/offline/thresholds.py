"""Every number that decides, in one place, each with its reason. None was fitted to human scores; SPOKEN_OF
and the confidences at the end were chosen on answers that were written blind and then read.
"""

from __future__ import annotations

# How good a match of one word is. 1 is the same stem.
SYNONYM = 0.85  # the same concept in the lexicon
EQUAL = 0.6  # words of one concept: equal for a pattern, and for a text nearly so
DERIVED = 0.8  # the same root with another ending: depend, dependence
TYPO = 0.9  # one edit (two in a long word) from a word that is looked for, and no word itself
THEME = 0.3  # only the same field of meaning: enough to rank by, never to credit
LONE_CHARACTER = 0.45  # a Chinese character without its neighbour is half a word

# Words of the question say little about the answer: anybody can repeat them. Dropping them loses what is said of them.
QUESTION_WORD = 0.2
# A run of the question that is restated word for word in a key point carries nothing.
RESTATED_RUN = 4
RESTATED = 0.0
FORMULA = 2.5  # a formula or a number is most of what a sentence about it says
NUMBER = 1.5
NUMBER_AGAIN = 0.2  # (p-1)/m of (p-1)/(m+p-1): one 1 in an answer does not say all three
OTHER_NUMBER = 0.3  # of a statement that wants numbers and has others, or none, so much is lost beside their weight
NO_NUMBER = 0.15

# Coverage of a key point's words by one stretch of the answer -> strength, linear between the two.
COVERED_NOTHING = 0.22  # reached by answers to other questions of the same field
COVERED_ALL = 0.72  # paraphrases keep about three quarters of the meaning-bearing words

# Verdicts from the text alone (no author's wording): of strength.
TEXT_MET = 0.75
TEXT_PARTIAL = 0.15  # a wide middle: of answers that people gave at least half, every third covers less than .36
# To say that somebody contradicts a point: so much of it is said, so much from the other side, so much together.
SURE_SAID = 0.3
SURE_AGAINST = 0.2
SURE_BOTH = 0.6
# ... and of a key point with wordings, which say better what counts: half of its text's words is mostly another point.
BACKED_MET = 0.9
STATED_SHARE = 0.78  # of a misconception's text in one sentence; less could be its correction
FEWEST_WORDS = 3  # a word that stands for several of a text's words covers none of them alone
BACKED_FLOOR = 0.6  # a share below this is neither credit nor denial, so such stretches need no closer look

# A stretch denies the point when this share of what it covers stands on the other side.
DENIED_SHARE = 0.34
DENIED_COVERAGE = 0.42
TORN = 0.6
POLAR = 3.0  # the opposite word (lower for higher) decides the side more than a denied noun
BESIDE = 2  # opposites side by side (training and inference) are named together, not set against each other
PREDICATE = 2.0  # the last word that bears meaning is mostly what is said of the rest
NAMED = 0.5  # `mutual exclusion` alone is half of `mutual exclusion: only one process can hold a resource`

# Tokens a wording may spread over: a spoken sentence puts a dozen words between two terms at most.
REACH_PER_TERM = 11
REACH_MORE = 8
GAP = 3  # small words between two that stand side by side: `shard all of the states`, 优化器的状态
OUTRIGHT = 0.8  # the author's words, a typo or another ending included
SENTENCES_APART = 1
"""Terms may stand in neighbouring sentences; what counts against somebody must stand in one."""

WINDOW_SHARE = 0.15
"""Ranking: the best stretch against the whole answer. A summary scatters a point's words; a single stretch is surer."""

AGAINST = 0.3
"""Ranking: what is denied is not said already, so that a third of it is taken off once more."""

POLAR_WEIGHT = 0.8
"""A word with an opposite (more, before, always) says which way a statement goes, however common it is."""

LETTERS = 0.35
"""Ranking: the share of letter runs against words. It sees what stems and the lexicon miss; it never earns credit."""

FEW_PLACES = 8  # of all terms of a wording together
MANY_PLACES = 50  # of one term; who says it more often says nothing new

SPOKEN_OF = 0.35
"""Under this share of a point's text, wherever it stands, a single pattern is half a proof."""

# How sure a verdict from patterns is, by the share of the criterion's own text that stands anywhere in the answer:
# (share below which it holds, confidence). These are the shares of right verdicts on answers written blind, under
# wordings that were older than those answers: what the wordings were tuned on would make the grader look surer.
SURE_ONCE = ((0.5, 0.69), (0.7, 0.77), (9.0, 0.9))
SURE_TWICE = ((0.35, 0.56), (0.5, 0.9), (9.0, 0.94))
SURE_MISSING = ((0.25, 0.85), (0.35, 0.7), (0.65, 0.62), (9.0, 0.4))
SURE_ABSENT = ((0.4, 0.98), (0.55, 0.95), (0.7, 0.88), (9.0, 0.77))
