"""C statements: how they print, and tiles that cover everything once."""

import pytest

from mini_infer.codegen.statements import Block, For, If, text
from mini_infer.codegen.tiling import Tiling


def test_what_is_inside_is_moved_to_the_right():
    inner = For("j", "stop", ["a;\n\nb;", Block(["c;"])], first="start", step=4, also="p += 2")
    written = text([For("i", 3, [inner]), If("x < y", ["d;"], [If("z", ["e;"])]), "f;"])
    assert written == (
        "for (long i = 0; i < 3; ++i) {\n"
        "  for (long j = start; j < stop; j += 4, p += 2) {\n"
        "    a;\n"
        "\n"
        "    b;\n"
        "    {\n"
        "      c;\n"
        "    }\n"
        "  }\n"
        "}\n"
        "if (x < y) {\n"
        "  d;\n"
        "} else {\n"
        "  if (z) {\n"
        "    e;\n"
        "  }\n"
        "}\n"
        "f;"
    )


@pytest.mark.parametrize(("count", "step"), [(12, 4), (13, 4), (3, 4), (4, 4), (7, 1)])
def test_tiles_cover_all_neighbors(count, step):
    def body(width):
        return [f"found += range(t, t + {width})"]

    tiling = Tiling(count, step)
    found = []
    for statement in tiling.each("t", body):
        match statement:
            case For(first=first, stop=stop, step=each, body=inner):
                firsts = range(first, stop, each)
            case Block(body=[declared, *inner]):
                firsts = [int(declared.rstrip(";").rpartition(" ")[2])]
        for t in firsts:
            exec("\n".join(inner), {"found": found, "t": t})  # noqa: S102 - the text is ours
    assert found == list(range(count))
    one = []
    for number in range(tiling.tiles):
        (statement,) = tiling.one("number", body)
        if isinstance(statement, If):
            branch = statement.then if eval(statement.condition, {"number": number}) else statement.otherwise  # noqa: S307 - ours
            (statement,) = branch
        exec(statement, {"found": one, "t": number * step})  # noqa: S102 - the text is ours
    assert one == list(range(count))
    assert text(tiling.one("number", body))
