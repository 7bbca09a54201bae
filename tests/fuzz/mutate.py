"""One seed → something that nobody meant: bytes changed, or fields changed and all around them put right again."""

import json
import math
from collections.abc import Callable
from random import Random

import mutate_model
from corpus import Seed
from engine_file import dumps, places, put_together, taken_apart

NUMBERS = (0, 1, -1, 2, 3, 7, 64, 255, 2**31 - 1, 2**31, 2**40, 2**62, -(2**63), 1.5, -0.0, 1e300, math.nan, math.inf)
WORDS = ("", "a", "\ud800", "x" * 300, "\0", "../a", "0", "nan", "5" * 5000, "1-", "-1")


def mutated(seed: Seed, random: Random) -> tuple[bytes, str]:
    """Changed data, and what was done to it."""
    structured = {"model": _model, "engine": _engine}.get(seed.kind)
    if structured is None and seed.suffix in (".json", ".csv"):
        structured = _json if seed.suffix == ".json" else _csv
    if structured is None or random.random() < 0.15:
        return _bytes(seed.data, random)
    return structured(seed.data, random)


def _bytes(data: bytes, random: Random) -> tuple[bytes, str]:
    """Flip, drop, repeat or insert a few bytes, or cut the end off."""
    changed, done = bytearray(data), []
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        at = random.randrange(len(changed) + 1)
        count = random.choice((1, 1, 4, 16, 99))
        match random.randrange(6):
            case 0 if at < len(changed):
                changed[at] ^= 1 << random.randrange(8)
            case 1:
                changed[at : at + count] = random.randbytes(count)
            case 2:
                del changed[at : at + count]
            case 3:
                changed[at:at] = changed[at : at + count]
            case 4:
                changed[at : at + count] = random.choice((b"\0", b"\xff", b"\x80")) * count
            case _ if random.random() < 0.2:
                del changed[at:]
        done.append(f"byte {at}")
    return bytes(changed), ", ".join(done[:3])


def _model(data: bytes, random: Random) -> tuple[bytes, str]:
    return mutate_model.mutated(data, random)


def _engine(data: bytes, random: Random) -> tuple[bytes, str]:
    """Change the header, a program, a plan or raw sections, with the right checksums."""
    header, sections = taken_apart(data)
    done = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        name = random.choice(("header", "programs", "programs", "programs", "programs", "plans", "plans", "arrays"))
        if name == "header":
            header.pop("sections", None)  # written anew below
            done.append(f"header {_change(header, random)}")
        elif name == "arrays":
            sections[name], what = _bytes(sections[name], random)
            done.append(f"arrays {what}")
        else:
            fields = json.loads(sections[name])
            done.append(f"{name} {_change(fields, random)}")
            sections[name] = dumps(fields)
    header["sections"] = places(sections)
    if random.random() < 0.05:
        done.append(f"sections {_change(header['sections'], random)}")
    return put_together(header, sections), "; ".join(done)


def _json(data: bytes, random: Random) -> tuple[bytes, str]:
    fields = json.loads(data)
    done = [_change(fields, random) for _ in range(random.choice((1, 1, 2, 4)))]
    return dumps(fields), "; ".join(done)


def _change(root: object, random: Random) -> str:
    """Change one value somewhere below `root`, in place; every list or object is as likely as any other."""
    holders: list[tuple[str, dict | list]] = []

    def visit(value: object, path: str) -> None:
        if isinstance(value, dict | list) and value:
            holders.append((path, value))
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for key, child in pairs:
                visit(child, f"{path}/{key}")

    visit(root, "")
    if not holders:
        return "nothing"
    path, holder = random.choice(holders)
    key = random.choice(list(holder)) if isinstance(holder, dict) else random.randrange(len(holder))
    action = random.choice(("value", "value", "value", "value", "delete", "repeat", "swap"))
    if action == "value":
        old = holder[key]
        holder[key] = _another(old, random)
        return f"{path}/{key}: {json.dumps(old)[:40]} -> {json.dumps(holder[key])[:40]}"
    other = random.choice(list(holder)) if isinstance(holder, dict) else random.randrange(len(holder))
    if action == "swap":
        holder[key], holder[other] = holder[other], holder[key]
        return f"{path}: {key} and {other} swapped"
    if action == "repeat":
        if isinstance(holder, list):
            holder.insert(other, holder[key])
        else:
            holder[other] = holder[key]
        return f"{path}: {key} repeated at {other}"
    del holder[key]
    return f"{path}/{key} deleted"


def _another(value: object, random: Random) -> object:
    """A value like this one, or of another type."""
    if random.random() < 0.15:
        return random.choice((None, True, 0, 1.5, "a", [], {}, [0], [[]], -1))
    match value:
        case bool():
            return not value
        case int() | float():
            steps: tuple[Callable[[float], float], ...] = (
                lambda x: x + 1,
                lambda x: x - 1,
                lambda x: x * 2,
                lambda x: -x,
                lambda x: x + 64,
                lambda x: x + 4096,
            )
            return random.choice(steps)(value) if random.random() < 0.6 else random.choice(NUMBERS)
        case str():
            return random.choice((*WORDS, value + "x", value[1:]))
    return random.choice((None, 0, [], {}, "a"))


def _csv(data: bytes, random: Random) -> tuple[bytes, str]:
    """Change cells, rows or columns."""
    rows = [line.split(",") for line in data.decode().splitlines()]
    done = []
    for _ in range(random.choice((1, 1, 2, 4))):
        if not rows:
            break
        row = random.randrange(len(rows))
        column = random.randrange(len(rows[row]) + 1)
        match random.randrange(5):
            case 0:
                del rows[row]
            case 1:
                rows.insert(row, list(rows[random.randrange(len(rows))]))
            case 2:
                rows[row].insert(column, random.choice(WORDS))
            case _ if rows[row]:
                column = min(column, len(rows[row]) - 1)
                old = rows[row][column]
                number = int(old) if old.lstrip("-").isdecimal() and len(old) < 99 else 0
                rows[row][column] = str(_another(number, random)) if random.random() < 0.7 else random.choice(WORDS)
        done.append(f"row {row + 1}, column {column + 1}")
    return "\n".join(map(",".join, rows)).encode(errors="surrogatepass") + b"\n", "; ".join(done)
