"""Grades as JUnit XML, for CI servers: a suite a topic, a case an answer, missing points in the failure's text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from mockint.batch import GradedRow, UngradedRow
from mockint.errors import Problem
from mockint.evaluation.bootstrap import grouped
from mockint.question import KeyPoint, Lang

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
UNUSABLE = "unusable rows"


def junit(
    graded: Sequence[GradedRow],
    ungraded: Sequence[UngradedRow],
    problems: Sequence[Problem],
    *,
    bar: float | None,
    lang: Lang,
) -> str:
    """A case fails below the bar; without a bar none does. A row that could not be used or graded is an error."""
    root = ET.Element("testsuites", name="mockint")
    times: Counter[str] = Counter(one.question.id for one in graded)
    for group in grouped(graded, lambda one: one.question.topic):
        suite = ET.SubElement(root, "testsuite", name=_xml(group[0].question.topic))
        for one in group:
            _case(suite, one, bar=bar, lang=lang, alone=times[one.question.id] == 1)
        _count(suite)
    if ungraded or problems:
        suite = ET.SubElement(root, "testsuite", name=UNUSABLE)
        told = [(f"{one.row.path}:{one.row.line}", one.why) for one in ungraded]
        for place, why in [*told, *((f"{p.path}:{p.line}", p.message) for p in problems)]:
            case = ET.SubElement(suite, "testcase", classname=UNUSABLE, name=_xml(place))
            ET.SubElement(case, "error", message=_xml(why)).text = _xml(f"{place}: {why}")
        _count(suite)
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, one: GradedRow, *, bar: float | None, lang: Lang, alone: bool) -> None:
    question, grade, row = one.question, one.grade, one.row
    name = question.id if alone else f"{question.id} [line {row.line}]"
    case = ET.SubElement(suite, "testcase", classname=_xml(question.topic), name=_xml(name), file=_xml(row.path))
    case.set("line", str(row.line))
    properties = ET.SubElement(case, "properties")
    found = [("score", f"{grade.score:.3f}"), ("grader", grade.grader)]
    for criterion in question.criteria:
        kind = "key_point" if isinstance(criterion, KeyPoint) else "misconception"
        found.append((f"{kind}.{criterion.id}", grade.mark(criterion.id).verdict))
    found += [(f"column.{name}", str(value)) for name, value in row.columns.items()]
    for key, value in found:
        ET.SubElement(properties, "property", name=_xml(key), value=_xml(value))
    if bar is not None and grade.score < bar:
        failure = ET.SubElement(case, "failure", message=_xml(f"score {grade.score:.2f} is below {bar:g}"))
        failure.text = _xml("\n".join(lacking(one, lang)))


def lacking(one: GradedRow, lang: Lang) -> list[str]:
    """A line for each key point that was not met and each misconception that was stated."""
    lines = []
    for criterion in one.question.criteria:
        verdict = one.grade.mark(criterion.id).verdict
        if verdict not in ("met", "absent"):
            lines.append(f"{verdict}: {criterion.text.in_(lang)} [{criterion.id}]")
    return lines


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))


def _xml(text: str) -> str:
    """XML 1.0 has no way to write most control characters, not even escaped."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
