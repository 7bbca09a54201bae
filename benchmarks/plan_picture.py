"""Draw a plan: time from left to right, the arena from bottom to top, a rectangle per buffer.

python benchmarks/plan_picture.py --made cut-coarse:48 --seed 3 --strategies greedy-by-size exact -o plans.svg
python benchmarks/plan_picture.py problem.csv --strategies auto -o plan.svg
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from placement_instances import KINDS

from mini_infer.memory import STRATEGIES, Plan, Problem, find_plan, read_csv

WIDTH, HEIGHT, MARGIN, TITLE = 420, 300, 12, 26
HUES = 47  # degrees between neighbors in the list, so that they differ


def draw(plans: Sequence[tuple[str, Plan]]) -> str:
    """Draw plans of one problem side by side, to one scale, with a line at the lower bound."""
    buffers = plans[0][1].problem.buffers
    first, last = min(b.start for b in buffers), max(b.end for b in buffers)
    highest = max(plan.size for _, plan in plans)
    total = len(plans) * (WIDTH + MARGIN) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{HEIGHT + TITLE + MARGIN}">',
        "<style>text { font: 13px sans-serif }</style>",
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, (name, plan) in enumerate(plans):
        left = MARGIN + number * (WIDTH + MARGIN)
        across, up = WIDTH / (last - first), HEIGHT / highest
        ratio = plan.size / plan.lower_bound
        parts.append(f'<text x="{left}" y="18">{name}: {plan.size:,} bytes, {ratio:.3f} of the lower bound</text>')
        for index, (buffer, offset) in enumerate(zip(buffers, plan.offsets, strict=True)):
            x, y = left + (buffer.start - first) * across, TITLE + HEIGHT - (offset + buffer.size) * up
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{(buffer.end - buffer.start) * across:.1f}" '
                f'height="{buffer.size * up:.1f}" fill="hsl({index * HUES % 360},55%,72%)" stroke="#444" '
                f'stroke-width="0.5"><title>{buffer.id}</title></rect>'
            )
        line = TITLE + HEIGHT - plan.lower_bound * up
        parts.append(f'<path d="M{left} {line:.1f}h{WIDTH}" stroke="#c00" stroke-width="1.5" stroke-dasharray="6 4"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    """Solve and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problem", type=Path, nargs="?")
    parser.add_argument("--made", metavar="KIND:COUNT", help=f"kinds: {', '.join(KINDS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--strategies", nargs="+", choices=tuple(STRATEGIES), default=["auto"])
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    if args.problem:
        problem = read_csv(args.problem)
    else:
        kind, _, count = args.made.partition(":")
        problem = Problem(KINDS[kind](int(count), args.seed).buffers)
    args.output.write_text(draw([(name, find_plan(problem, name)) for name in args.strategies]))


if __name__ == "__main__":
    main()
