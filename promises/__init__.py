"""What is promised of the gateway when something fails, run on real processes with the real fault, and measured."""
