# SPDX-License-Identifier: MIT
"""The parts of an HTML page that needs nothing else: tables, and charts as SVG.

Colours are those of Okabe and Ito, which the colour-blind tell apart; each is also named beside the chart, and each
chart has its numbers in a table that can be opened. Light and dark follow the reader's system. No script, no request.
"""
from html import escape

COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a800", "#777777", "#004d40", "#8d6e63"]
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 900, 240, 70, 24, 8
# The browser may fetch nothing for the page, whatever the text of a log is (Content Security Policy, level 3).
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1b1b1b; --soft: #5c5c5c; --line: #d0d0d0; --card: #f6f6f4; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --back: #151515; --text: #e8e8e8; --soft: #a8a8a8; --line: #3c3c3c; --card: #1f1f1f; --bad: #ff8a80; } }
body { background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 960px; padding: 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .3rem; } p { margin: .3rem 0; } a { color: inherit; }
nav a { margin-right: .8rem; } .soft, figcaption { color: var(--soft); } .bad { color: var(--bad); font-weight: 600; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .4rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .15rem .7rem .15rem 0; text-align: left; } td.n, th.n { text-align: right; }
figure { background: var(--card); border: 1px solid var(--line); margin: .4rem 0; padding: .6rem; overflow-x: auto; }
svg { display: block; max-width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--line); stroke-width: 1; } .key { margin-right: 1rem; white-space: nowrap; }
.key i { border-radius: 2px; display: inline-block; height: .8em; margin-right: .3em; width: .8em; }
details { margin: .2rem 0; } summary { color: var(--soft); cursor: pointer; }
"""


def number(value):
    """A number for people: thousands apart."""
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


def table(head, rows, limit=0):
    """A table; columns of numbers are on the right. limit: more rows are counted only."""
    rows = [list(row) for row in rows]
    more = len(rows) - limit if limit and len(rows) > limit else 0
    rows = rows[:limit] if more else rows
    right = [bool(rows) and all(isinstance(row[i], (int, float)) for row in rows) for i in range(len(head))]
    out = ["<table><tr>" + "".join(f'<th{" class=n" if n else ""}>{escape(text)}</th>' for text, n in zip(head, right)) + "</tr>"]
    for row in rows:
        cells = (f'<td{" class=n" if n else ""}>{number(cell) if isinstance(cell, (int, float)) else escape(str(cell))}</td>'
                 for cell, n in zip(row, right))
        out.append("<tr>" + "".join(cells) + "</tr>")
    out.append("</table>")
    if more:
        out.append(f'<p class="soft">and {more} more</p>')
    return "".join(out)


def keys(names):
    """The legend."""
    return "<p>" + "".join(f'<span class="key"><i style="background:{COLOURS[i % len(COLOURS)]}"></i>{escape(name)}</span>'
                           for i, name in enumerate(names)) + "</p>"


def _frame(times, top, unit, body):
    """The axes around a chart's body."""
    out = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">']
    for part in range(5):
        y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - part / 4)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
                   f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{number(round(top * part / 4, 2))}</text>')
    for part in range(6):
        x = LEFT + (WIDTH - LEFT) * part / 5
        anchor = "end" if part == 5 else "start" if part == 0 else "middle"
        out.append(f'<text x="{x:.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">'
                   f'{number(round(times[0] + (times[-1] - times[0]) * part / 5, 1))} {unit}</text>')
    return "".join(out) + body + "</svg>"


def _x(times, time):
    span = times[-1] - times[0] or 1
    return LEFT + (WIDTH - LEFT) * (time - times[0]) / span


