"""Tailcall: a graph with its directives, a script for what they cannot do, and its server from npm."""
