"""The timeline of a drill as SVG: one row a conversation, coloured by vendor, the cuts, and the order as a line."""

from collections.abc import Iterator
from html import escape
from typing import Final

from offramp.types import JsonObject, value

_LEFT: Final = 150.0
_WIDTH: Final = 1000.0
_TOP: Final = 40.0
_ROW: Final = 16.0
_BAR: Final = 10.0
_LABELS: Final = {
    "stream": "streamed",
    "tools": "with tools",
    "structured": "structured",
    "refuse": "refused",
    "filter": "filtered",
}


@value
class Scale:
    """From seconds to the page."""

    from_s: float
    to_s: float

    def x(self, moment: float) -> float:
        """Where a moment stands."""
        return _LEFT + (moment - self.from_s) / (self.to_s - self.from_s) * (_WIDTH - _LEFT - 10)


def timeline(report: JsonObject) -> str:
    """The SVG for a report."""
    conversations: list[JsonObject] = report["conversations"]
    scale = _scale(report)
    height = _TOP + len(conversations) * _ROW + 30
    parts = [
        f'<svg viewBox="0 0 {_WIDTH:.0f} {height:.0f}" role="img" xmlns="http://www.w3.org/2000/svg">',
        "<title>One row a conversation: which vendor answered when, and where the order cut a stream</title>",
        *_legend(report),
        *_grid(scale, height),
    ]
    for place, conversation in enumerate(conversations):
        parts += _row(conversation, report, scale, _TOP + place * _ROW)
    parts += [*_order(report["order"], scale, height), "</svg>"]
    return "\n".join(parts)


def _scale(report: JsonObject) -> Scale:
    starts = [one["started_s"] for one in report["conversations"] if one["started_s"] is not None]
    ends = [turn["ended_s"] for one in report["conversations"] for turn in one["turns"] if turn["ended_s"] is not None]
    begin = min(starts, default=0.0)
    return Scale(begin, max([*ends, begin + 1.0]))


def _legend(report: JsonObject) -> Iterator[str]:
    place = _LEFT
    for style, name in (("first", report["endpoints"]["first"]), ("second", report["endpoints"]["second"])):
        yield f'<rect class="{style}" x="{place:.0f}" y="4" width="14" height="{_BAR:.0f}" rx="2"/>'
        yield f'<text x="{place + 19:.0f}" y="13">answered by {escape(name)}</text>'
        place += 150
    yield f'<line class="cut" x1="{place + 6:.0f}" y1="2" x2="{place + 6:.0f}" y2="16"/>'
    yield f'<text x="{place + 15:.0f}" y="13">stream cut, resumed elsewhere</text>'


def _grid(scale: Scale, height: float) -> Iterator[str]:
    step = max(1, round((scale.to_s - scale.from_s) / 10))
    for second in range(int(scale.from_s) + 1, int(scale.to_s) + 1, step):
        x = scale.x(second)
        yield f'<line class="grid" x1="{x:.1f}" y1="{_TOP - 6:.0f}" x2="{x:.1f}" y2="{height - 24:.0f}"/>'
        yield f'<text class="soft" x="{x:.1f}" y="{height - 10:.0f}" text-anchor="middle">{second} s</text>'


def _row(conversation: JsonObject, report: JsonObject, scale: Scale, y: float) -> Iterator[str]:
    style = ' class="failed"' if conversation["failure"] else ' class="soft"'
    yield f'<text{style} x="0" y="{y + _BAR:.1f}">{escape(conversation["id"])}</text>'
    for turn in conversation["turns"]:
        yield from _turn(turn, report, scale, y)


def _turn(turn: JsonObject, report: JsonObject, scale: Scale, y: float) -> Iterator[str]:
    start, cut, moved = turn["started_s"], turn["cut_s"], _moved_s(turn, report)
    end = scale.to_s if turn["ended_s"] is None else turn["ended_s"]
    style = next((name for name in ("first", "second") if report["endpoints"][name] == turn["endpoint"]), "nobody")
    about = f"turn {turn['number']}, {_LABELS[turn['kind']]}: {turn['outcome'] or 'no answer'}"
    if moved is None:
        yield _bar(start, end, style, about, scale, y)
        return
    yield _bar(start, moved, "first", f"{about}; cut off here", scale, y)
    yield _bar(moved, end, style, f"{about}; resumed", scale, y)
    if cut is not None:
        x = scale.x(cut)
        yield f'<line class="cut" x1="{x:.1f}" y1="{y - 1:.1f}" x2="{x:.1f}" y2="{y + _BAR + 1:.1f}"/>'


def _moved_s(turn: JsonObject, report: JsonObject) -> float | None:
    """When the turn went on elsewhere: where its stream was cut; without a stream, at the order it was under way at."""
    cut: float | None = turn["cut_s"]
    if cut is not None or report["order"] is None or turn["ended_s"] is None:
        return cut
    ordered: float = report["order"]["committed_s"]
    under_way = turn["started_s"] < ordered < turn["ended_s"]
    return ordered if under_way and turn["endpoint"] == report["endpoints"]["second"] else None


def _bar(start: float, end: float, style: str, about: str, scale: Scale, y: float) -> str:
    width = max(1.0, scale.x(end) - scale.x(start) - 1)
    return (
        f'<rect class="{style}" x="{scale.x(start):.1f}" y="{y:.1f}" width="{width:.1f}" height="{_BAR:.0f}" rx="2">'
        f"<title>{escape(about)}</title></rect>"
    )


def _order(order: JsonObject | None, scale: Scale, height: float) -> Iterator[str]:
    if order is None:
        return
    x = scale.x(order["committed_s"])
    yield f'<line class="order" x1="{x:.1f}" y1="{_TOP - 10:.0f}" x2="{x:.1f}" y2="{height - 24:.0f}"/>'
    label = f"{order['selector']} prohibited"
    yield f'<text class="ordered" x="{x + 5:.1f}" y="{_TOP - 8:.0f}">{escape(label)}</text>'
