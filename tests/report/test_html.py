import json
import re
from dataclasses import replace

import pytest
from streams import artifact_of, streamed_program

import mini_infer
from mini_infer import compiler
from mini_infer.compiler import Options
from mini_infer.demo import assets
from mini_infer.memory import Buffer, Pool, Problem, solve
from mini_infer.report.plan.html import page_data, plan_html


@pytest.fixture(scope="module")
def lowered():
    return compiler.lower(assets.MODEL, Options(rewrite=False)).program


@pytest.fixture(scope="module")
def plans(lowered):
    return {name: solve(lowered.problem, name) for name in ("auto", "coloring", "naive")}


def test_the_data_is_the_plans(lowered, plans):
    data = page_data("lenet5", plans, lowered)
    assert data["ids"] == [buffer.id for buffer in lowered.problem.buffers]
    assert [plan["name"] for plan in data["plans"]] == ["auto", "coloring", "naive"]
    assert data["plans"][0]["size"] == plans["auto"].size
    assert data["plans"][1]["offsets"] == plans["coloring"].offsets
    assert len(data["nodes"]) == len(lowered.steps)
    assert (data["first"], data["last"]) == (0, len(lowered.steps))
    for index, buffer in enumerate(lowered.problem.buffers):
        made, *read = data["uses"][index]
        assert made == buffer.start
        assert read[-1] == buffer.end - 1
    relu = data["ids"].index("/relu1/Relu_output_0")
    assert data["strings"][data["types"][relu]] == "float32[1x6x24x24]"
    assert [data["ids"][index] for index in data["aliases"]] == ["/pool2/MaxPool_output_0"]


def test_a_problem_without_a_program_and_with_gaps():
    problem = Problem((Buffer("a", 10, 5, 20, gaps=((7, 9),)), Buffer("b</script>", 4, 6, 8)))
    plan = solve(problem)
    data = page_data("<csv>", {"auto": plan})
    assert (data["first"], data["last"], data["nodes"]) == (5, 20, [])
    assert data["gaps"] == {0: ((5, 7), (9, 20))}
    page = plan_html("<csv>", {"auto": plan})
    assert "<title>&lt;csv&gt;</title>" in page
    assert page.count("</script>") == 2
    embedded = re.search(r'<script id="data" type="application/json">(.*?)</script>', page)
    assert json.loads(embedded[1])["ids"] == ["a", "b</script>"]


def test_regions_are_drawn_one_after_another():
    buffers = (Buffer("a", 60, 0, 2), Buffer("b", 50, 0, 2), Buffer("c", 40, 0, 2))
    plan = solve(Problem(buffers, pools=(Pool("sram", 100), Pool("dram", 1000))))
    (drawn,) = page_data("regions", {"auto": plan})["plans"]
    tops = [(offset, offset + buffer.size) for offset, buffer in zip(drawn["offsets"], buffers, strict=True)]
    assert max(top for _, top in tops) == plan.size == drawn["size"]
    assert sum(top - bottom for bottom, top in tops) == plan.size
    assert len({bottom for bottom, _ in tops}) == 3


def test_the_page_leads_nowhere(lowered, plans):
    page = plan_html("lenet5", plans, lowered)
    assert "http" not in page.replace("http-equiv", "")
    assert not re.search(r"\b(src|href|import|fetch|url)\b\s*[=(]", page)


@pytest.fixture(scope="module")
def stream():
    """All five calls of a model as one step."""
    return artifact_of(streamed_program())


def test_a_stream_is_a_plan_in_the_plan(stream):
    data = page_data("net", {"auto": stream.plan}, stream.program)
    assert data["facts"] == ["1 step", "1 in bands", "all native", "1 buffer"]
    assert list(data["kindTexts"])[data["kinds"][0]] == "rings"
    (inner,) = data["streams"].values()
    assert set(inner) == {*data, "rows"}
    assert list(inner["kindTexts"]) == list(data["kindTexts"])
    assert inner["ids"] == ["b_last", "d_last", "y_last"]
    assert inner["sizes"] == [1152, 192, 144]
    assert (inner["starts"], inner["ends"], inner["last"]) == ([0, 1, 3], [5, 4, 5], 5)
    assert inner["rows"] == [[6, 16, 2, 192, 3072], [2, 8, 0, 96, 768], [12, 48, 0, 12, 576]]
    assert inner["uses"] == {0: (0, 1), 1: (1, 2, 3), 2: (3, 4)}
    assert inner["nodes"][1:] == [
        "TiledContraction d_last",
        "Elementwise d_last",
        "TiledContraction y_last",
        "Copy y",
    ]
    assert inner["sizesShown"] == {"whole": 3840, "unplanned": 1488, "rings": 1488, "lower bound": 1488}
    (plan,) = inner["plans"]
    assert (plan["offsets"], plan["size"]) == ((0, 1152, 1344), 1488)
    assert {list(inner["kindTexts"])[kind] for kind in inner["kinds"]} == {"rings"}


