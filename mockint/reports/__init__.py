"""What practice came to: one Report value, and what it looks like as Markdown, JSON, HTML and PDF.

shapes       the Report; its JSON Schema is `report.schema.json`
progress     all practice so far as one value, for a report and for the pages
build        History -> Report, of one session or of all practice
             latest, topics, totals, trend, calibration, comparison: its tables
sentences    what every rendering says of the values; the phrases lie in `mockint.phrases`
marking      an answer cut where marks start and end
markdown     Report -> Markdown
page         Report -> one HTML file; plots draws its inline SVG
pdf          the page, printed by an installed Chromium

A terminal's rendering lies with the terminal, in `mockint/terminal/report.py`.
"""

from mockint.reports.build import progress_report, session_report
from mockint.reports.progress import Progress, progress_of
from mockint.reports.shapes import Report, Trend

__all__ = ["Progress", "Report", "Trend", "progress_of", "progress_report", "session_report"]
