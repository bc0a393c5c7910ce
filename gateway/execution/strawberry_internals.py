"""The one place that knows Strawberry's private names."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import strawberry
from graphql import DocumentNode, GraphQLAbstractType, GraphQLField, GraphQLNamedType, GraphQLObjectType, GraphQLSchema
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions.directives import DirectivesExtension
from strawberry.schema import schema as stock
from strawberry.schema import schema_converter
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import union as unions
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.execution import ExecutionContext
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.graphql import OperationType

CAST_ATTRIBUTE = TYPE_CAST_ATTRIBUTE
is_awaitable = optimized_is_awaitable


class LazyInfo(strawberry.Info[Any, Any]):
    """Strawberry's `Info`, whose graphql-core half is made when somebody wants more than the context.

    `make_raw` makes that half of run, field and position.
    """

    context: Any = None  # an attribute and no property: it is what most resolvers want

    def __init__(
        self, make_raw: Callable[[Any, Any, Any], Any], run: Any, field: Any, position: Any, own: StrawberryField
    ) -> None:
        self.context = run.context
        self._field = own
        self._told = make_raw, run, field, position

    @cached_property
    def _raw_info(self) -> Any:  # type: ignore[override]  # Strawberry sets it; nobody else does
        make_raw, run, field, position = self._told
        return make_raw(run, field, position)


def graphql_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The graphql-core schema that Strawberry built; it has no public name."""
    return schema._schema  # noqa: SLF001 - there is no public way to it


def has_own_executor(schema: strawberry.Schema) -> bool:
    """Whether somebody replaced the class that executes."""
    return schema.execution_context_class is not stock.StrawberryGraphQLCoreExecutionContext


def has_resolve_hooks(schema: strawberry.Schema) -> bool:
    """Whether an extension wants to stand around every resolver.

    Strawberry's own extension for operation directives does so too; it acts only on fields that carry one.
    """
    return any(
        extension._implements_resolve()  # noqa: SLF001 - Strawberry's own question, asked at the same place
        for extension in schema.get_extensions()
        if not isinstance(extension, DirectivesExtension)
    )


async def execute_stock(
    schema: strawberry.Schema,
    document: DocumentNode,
    *,
    operation_name: str | None,
    variables: dict[str, Any] | None,
    context: object,
    root: object,
    operation_extensions: dict[str, Any] | None,
) -> Any:
    """Execute as `Schema.execute` does between its lifecycle hooks, which are not called."""
    extensions = schema.get_extensions()
    execution_context = ExecutionContext(
        query=None,
        schema=schema,
        allowed_operations=tuple(OperationType),
        context=context,
        root_value=root,
        variables=variables,
        provided_operation_name=operation_name,
        operation_extensions=operation_extensions,
        graphql_document=document,
    )
    for extension in extensions:
        extension.execution_context = execution_context
    result = schema._get_execute_function()(  # noqa: SLF001 - the switch for incremental delivery is in there
        graphql_schema(schema),
        document,
        root_value=root,
        middleware=schema._get_middleware_manager(extensions),  # noqa: SLF001 - the resolve hooks in their order
        variable_values=variables,
        operation_name=operation_name,
        context_value=context,
        is_awaitable=optimized_is_awaitable,
        executor_class=schema.execution_context_class,
        operation_extensions=operation_extensions,
    )
    return await result if inspect.isawaitable(result) else result


def _made_by(function: object, module: Any, name: str) -> bool:
    return (
        getattr(function, "__module__", None) == module.__name__
        and getattr(function, "__qualname__", "").rpartition(".")[2] == name
    )


def field_of(definition: GraphQLField) -> StrawberryField | None:
    """The Strawberry field behind a graphql-core field, where there is one whose behaviour is Strawberry's own."""
    field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    own = isinstance(field, StrawberryField) and type(field).get_result is StrawberryField.get_result
    return field if own else None


def attribute_of(definition: GraphQLField) -> tuple[Callable[[Any, str], object], str] | None:
    """The default resolver and the attribute's name, for a field that is nothing but an attribute."""
    field = field_of(definition)
    if field is None or not _made_by(definition.resolve, schema_converter, "_get_basic_result"):
        return None
    return field.default_resolver, field.python_name


