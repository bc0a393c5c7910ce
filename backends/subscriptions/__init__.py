"""Customers, their subscriptions and charges."""
