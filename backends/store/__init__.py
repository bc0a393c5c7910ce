"""The world that the services are seeded with, as plain data."""