@dataclass(frozen=True, slots=True)
class DirectResolver:
    """A resolver that can be called without Strawberry's wrappers, with the parameters Strawberry would fill."""

    function: Callable[..., Any]
    field: StrawberryField
    is_async: bool
    takes_self: bool
    source_names: tuple[str, ...]
    info_name: str | None
    has_arguments: bool
    make_info: Callable[..., Any]
    _schema: strawberry.Schema

    def info(self, make_raw: Callable[[Any, Any, Any], Any], run: Any, field: Any, position: Any) -> Any:
        """The `Info` that the schema is configured to hand to resolvers."""
        if self.make_info is strawberry.Info:
            return LazyInfo(make_raw, run, field, position, self.field)
        # Strawberry names both parameters with an underscore, and there is no other way to make one.
        return self.make_info(_raw_info=make_raw(run, field, position), _field=self.field)

    def info_source(self, number: int, place: str) -> tuple[str, dict[str, Any]]:
        """The same as source that knows `run`, `ResolveInfo` and the field as `f` with its number; and its names."""
        names = {"LazyInfo": LazyInfo, f"i{number}": self.make_info, f"o{number}": self.field}
        told = f"run, f{number}, {place}"
        if self.make_info is strawberry.Info:
            return f"LazyInfo(ResolveInfo, {told}, o{number})", names
        return f"i{number}(_raw_info=ResolveInfo({told}), _field=o{number})", names

    def convert(self, values: dict[str, Any], info: Any) -> dict[str, Any]:
        """Keyword arguments from graphql-core's values: Python names, input types, enums, lists of one's own."""
        return convert_arguments(
            values,
            self.field.arguments,
            scalar_registry=self._schema.schema_converter.scalar_registry,
            config=self._schema.config,
            info=info,
        )


def resolver_of(schema: strawberry.Schema, definition: GraphQLField) -> DirectResolver | None:
    """The resolver of a field that has no extensions, permissions or exception handlers around it."""
    field = field_of(definition)
    if field is None or field.base_resolver is None or field.extensions:
        return None
    wrapped = "_async_resolver" if field.is_async else "_resolver"
    if not _made_by(definition.resolve, schema_converter, wrapped):
        return None
    if schema.schema_converter._get_field_exception_handlers(field):  # noqa: SLF001 - the converter's own question
        return None
    resolver = field.base_resolver
    if type(resolver).__call__ is not StrawberryResolver.__call__ or not callable(resolver.wrapped_func):
        return None
    names = {parameter.name for parameter in (resolver.parent_parameter, resolver.root_parameter) if parameter}
    return DirectResolver(
        function=resolver.wrapped_func,
        field=field,
        is_async=field.is_async,
        takes_self=bool(resolver.self_parameter),
        source_names=tuple(sorted(names)),
        info_name=resolver.info_parameter.name if resolver.info_parameter else None,
        has_arguments=bool(definition.args),
        make_info=schema.config.info_class,
        _schema=schema,
    )


def _definition_of(type_: GraphQLNamedType) -> Any:
    return type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)


def enum_class(type_: GraphQLNamedType) -> type | None:
    """The Python enum behind an enum type."""
    definition = _definition_of(type_)
    return definition.wrapped_cls if isinstance(definition, StrawberryEnumDefinition) else None


def plain_class(type_: GraphQLObjectType) -> type | None:
    """The class whose own instances certainly pass the type's check, unless they were cast to another type.

    None for specializations of generic types, and for types with an `is_type_of` of the user's.
    """
    definition = _definition_of(type_)
    if not isinstance(definition, StrawberryObjectDefinition) or definition.is_type_of or definition.concrete_of:
        return None
    if type_.is_type_of is not None and not _made_by(type_.is_type_of, schema_converter, "is_type_of"):
        return None
    class_: type = definition.origin
    spoilt = issubclass(class_, Exception) or any(
        hasattr(class_, name) for name in ("__await__", "__aiter__", CAST_ATTRIBUTE)
    )
    return None if spoilt or getattr(class_, "__strawberry_definition__", None) is not definition else class_


def decides_by_class(type_: GraphQLAbstractType, class_: type) -> bool:
    """Whether an abstract type always resolves plain instances of the class to the same object type."""
    if _made_by(type_.resolve_type, unions, "_resolve_union_type"):
        return True
    if not _made_by(type_.resolve_type, schema_converter, "resolve_type"):
        return False
    interface = _definition_of(type_)
    return isinstance(interface, StrawberryObjectDefinition) and issubclass(class_, interface.origin)
