"""The demo: the whole product on one machine, with seeded shops."""
