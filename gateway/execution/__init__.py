"""Strawberry operations compiled to plans that answer exactly what graphql-core answers."""

from .executor import Executor
from .extension import CompiledExecution
from .plan import Plan
from .refusals import Fallback, Reason

__all__ = ["CompiledExecution", "Executor", "Fallback", "Plan", "Reason"]
