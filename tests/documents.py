"""The widget documents, as the demo serves them."""

from pathlib import Path

FOLDER = Path(__file__).parent.parent / "gateway" / "demo" / "documents"


def document(name: str) -> str:
    """A widget's document by the name of its operation."""
    return (FOLDER / f"{name}.graphql").read_text(encoding="utf-8")
