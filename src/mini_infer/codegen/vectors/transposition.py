"""C that transposes a square of floats in registers."""


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


def exchanged(lanes: int, distance: int) -> tuple[str, str]:
    """Which lanes of two rows, one after the other, each of them gets where squares so wide change places."""
    upper = [lane if not lane & distance else lanes + lane - distance for lane in range(lanes)]
    lower = [lane + distance if not lane & distance else lanes + lane for lane in range(lanes)]
    return ", ".join(map(str, upper)), ", ".join(map(str, lower))
