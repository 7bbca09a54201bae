"""Two plans side by side: what grew, what moved, what came and went. Plans are taken as `plan_record` writes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from mini_infer.report.sizes import exact_bytes
from mini_infer.report.table import format_table
from mini_infer.verify.bisect import CHANNELS_LAST

DIFFERENCE_SCHEMA = "mini-infer/difference/1"

SIZES = ("exported_bytes", "unplanned_bytes", "arena_bytes", "lower_bound_bytes")

Json = Mapping[str, Any]


def check_plan(record: Json) -> Json:
    """The same record, if it has what is compared here.

    Raises
    ------
    KeyError, TypeError, ValueError
        When something is missing, of another type, or a buffer comes twice.
    """
    for names, kind, owners in (
        (("model", "strategy"), str, [record]),
        (SIZES, int, [record]),
        (("id",), str, record["buffers"]),
        (("size", "start", "end", "offset"), int, record["buffers"]),
    ):
        for owner in owners:
            wrong = [name for name in names if type(owner[name]) is not kind]
            if wrong:
                raise TypeError(f"{wrong[0]} is {owner[wrong[0]]!r}")
    if not isinstance(record["peak"]["node"], str | None):
        raise TypeError("the peak's node has no name")
    if len({buffer["id"] for buffer in record["buffers"]}) < len(record["buffers"]):
        raise ValueError("a buffer comes twice")
    return record


def difference_record(before: Json, after: Json) -> dict[str, Any]:
    """What differs between two plans. Pairs are (before, after).

    Buffers are the same when they have the same id; what has no partner so is the same as one whose id differs by its
    layout only, and is listed by its later id.
    """
    old, new = ({buffer["id"]: buffer for buffer in plan["buffers"]} for plan in (before, after))
    later = {_plain(name): name for name in new if name not in old}
    old = {name if name in new else later.get(_plain(name), name): buffer for name, buffer in old.items()}
    both = [name for name in old if name in new]

    def changed(*keys: str) -> list[dict[str, Any]]:
        pairs = [(name, *([buffers[name][key] for key in keys] for buffers in (old, new))) for name in both]
        return [
            {"id": name, "before": one if keys[1:] else one[0], "after": other if keys[1:] else other[0]}
            for name, one, other in pairs
            if one != other
        ]

    return {
        "schema": DIFFERENCE_SCHEMA,
        "models": [before["model"], after["model"]],
        "strategies": [before["strategy"], after["strategy"]],
        **{key: [before[key], after[key]] for key in SIZES},
        "peak_nodes": [before["peak"]["node"], after["peak"]["node"]],
        "appeared": [{"id": name, "size": buffer["size"]} for name, buffer in new.items() if name not in old],
        "gone": [{"id": name, "size": buffer["size"]} for name, buffer in old.items() if name not in new],
        "resized": changed("size"),
        "moved": changed("offset"),
        "retimed": changed("start", "end"),
    }


def difference_text(difference: Json, *, width: int, rows: int) -> str:
    """A `difference_record` for a terminal; of each list the largest `rows` entries."""
    table = [("memory", *difference["models"], "change", "")]
    for key in SIZES:
        one, other = difference[key]
        share = f"{100 * (other / one - 1):+.1f} %" if one else ""
        name = key.removesuffix("_bytes").replace("_", " ")
        table.append((name, exact_bytes(one), exact_bytes(other), f"{other - one:+,}", share))
    table.append(("strategy", *difference["strategies"], "", ""))
    table.append(("peak in", *(node or "" for node in difference["peak_nodes"]), "", ""))
    lines = format_table(table, "<>>>>", indent="")
    for key, title in (("appeared", "buffers only in the second"), ("gone", "buffers only in the first")):
        sizes = [(exact_bytes(entry["size"]), entry["id"]) for entry in _largest(difference[key], _size)]
        lines += _section(title, difference[key], sizes, "><", width, rows)
    for key, title in (
        ("resized", "grew or shrank"),
        ("moved", "moved to another offset"),
        ("retimed", "live in other steps"),
    ):
        entries = _largest(difference[key], _change) if key == "resized" else difference[key]
        pairs = [(_said(entry["before"]), "->", _said(entry["after"]), entry["id"]) for entry in entries]
        lines += _section(title, difference[key], pairs, "><><", width, rows)
    if not any(difference[key] for key in ("appeared", "gone", "resized", "moved", "retimed")):
        lines += ["", "every buffer is the same, in the same place"]
    return "\n".join(lines) + "\n"


def _plain(name: str) -> str:
    """A buffer's id without what the passes add where they move its channels to the end."""
    return name.removesuffix(CHANNELS_LAST)


def _section(
    title: str, entries: Sequence[Json], rows: Sequence[Sequence[str]], columns: str, width: int, most: int
) -> list[str]:
    if not entries:
        return []
    more = [f"  and {len(rows) - most} more; --all shows them"] if len(rows) > most else []
    return ["", f"{title}: {len(entries)}", *format_table(rows[:most], columns, width=width), *more]


def _largest(entries: Sequence[Json], key: Any) -> list[Json]:
    return sorted(entries, key=key, reverse=True)


def _size(entry: Json) -> int:
    return int(entry["size"])


def _change(entry: Json) -> int:
    return abs(int(entry["after"]) - int(entry["before"]))


def _said(value: int | Sequence[int]) -> str:
    return exact_bytes(value) if isinstance(value, int) else f"{value[0]}-{value[1] - 1}"
