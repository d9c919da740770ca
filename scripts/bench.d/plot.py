# SPDX-License-Identifier: MIT
"""Plots as SVG: panels of bars, and rows of dots on a logarithmic axis."""

import html
import math

INK, QUIET, RULE = "#222222", "#666666", "#dddddd"
OURS, FLOOR, PEER = "#1f6fb2", "#b5b5b5", "#d98c4a"
WIDTH, MARGIN = 760, 20


def element(name, **attributes):
    return "<%s %s/>" % (name, " ".join(
        '%s="%s"' % (key.replace("_", "-"), round(value, 1) if isinstance(value, float) else value)
        for key, value in attributes.items()))


def text(x, y, value, size=12, fill=INK, anchor="start", weight="normal"):
    tag = element("text", x=x, y=y, font_size=size, fill=fill, text_anchor=anchor,
                  font_weight=weight)
    return tag[:-2] + ">%s</text>" % html.escape(value)


def rectangle(x, y, width, height, fill):
    return element("rect", x=x, y=y, width=width, height=height, fill=fill)


def line(x1, y1, x2, y2, stroke=RULE, width=1):
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width)


def document(height, title, parts):
    head = element("svg", xmlns="http://www.w3.org/2000/svg", viewBox="0 0 %d %d" % (WIDTH, height),
                   width=WIDTH, height=height, font_family="Helvetica, Arial, sans-serif")
    return "\n".join([head[:-2] + ">", rectangle(0, 0, WIDTH, height, "#ffffff"),
                      text(MARGIN, 28, title, 15, weight="bold"), *parts, "</svg>", ""])


def color(name):
    return OURS if name.startswith("admwh") else FLOOR if name.startswith("floor") else PEER


def number(value):
    return "{:,.0f}".format(value) if value >= 100 else "%.1f" % value


def panel(x, y, width, title, rows, labels):
    """Horizontal bars, each panel on a scale of its own from zero."""
    left, most = x + 140, max(rows.values())
    parts = [text(x, y, title, 13, weight="bold")]
    for i, (name, value) in enumerate(rows.items()):
        top = y + 10 + 18 * i
        length = (width - 200) * value / most
        parts += [text(left - 6, top + 11, labels[name], 11, QUIET, "end"),
                  rectangle(left, top, length, 14, color(name)),
                  text(left + length + 4, top + 11, number(value), 11)]
    return parts


def bars(title, panels, labels):
    """panels: {title: {server: value}}; two in a row"""
    width = (WIDTH - 3 * MARGIN) // 2
    height = 40 + 18 * max(len(rows) for rows in panels.values())
    parts = []
    for i, (name, rows) in enumerate(panels.items()):
        x, y = MARGIN + i % 2 * (width + MARGIN), 58 + i // 2 * height
        parts += panel(x, y, width, name, rows, labels)
    return document(50 + (len(panels) + 1) // 2 * height, title, parts)


def ticks(least, most):
    """1, 2 and 5 of each power of ten, from the last below least to the first above most."""
    values = [step * 10 ** power for power in range(-3, 5) for step in (1, 2, 5)]
    first = max(value for value in values if value <= least)
    last = min(value for value in values if value >= most)
    return [value for value in values if first <= value <= last]


def dots(title, axis, rows, labels):
    """rows: {server: [value]}; the values of a row as dots on one line"""
    values = [value for row in rows.values() for value in row]
    marks = ticks(min(values), max(values))
    left, right, top, bottom = 170, WIDTH - 40, 46, 46 + 28 * len(rows)

    def place(value):
        return left + (right - left) * math.log(value / marks[0]) / math.log(marks[-1] / marks[0])

    parts = [text((left + right) / 2, bottom + 36, axis, 12, QUIET, "middle")]
    for mark in marks:
        parts += [line(place(mark), top, place(mark), bottom),
                  text(place(mark), bottom + 16, "%g" % mark, 11, QUIET, "middle")]
    for i, (name, row) in enumerate(rows.items()):
        y = top + 28 * i + 14
        places = [place(value) for value in row]
        parts += [text(left - 10, y + 4, labels[name], 12, INK, "end"),
                  line(min(places), y, max(places), y, color(name), 3)]
        parts += [element("circle", cx=x, cy=y, r=5, fill=color(name)) for x in places]
    return document(bottom + 50, title, parts)
