"""One host for both Recharge-shaped services, as their clients expect it."""

from backends.front.app import create_front
from backends.front.settings import FrontSettings

__all__ = ["FrontSettings", "create_front"]
