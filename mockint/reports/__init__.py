"""What practice came to: one Report value, and what it looks like as Markdown, JSON, HTML and PDF.

shapes       the Report; its JSON Schema is `report.schema.json`
build        History -> Report, of one session or of all practice; calibration and trend are its sums
words        what every rendering says, in English and Chinese
marking      an answer cut where marks start and end
markdown     Report -> Markdown
page         Report -> one HTML file; plots draws its inline SVG
pdf          the page, printed by an installed Chromium

A terminal's rendering lies with the terminal, in `mockint/terminal/report.py`.
"""

from mockint.reports.build import progress_report, session_report
from mockint.reports.shapes import Report

__all__ = ["Report", "progress_report", "session_report"]
