"""What has become of a row, in the words of topics."""

from backends.webhooks.changes import Row


def changed(before: Row | None, after: Row | None) -> list[str]:
    """Created, updated or deleted."""
    if before is None:
        return ["created"] if after else []
    return ["updated"] if after else ["deleted"]
