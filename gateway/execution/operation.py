"""One operation of a document, with what it needs of the rest."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode


@dataclass(frozen=True, slots=True)
class Operation:
    """The operation that a request asks for."""

    schema: GraphQLSchema
    document: DocumentNode
    node: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]

    @classmethod
    def find(cls, schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Operation | None:
        """The named one, or the only one; None where graphql-core would refuse."""
        definitions = document.definitions
        operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
        if name is not None:
            operations = [node for node in operations if node.name and node.name.value == name]
        elif len(operations) > 1:
            return None
        if not operations:
            return None
        fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
        return cls(schema, document, operations[-1], fragments)
