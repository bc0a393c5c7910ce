"""What is inside of bundles, and what may be."""
