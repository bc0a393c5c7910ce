"""What a parsed document keeps of its text once it is valid."""

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    Node,
    NonNullTypeNode,
    SelectionSetNode,
    Token,
    TokenKind,
)

_NOWHERE = Token(TokenKind.SOF, 0, 0, 0, 0)
_UNBLAMED = (
    NameNode,
    SelectionSetNode,
    FragmentSpreadNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    NamedTypeNode,
    NonNullTypeNode,
)
"""Three of four nodes: no error of a valid document's execution says that it happened at one of these."""


def drop_tokens(document: DocumentNode) -> int:
    """Let go of a valid document's tokens, and of places that no error will tell; how many nodes it has.

    Tokens, each of which knows its neighbours, and places are four fifths of what would be kept; and while tokens know
    each other, none of them goes before the collector has found them.
    """
    token = document.loc.start_token if document.loc else None
    while token is not None:
        following, token.next, token.prev = token.next, None, None
        token = following
    nodes = 0
    stack: list[Node] = [document]
    while stack:
        node = stack.pop()
        nodes += 1
        if isinstance(node, _UNBLAMED):
            object.__setattr__(node, "loc", None)  # nodes are frozen so that visitors do not change them
        elif node.loc is not None:
            node.loc.start_token = node.loc.end_token = _NOWHERE
        for name in node.keys:
            value = getattr(node, name)
            if isinstance(value, Node):
                stack.append(value)
            elif isinstance(value, tuple):
                stack += value
    return nodes
