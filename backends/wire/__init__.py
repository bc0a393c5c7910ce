"""What the three services have in common on the wire."""
