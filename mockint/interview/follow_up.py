"""Which follow-up to ask next, and which key point it is to draw out."""

from __future__ import annotations

from mockint.grading.grade import Mark
from mockint.history import Attempt
from mockint.question import KeyPoint


def follow_up_for(attempt: Attempt, *, limit: int) -> int | None:
    """Which of the question's follow-ups to ask next, by its place; None when none would help.

    The one that probes the weightiest key point still missed (a must-have before others); among several the one that
    probes most of what is missed. Nobody who skipped or said "don't know" is asked more about it.
    """
    grade = attempt.grade
    if grade is None or len(attempt.parts) > limit or attempt.parts[-1].outcome != "answered":
        return None
    missed = {point.id: _missed(point, grade.mark(point.id)) for point in attempt.question.key_points}
    asked = {part.follow_up for part in attempt.parts}

    def worth(place: int) -> tuple[tuple[bool, float], float, int]:
        probed = [missed[id] for id in attempt.question.follow_ups[place].probes]
        return max(probed), sum(weight for _, weight in probed), -place

    left = [place for place in range(len(attempt.question.follow_ups)) if place not in asked]
    best = max(left, key=worth, default=None)
    return best if best is not None and worth(best)[1] > 0 else None


def point_left(attempt: Attempt, *, limit: int) -> KeyPoint | None:
    """The weightiest point still missed, where no authored follow-up is left to ask about it; None when none is."""
    grade = attempt.grade
    if grade is None or len(attempt.parts) > limit or attempt.parts[-1].outcome != "answered":
        return None
    points = attempt.question.key_points
    point = max(points, key=lambda point: _missed(point, grade.mark(point.id)))
    return point if _missed(point, grade.mark(point.id))[1] > 0 else None


def point_to_probe(attempt: Attempt, place: int) -> KeyPoint:
    """The weightiest point still missed of those that a follow-up probes; the attempt must be graded."""
    if attempt.grade is None:
        raise ValueError("an attempt without a grade has no missed points")
    grade, probes = attempt.grade, attempt.question.follow_ups[place].probes
    points = [point for point in attempt.question.key_points if point.id in probes]
    return max(points, key=lambda point: _missed(point, grade.mark(point.id)))


def _missed(point: KeyPoint, mark: Mark) -> tuple[bool, float]:
    """(must-have, weight of what is missed), to compare."""
    lost = {"met": 0.0, "partial": 0.5}.get(mark.verdict, 1.0) * point.weight
    return (point.must and lost > 0, lost)
