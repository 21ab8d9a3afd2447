"""Plots of a report, as SVG in the page itself: intervals against a margin, and how long answers took."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final

from offramp.types import value

_WIDTH: Final = 720
_LEFT: Final = 190
_ROW: Final = 26
_LABEL: Final = 48
"""What the label of an axis takes."""


@value
class Interval:
    """One line of a plot of intervals."""

    label: str
    point: float
    lower: float
    upper: float
    margin: float
    """Where the new one would be too much worse: below zero."""
    standing: str


def intervals(lines: Sequence[Interval]) -> str:
    """Each interval as a bar, with zero and the margin. Empty: there is none."""
    if not lines:
        return ""
    low = min(-0.02, *(min(each.lower, each.margin) for each in lines))
    high = max(0.02, *(each.upper for each in lines))
    pad = (high - low) * 0.06
    low, high = low - pad, high + pad

    def x(at: float) -> float:
        return _LEFT + (at - low) / (high - low) * (_WIDTH - _LEFT - 10)

    height = _ROW * (len(lines) + 1) + 10
    parts = [f'<line class="zero" x1="{x(0):.1f}" y1="4" x2="{x(0):.1f}" y2="{height - _ROW}"/>']
    for number, each in enumerate(lines):
        parts += _interval(each, _ROW * number + 18, x)
    ends = [at for at in (low + pad, high - pad) if abs(x(at) - x(0)) > _LABEL]
    parts += [
        f'<text x="{x(at):.1f}" y="{height - 8}" text-anchor="middle">{f"{at:+.1%}" if at else "0"}</text>'
        for at in (*ends, 0.0)
    ]
    return _svg(height, "New minus old, with its interval", parts)


def _interval(each: Interval, y: int, x: Callable[[float], float]) -> list[str]:
    told = f"{each.point:+.3f}, from {each.lower:+.3f} to {each.upper:+.3f}"
    place = f'x1="{x(each.lower):.1f}" y1="{y}" x2="{x(each.upper):.1f}" y2="{y}"'
    return [
        f'<text x="0" y="{y + 4}">{escape(each.label)}</text>',
        f'<line class="margin" x1="{x(each.margin):.1f}" y1="{y - 9}" x2="{x(each.margin):.1f}" y2="{y + 9}"/>',
        f'<g class="{escape(each.standing)}"><title>{escape(told)}</title>',
        f'<line class="interval" {place}/><circle class="point" cx="{x(each.point):.1f}" cy="{y}" r="5"/></g>',
    ]


def curves(series: Mapping[str, Sequence[float]]) -> str:
    """For each name the share of its times that had passed, on a logarithmic axis. Empty: there are no times."""
    from math import floor, log10

    known = {name: sorted(max(each, 0.0005) for each in times) for name, times in series.items() if times}
    if not known:
        return ""
    first = floor(log10(min(times[0] for times in known.values())))
    last = max(first + 1, -floor(-log10(max(times[-1] for times in known.values()))))
    height = 220

    def x(at: float) -> float:
        return 50 + (log10(at) - first) / (last - first) * (_WIDTH - 150)

    def y(share: float) -> float:
        return height - 30 - share * (height - 45)

    parts = [f'<text x="0" y="{y(share) + 4:.1f}">{share:.0%}</text>' for share in (0.0, 0.5, 1.0)]
    for power in range(first, last + 1):
        at = x(10.0**power)
        parts.append(f'<line class="axis" x1="{at:.1f}" y1="{y(1):.1f}" x2="{at:.1f}" y2="{y(0):.1f}"/>')
        parts.append(f'<text x="{at:.1f}" y="{height - 8}" text-anchor="middle">{10.0**power:g} s</text>')
    for number, (name, times) in enumerate(known.items()):
        kind = ("first", "second")[number % 2]
        points = " ".join(f"{x(at):.1f},{y((rank + 1) / len(times)):.1f}" for rank, at in enumerate(times))
        parts.append(f'<polyline class="{kind}" points="{points}"/>')
        down = 20 * number + 14
        parts.append(f'<line class="{kind}" x1="{_WIDTH - 95}" x2="{_WIDTH - 75}" y1="{down}" y2="{down}"/>')
        parts.append(f'<text x="{_WIDTH - 70}" y="{20 * number + 18}">{escape(name)}</text>')
    return _svg(height, "Share of answers by time", parts)


def _svg(height: int, label: str, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
