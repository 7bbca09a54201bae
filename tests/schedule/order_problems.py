"""Problems that several tests draw, and the answer by trying everything."""

from hypothesis import strategies as st

from mini_infer.schedule import OUTSIDE, OrderProblem


@st.composite
def problems(draw, most=8):
    nodes = draw(st.integers(1, most))
    sizes, producers, consumers, kept = [], [], [], []
    for _ in range(draw(st.integers(0, 2 * most))):
        producer = draw(st.integers(OUTSIDE, nodes - 1))
        later = st.integers(producer + 1, nodes - 1)
        readers = draw(st.sets(later, max_size=3)) if producer < nodes - 1 else ()
        sizes.append(draw(st.integers(0, 9)))
        producers.append(producer)
        consumers.append(tuple(sorted(readers)))
        kept.append(draw(st.sampled_from((False, False, False, True))))
    held = draw(st.sampled_from((0, 0, 3)))
    return OrderProblem(nodes, tuple(sizes), tuple(producers), tuple(consumers), tuple(kept), held)


def smallest_peak(problem):
    """The best over all orders, from the definition: a tensor is alive from its writer to its last reader."""
    best = {frozenset(): problem.start}
    for _ in range(problem.nodes):
        longer = {}
        for ran, peak in best.items():
            for node in set(range(problem.nodes)) - ran:
                if ran.issuperset(problem.predecessors[node]):
                    step = alive_during(problem, ran, node)
                    state = ran | {node}
                    longer[state] = min(longer.get(state, 1 << 60), max(peak, step))
        best = longer
    return best[frozenset(range(problem.nodes))]


def alive_during(problem, ran, node):
    total = problem.held
    for size, producer, readers, kept in zip(
        problem.sizes, problem.producers, problem.consumers, problem.kept, strict=True
    ):
        written = producer in {OUTSIDE, node} or producer in ran
        needed = kept or producer == node or not ran.issuperset(readers)
        total += size * (written and needed)
    return total


def chain(nodes, sizes=(3, 1, 4, 1, 5)):
    return OrderProblem(
        nodes,
        tuple(sizes[tensor % len(sizes)] for tensor in range(nodes)),
        tuple(range(nodes)),
        tuple((node + 1,) if node + 1 < nodes else () for node in range(nodes)),
        (False,) * nodes,
    )


def two_branches():
    """A fork whose exported order runs both wide ends first: 10 + 10 + 1 bytes where 12 are enough."""
    return OrderProblem(6, (1, 10, 10, 1, 1, 1), (0, 1, 2, 3, 4, 5), ((1, 2), (3,), (4,), (5,), (5,), ()), (False,) * 6)
