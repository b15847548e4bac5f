"""The bank's Markdown: one parser, and what each reader needs made of it.

parser          CommonMark, tables and `$maths$`; pictures and clozes in it
renderer        what page and card write alike
html            a page: MathML, classed tokens, no script
card            the field of an Anki note: escaped for Anki and MathJax
terminal        rich; wrapped breaks its lines between Chinese characters, unicode_maths puts TeX on one line
rewrite         Markdown again, in which only what our parser obeys is obeyed
characters      control characters made visible
"""
