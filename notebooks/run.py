"""Runs the notebooks on the demo corpus and keeps their output.

    python notebooks/run.py [--check]

With --check, nothing is written: exit status 1 if a notebook fails or its printed output is not
the one that is kept.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent


def main() -> int:
    """Run every notebook; return the exit status."""
    status = 0
    for path in sorted(FOLDER.glob("*.ipynb")):
        kept = nbformat.read(path, as_version=4)
        made = nbformat.from_dict(kept)  # type: ignore[no-untyped-call]
        before = printed(kept)
        resources = {"metadata": {"path": FOLDER}}
        NotebookClient(made, timeout=120, resources=resources, record_timing=False).execute()
        if "--check" not in sys.argv:
            nbformat.write(made, path)
        elif printed(made) != before:
            print(f"{path.name}: the output kept is not what it prints; run notebooks/run.py")
            status = 1
    return status


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    """The text that a notebook's cells print, and which of them draw."""
    return [
        output.text if output.output_type == "stream" else ",".join(sorted(output.data))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]


if __name__ == "__main__":
    sys.exit(main())