def test_rings_that_are_whole_and_workspace_have_colors_of_their_own():
    whole = artifact_of(streamed_program(bands=1))
    (inner,) = page_data("net", {"auto": whole.plan}, whole.program)["streams"].values()
    assert {list(inner["kindTexts"])[kind] for kind in inner["kinds"]} == {"tensor"}
    (step,) = whole.program.steps
    alone = replace(step, calls=(step.calls[0],), stream=replace(step.stream, rings=step.stream.rings[:1]))
    program = replace(whole.program, steps=(alone,))
    (inner,) = page_data("net", {"auto": whole.plan}, program)["streams"].values()
    assert list(inner["kindTexts"])[inner["kinds"][0]] == "workspace"


@pytest.fixture
def show(browser, tmp_path):
    """Open a page, and fail if it complains or asks for anything."""
    complaints, requests = [], []
    tab = browser.new_page(viewport={"width": 1200, "height": 800})
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))

    def open_page(page):
        path = tmp_path / "plan.html"
        path.write_text(page)
        tab.goto(path.as_uri())
        return tab

    yield open_page
    tab.close()
    assert complaints == []
    assert len(requests) == 1


def test_hovering_and_clicking(show, lowered, plans):
    tab = show(plan_html("lenet5", plans, lowered))
    assert "the peak" in tab.inner_text("#aside").lower()
    index = [buffer.id for buffer in lowered.problem.buffers].index("/pool1/MaxPool_output_0")
    frame = tab.locator("#canvas").bounding_box()
    x, y = tab.evaluate(f"middle({index})")
    tab.mouse.move(frame["x"] + x, frame["y"] + y)
    tip = tab.inner_text("#tip")
    for fact in (
        "/pool1/MaxPool_output_0",
        "float32[1x6x12x12]",
        "size 3,456 B",
        "offset ",
        "made in step 2: MaxPool",
        "read in step 3",
    ):
        assert fact in " ".join(tip.split())
    tab.mouse.click(frame["x"] + x, frame["y"] + y)
    assert re.match(r"Step [23]", tab.inner_text("#aside h2"))
    tab.click("#alive li:first-child")
    tab.click("#aside a")  # the step that makes it
    assert re.match(r"Step [0-3]", tab.inner_text("#aside h2"))
    tab.mouse.move(frame["x"] + frame["width"] - 3, frame["y"] + frame["height"] - 3)
    assert tab.locator("#tip").is_hidden()


def test_searching(show, lowered, plans):
    tab = show(plan_html("lenet5", plans, lowered))
    tab.keyboard.press("/")
    tab.keyboard.type("relu")
    assert tab.inner_text("#found") == "1 of 4"
    assert "/relu1/Relu_output_0" in tab.inner_text("#aside")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#found") == "2 of 4"
    assert "/relu2/Relu_output_0" in tab.inner_text("#aside")
    tab.fill("#search", "flatten")  # an alias finds its buffer
    assert "/pool2/MaxPool_output_0" in tab.inner_text("#aside")
    tab.fill("#search", "nowhere")
    assert tab.inner_text("#found") == "none"
    tab.keyboard.press("Escape")
    assert tab.inner_text("#found") == ""


def test_keys_and_pictures(show, lowered, plans):
    tab = show(plan_html("lenet5", plans, lowered))
    pictures = {tab.screenshot()}
    for button in tab.locator("#strategies button").all()[1:]:
        button.click()
        pictures.add(tab.screenshot())
    for key in ("s", "d", "+", "ArrowDown", "j"):
        tab.keyboard.press(key)
        tab.evaluate("new Promise(requestAnimationFrame)")
        pictures.add(tab.screenshot())
    assert len(pictures) == 8
    tab.keyboard.press("?")
    assert tab.locator("#help").is_visible()
    tab.keyboard.press("Escape")
    assert tab.locator("#help").is_hidden()
    before = tab.evaluate("[state.s0, state.s1, state.b0, state.b1]")
    tab.keyboard.press("0")
    assert tab.evaluate("[state.s0, state.s1]") == [0, len(lowered.steps)] != before[:2]


