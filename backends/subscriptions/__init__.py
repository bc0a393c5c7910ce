"""Customers, what they buy and have bought, and what is for sale."""
