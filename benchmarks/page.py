"""How fast the page of a plan opens in a headless Chromium, and how large it is.

    python benchmarks/page.py examples/lenet5/lenet5.onnx [MODEL.onnx ...]

Each model's page has its plan and its rivals, as `mini-infer plan --html` writes it; the last line is a synthetic
problem of 100,000 buffers. `opens`: until the browser's load event, with everything drawn; `draws`: once
more; in milliseconds. Needs playwright and a Chromium on the path.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from mini_infer import compiler
from mini_infer.memory import Buffer, Problem, solve
from mini_infer.report.plan.html import plan_html

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
STRATEGIES = ("auto", "coloring", "naive")


def synthetic(count: int) -> Problem:
    """Buffers of many sizes that live for up to 40 steps, two of them born in each step."""
    return Problem(
        tuple(
            Buffer(f"block{i % 97}/layer{i}/output", 64 * (1 + i * 37 % 255), i // 2, i // 2 + 1 + i * 31 % 40)
            for i in range(count)
        )
    )


def measure(browser: Browser, name: str, page: str) -> None:
    """Open the page in a fresh tab; one line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.html"
        path.write_text(page, encoding="utf-8")
        tab = browser.new_page(viewport={"width": 1280, "height": 800})
        tab.goto(path.as_uri())
        opens = tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        draws = tab.evaluate("(() => { const from = performance.now(); draw(); return performance.now() - from; })()")
        tab.close()
    print(f"{name:<28} {len(page) / 1e6:8.2f} MB  opens {opens:7.0f} ms  draws {draws:7.0f} ms")


def main() -> None:
    """Measure every model named on the command line, and the synthetic problem."""
    program = next(path for name in BROWSERS if (path := shutil.which(name)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for model in map(Path, sys.argv[1:]):
            lowered = compiler.lower(model, compiler.Options()).program
            plans = {name: solve(lowered.problem, name) for name in STRATEGIES}
            measure(browser, model.name, plan_html(model.name, plans, lowered))
        problem = synthetic(100_000)
        measure(browser, "100,000 buffers", plan_html("large", {name: solve(problem, name) for name in STRATEGIES}))
        browser.close()


if __name__ == "__main__":
    main()
