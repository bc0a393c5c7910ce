"""Products, bundles and what is in them."""
