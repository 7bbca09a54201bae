"""C that transposes a square of floats, or of bytes, in registers."""


def transposition(lanes: int) -> str:
    """The C function ``mi_transpose(from, from_row, to, to_row)``: `lanes` rows of as many floats each.

    Squares within the square change places, of half its size, then of a quarter, and so on: each step is two shuffles
    of two rows.
    """
    names = ", ".join(f"r{row} = mi_load(from + {row} * from_row)" for row in range(lanes))
    lines = [f"    vf {names};", "    vf other;"]
    distance = lanes // 2
    while distance:
        upper, lower = exchanged(lanes, distance)
        for row in range(lanes):
            if row & distance:
                continue
            pair = f"r{row}, r{row + distance}"
            lines.append(f"    other = MI_SHUFFLE_TWO({pair}, {lower});")
            lines.append(f"    r{row} = MI_SHUFFLE_TWO({pair}, {upper});")
            lines.append(f"    r{row + distance} = other;")
        distance //= 2
    lines += [f"    mi_store(to + {row} * to_row, r{row});" for row in range(lanes)]
    return (
        "#if defined(__clang__) || __GNUC__ >= 12\n"
        "#define MI_SHUFFLE_TWO(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)\n"
        "#else\n"
        "#define MI_SHUFFLE_TWO(a, b, ...) __builtin_shuffle(a, b, (vi){__VA_ARGS__})\n"
        "#endif\n"
        "MI_INLINE void mi_transpose(const float *from, long from_row, float *to, long to_row) {\n"
        + "\n".join(lines)
        + "\n}\n"
    )


def transposition_of_bytes() -> str:
    """The C function ``mi_transpose_bytes(p, step, q, target)``: 16 rows of as many bytes each.

    Row k and row k + 8 become one after the other, a byte of each in turn: after four times they are the columns.
    """
    rows = 16
    names = [f"r{row}" for row in range(rows)]
    loads = ", ".join(f"{name} = *(const mi_row *)(p + {row} * step)" for row, name in enumerate(names))
    lines = [f"    const mi_row {loads};"]
    for turn in range(4):
        found = [f"{'abcd'[turn]}{row}" for row in range(rows)]
        woven = [
            f"{found[2 * row + half]} = MI_WEAVE_{half}({names[row]}, {names[row + rows // 2]})"
            for row in range(rows // 2)
            for half in (0, 1)
        ]
        lines.append(f"    const mi_row {', '.join(woven)};")
        names = found
    lines += [f"    *(mi_row *)(q + {row} * target) = {name};" for row, name in enumerate(names)]
    orders = [", ".join(f"{lane + 8 * half}, {lane + 8 * half + rows}" for lane in range(rows // 2)) for half in (0, 1)]
    return (
        "typedef uint8_t mi_row __attribute__((vector_size(16), aligned(1), may_alias));\n"
        "#if defined(__clang__) || __GNUC__ >= 12\n"
        + "".join(f"#define MI_WEAVE_{half}(a, b) __builtin_shufflevector(a, b, {orders[half]})\n" for half in (0, 1))
        + "#else\n"
        + "".join(
            f"#define MI_WEAVE_{half}(a, b) __builtin_shuffle(a, b, (mi_row){{{orders[half]}}})\n" for half in (0, 1)
        )
        + "#endif\n"
        "MI_INLINE void mi_transpose_bytes(const uint8_t *p, long step, uint8_t *q, long target) {\n"
        + "\n".join(lines)
        + "\n}\n"
    )


def exchanged(lanes: int, distance: int) -> tuple[str, str]:
    """Which lanes of two rows, one after the other, each of them gets where squares so wide change places."""
    upper = [lane if not lane & distance else lanes + lane - distance for lane in range(lanes)]
    lower = [lane + distance if not lane & distance else lanes + lane for lane in range(lanes)]
    return ", ".join(map(str, upper)), ", ".join(map(str, lower))