def _y(top, value):
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _numbers(times, unit, names, series):
    """The numbers of a chart, at most 40 moments."""
    step = max(1, len(times) // 40)
    rows = [[round(times[i], 3)] + [values[i] for values in series] for i in range(0, len(times), step)]
    return f"<details><summary>the numbers</summary>{table([unit] + list(names), rows)}</details>"


def stacked(times, unit, names, series, caption):
    """Areas on top of each other: series[i][k] at times[k]."""
    sums = [0.0] * len(times)
    top = max((sum(values[k] for values in series) for k in range(len(times))), default=0) or 1
    body = []
    for i, values in enumerate(series):
        low = list(sums)
        sums = [a + b for a, b in zip(sums, values)]
        there = [f"{_x(times, t):.1f},{_y(top, s):.1f}" for t, s in zip(times, sums)]
        back = [f"{_x(times, t):.1f},{_y(top, s):.1f}" for t, s in zip(reversed(times), reversed(low))]
        body.append(f'<polygon fill="{COLOURS[i % len(COLOURS)]}" points="{" ".join(there + back)}"><title>{escape(names[i])}</title></polygon>')
    return (f"<figure>{_frame(times, top, unit, ''.join(body))}{keys(names)}<figcaption>{escape(caption)}</figcaption></figure>"
            + _numbers(times, unit, names, series))


def lines(times, unit, names, series, caption, top=None):
    """One line each."""
    top = top or max((max(values) for values in series if values), default=0) or 1
    dashes = ["", ' stroke-dasharray="7 4"', ' stroke-dasharray="2 3"', ' stroke-dasharray="9 3 2 3"']
    body = []
    for i, values in enumerate(series):
        points = " ".join(f"{_x(times, t):.1f},{_y(top, v):.1f}" for t, v in zip(times, values))
        body.append(f'<polyline fill="none" stroke="{COLOURS[i % len(COLOURS)]}" stroke-width="2"{dashes[i % 4]} points="{points}">'
                    f"<title>{escape(names[i])}</title></polyline>")
    return (f"<figure>{_frame(times, top, unit, ''.join(body))}{keys(names)}<figcaption>{escape(caption)}</figcaption></figure>"
            + _numbers(times, unit, names, series))


def heat(times, unit, names, series, caption):
    """A row for each series, the last one at the top; the darker, the more. Rows have numbers at their ends."""
    height = (HEIGHT - TOP - BOTTOM) / len(series)
    out = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">']
    for i, values in enumerate(series):
        most = max(values) or 1
        y = TOP + (len(series) - 1 - i) * height
        out.append(f'<text x="{LEFT - 6}" y="{y + height / 2 + 4:.1f}" text-anchor="end">{escape(names[i])}</text>')
        start = 0
        for k in range(1, len(times) + 1):
            if k < len(times) and values[k] == values[start]:
                continue
            left, right = _x(times, times[start]), _x(times, times[min(k, len(times) - 1)])
            out.append(f'<rect x="{left:.1f}" y="{y:.1f}" width="{max(right - left, .5):.1f}" height="{height - 1:.1f}" fill="{COLOURS[0]}" '
                       f'fill-opacity="{values[start] / most:.2f}"><title>{escape(names[i])}: {values[start]}</title></rect>')
            start = k
    for part in range(6):
        anchor = "end" if part == 5 else "start" if part == 0 else "middle"
        out.append(f'<text x="{LEFT + (WIDTH - LEFT) * part / 5:.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">'
                   f'{number(round(times[0] + (times[-1] - times[0]) * part / 5, 1))} {unit}</text>')
    return ("<figure>" + "".join(out) + f"</svg><figcaption>{escape(caption)}</figcaption></figure>"
            + _numbers(times, unit, names, series))


def page(title, sections):
    """The whole page. sections: [(heading, html)]."""
    links = "".join(f'<a href="#s{i}">{escape(heading)}</a> ' for i, (heading, _) in enumerate(sections))
    body = "".join(f'<h2 id="s{i}">{escape(heading)}</h2>{html}' for i, (heading, html) in enumerate(sections))
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            f'<meta name="viewport" content="width=device-width">'
            f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><h1>{escape(title)}</h1><nav>{links}</nav>{body}</body></html>\n")
