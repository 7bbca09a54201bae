"""What the passes did to a graph, as text."""

from mini_infer.passes import Remarks
from mini_infer.report.table import format_table


def remarks_text(remarks: Remarks) -> str:
    """Every rewrite applied, then every one missed with the reason, in the order in which they were decided."""
    sections = []
    for applied, title in ((True, "rewrites applied"), (False, "rewrites missed")):
        rows = [(entry.pass_name, entry.node, entry.text) for entry in remarks.entries if entry.applied is applied]
        sections.append("\n".join([f"{title}: {len(rows)}", *format_table(rows, "<<<")]))
    return "\n\n".join(sections) + "\n"
