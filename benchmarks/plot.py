"""One plot of a run, as SVG: a panel for each scenario that all servers took part in."""

from html import escape
from typing import Any

from benchmarks.contestants import BARE, OURS

PANEL_WIDTH, ROW, TITLE, LABEL, GAP = 420, 20, 46, 200, 24
COLUMNS = 2
FEWEST_SERVERS = 8
OURS_COLOUR, MODES_COLOUR, PEERS_COLOUR = "#1f6f54", "#7db8a2", "#b9bec5"


def plot(run: dict[str, Any]) -> str:
    """The plot, without the upper bound, which would flatten all others."""
    panels = [_panel(entry) for entry in run["scenarios"] if len(entry["servers"]) >= FEWEST_SERVERS]
    heights = [max(height for _, height in panels[at : at + COLUMNS]) for at in range(0, len(panels), COLUMNS)]
    parts = []
    for at, (body, _) in enumerate(panels):
        left = GAP + at % COLUMNS * (PANEL_WIDTH + GAP)
        top = GAP + sum(heights[: at // COLUMNS]) + at // COLUMNS * GAP
        parts.append(f'<g transform="translate({left},{top})">{body}</g>')
    width = GAP + COLUMNS * (PANEL_WIDTH + GAP)
    height = sum(heights) + (len(heights) + 1) * GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#22262b">'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def _panel(entry: dict[str, Any]) -> tuple[str, int]:
    is_alone = entry["connections"] == 1
    key, unit = ("p50_ms", "median ms, less is better") if is_alone else ("requests_per_s", "requests/s")
    servers = [each for each in entry["servers"] if each["name"] != BARE and each[key]]
    servers.sort(key=lambda each: each[key], reverse=not is_alone)
    most = max((each[key] for each in servers), default=1.0)
    rows = "".join(_bar(each, at, key, most) for at, each in enumerate(servers))
    title = f'<text y="14" font-weight="600">{escape(entry["title"])}</text>'
    subtitle = (
        f'<text y="31" fill="#5c636b">{unit}; {entry["connections"]} connections, '
        f"backends at {entry['backend_latency_ms']:g} ms</text>"
    )
    return title + subtitle + rows, TITLE + len(servers) * ROW


def _bar(server: dict[str, Any], at: int, key: str, most: float) -> str:
    name = server["name"]
    colour = OURS_COLOUR if name == OURS else MODES_COLOUR if name.startswith(OURS) else PEERS_COLOUR
    width = max(1.0, (PANEL_WIDTH - LABEL - 60) * server[key] / most)
    top = TITLE + at * ROW
    number = f"{server[key]:,.0f}" if server[key] >= 100 else f"{server[key]:.1f}"
    return (
        f'<text x="{LABEL - 8}" y="{top + 12}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{LABEL}" y="{top}" width="{width:.1f}" height="{ROW - 5}" fill="{colour}"/>'
        f'<text x="{LABEL + width + 5:.1f}" y="{top + 12}">{number}</text>'
    )