def test_opening_a_step_that_streams(show, stream):
    tab = show(plan_html("net", {"auto": stream.plan, "naive": solve(stream.program.problem, "naive")}, stream.program))
    frame = "new Promise(requestAnimationFrame)"
    assert "Open its rings: 5 calls in 4 bands, 20 runs; 1.49 kB instead of 3.84 kB" in tab.inner_text("#aside")
    assert tab.locator("#up").is_hidden()
    before = tab.screenshot()
    tab.click("#aside [data-open]")
    tab.evaluate(frame)
    assert tab.inner_text("h1") == "Step 0: y"
    table = tab.inner_text("#rings")
    assert table.split() == [
        *("rows", "apron", "bytes", "whole"),
        *("b_last", "6", "of", "16", "2", "1,152", "3,072"),
        *("d_last", "2", "of", "8", "192", "768"),
        *("y_last", "12", "of", "48", "144", "576"),
    ]
    assert tab.screenshot() != before
    assert tab.locator("#strategies").is_hidden()
    tab.click("#rings tbody tr:first-child")
    facts = " ".join(tab.inner_text("#aside").split())
    for fact in (
        "rows 6 of 16, 2 of them in the apron",
        "whole 3,072 B",
        "alive calls 0 to 4",
        "made in call 0: Tiled",
    ):
        assert fact in facts
    tab.keyboard.press("p")
    assert "Call 3" in tab.inner_text("#aside h2")
    assert "3 rings alive" in tab.inner_text("#aside")
    tab.click("#aside [data-rings]")
    assert tab.inner_text("#rings") == table
    tab.keyboard.press("o")  # there is nothing to open in a stream
    tab.fill("#search", "d_last")
    assert tab.inner_text("#found") == "1 of 1"
    tab.click("#up")
    tab.evaluate(frame)
    assert tab.inner_text("h1") == "net"
    assert "Open its rings" in tab.inner_text("#aside")
    for key, heading in (("o", "Step 0: y"), ("u", "net"), ("u", "net")):
        tab.keyboard.press(key)
        assert tab.inner_text("h1") == heading
    x, y = tab.evaluate("middle(0)")
    tab.dblclick("#marks", position={"x": x, "y": y})
    assert tab.inner_text("h1") == "Step 0: y"
    for width in (320, 640, 2000):
        tab.set_viewport_size({"width": width, "height": 700})
        tab.evaluate(frame)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_peak_says_what_would_lower_it(show):
    buffers = (Buffer("a", 100, 0, 3), Buffer("b", 30, 1, 2), Buffer("c", 60, 3, 4))
    tab = show(plan_html("small", {"auto": solve(Problem(buffers))}))
    said = tab.inner_text("#aside")
    assert "Step 1" in said
    assert "130 B" in said
    assert "the next highest is step 0 with 100 B" in said
    assert re.findall(r"falls by (\d+) B", said) == ["70", "30"]  # without a: c's 60 remain; without b: a's 100


@pytest.mark.parametrize(
    "buffers", [(), (Buffer("only", 10, 3, 4),), (Buffer("nothing", 0, 0, 2), Buffer("something", 5, 1, 2))]
)
def test_small_and_empty_problems(show, buffers):
    problem = Problem(buffers)
    tab = show(plan_html("small", {name: solve(problem, name) for name in ("auto", "naive")}))
    for key in ("s", "f", "j", "k", "p", "+", "-", "0", "d", "ArrowDown", "Escape"):
        tab.keyboard.press(key)
        tab.evaluate("new Promise(requestAnimationFrame)")
    tab.fill("#search", "thing")
    assert tab.inner_text("#found") == ("1 of 2" if len(buffers) == 2 else "none")


def test_every_scale_theme_width_and_paper(show, lowered, plans):
    tab = show(plan_html("lenet5", plans, lowered))
    for button in tab.locator("#strategies button").all()[1:]:
        button.click()
    same = tab.evaluate("panels.map(box => box.high)")
    tab.click("#scale")
    tab.evaluate("new Promise(requestAnimationFrame)")
    own = tab.evaluate("panels.map(box => box.high)")
    assert len(set(same)) == 1 < len(set(own))
    tab.click("#theme")
    assert tab.pdf().startswith(b"%PDF")
    assert tab.evaluate("document.documentElement.className") == "dark"
    for width in (320, 640, 2000):
        tab.set_viewport_size({"width": width, "height": 700})
        tab.evaluate("new Promise(requestAnimationFrame)")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_a_hundred_thousand_buffers_open_quickly(show):
    problem = Problem(
        tuple(
            Buffer(f"block{i % 97}/layer{i}/output", 64 * (1 + i * 37 % 255), i // 2, i // 2 + 1 + i * 31 % 40)
            for i in range(100_000)
        )
    )
    page = plan_html("large", {"naive": solve(problem, "naive")})
    assert len(page) < 15e6
    tab = show(page)
    assert tab.evaluate("performance.timing.loadEventEnd - performance.timing.navigationStart") < 10_000
    assert (
        tab.evaluate("(() => { const before = performance.now(); draw(); return performance.now() - before; })()")
        < 5000
    )
    tab.fill("#search", "layer99999/")
    assert tab.inner_text("#found") == "1 of 1"


def test_notebooks_show_the_page_in_a_frame():
    engine = mini_infer.compile(assets.MODEL, compiler="none")
    for shown in (engine, engine.plan):
        frame = shown._repr_html_()
        assert frame.startswith('<iframe srcdoc="&lt;!doctype html&gt;')
        assert frame.count("<") == 2  # all of the page is text of an attribute
