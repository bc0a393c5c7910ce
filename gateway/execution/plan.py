"""An operation, compiled."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import ExecutionResult, OperationType, get_variable_values

from .operation import Operation
from .refusals import Fallback, Reason, condition_variables
from .run import Run
from .shapes import Build, Shapes

# Bounds on what one document can make a plan hold, far above what people write.
_MOST_COMBINATIONS = 64
_MOST_SHAPES = 5_000
_MOST_COERCION_ERRORS = 50  # graphql-core's own default


class Plan:
    """Answers one operation for any variables; may run any number of times at once."""

    def __init__(self, schema: strawberry.Schema, operation: Operation) -> None:
        self._operation = operation
        self._shapes = Shapes(schema, operation)
        root = operation.schema.get_root_type(operation.node.operation)
        assert root is not None, "a valid operation has a root type"  # noqa: S101 - `Executor.prepare` looked
        self._root = self._shapes.root(root)
        self._serially = operation.node.operation is OperationType.MUTATION
        self._conditions = sorted(condition_variables(operation))
        self._steps: dict[tuple[bool, ...], list[Build]] = {}

    async def execute(
        self,
        *,
        variables: dict[str, Any] | None,
        context: object,
        root: object = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult | Fallback:
        """Answer as graphql-core would, or say, before any resolver was called, that graphql-core has to.

        Cancelling the caller's task cancels what was started, and this returns when it has ended.
        """
        operation = self._operation
        definitions = operation.node.variable_definitions or ()
        values = get_variable_values(operation.schema, definitions, variables or {}, max_errors=_MOST_COERCION_ERRORS)
        if isinstance(values, list):
            return ExecutionResult(None, values)
        if len(self._shapes) > _MOST_SHAPES:
            return Fallback(Reason.SIZE)
        run = Run(self._shapes, values, context, root, operation_extensions)
        for name in self._conditions:
            truth = values.coerced.get(name)
            if not isinstance(truth, bool):
                return Fallback(Reason.CONDITIONS)
            run.truths[name] = truth
        steps = self._steps_for(run)
        if steps is None:
            return Fallback(Reason.CONDITIONS)
        return await run.execute(steps, serially=self._serially)

    def _steps_for(self, run: Run) -> list[Build] | None:
        combination = tuple(run.truths.values())
        steps = self._steps.get(combination)
        if steps is None and len(self._steps) < _MOST_COMBINATIONS:
            steps = self._root.steps(run) if self._serially else [self._root.answer]
            self._steps[combination] = steps
        return steps
