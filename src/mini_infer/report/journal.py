"""What the passes did to a graph, as text."""

from mini_infer.passes import Journal
from mini_infer.report.table import format_table


def journal_text(journal: Journal) -> str:
    """Every rewrite made, then every one refused with the reason, in the order in which they were decided."""
    sections = []
    for made, title in ((True, "rewrites made"), (False, "rewrites refused")):
        rows = [(entry.pass_name, entry.node, entry.text) for entry in journal.rewrites if entry.made is made]
        sections.append("\n".join([f"{title}: {len(rows)}", *format_table(rows, "<<<")]))
    return "\n\n".join(sections) + "\n"
