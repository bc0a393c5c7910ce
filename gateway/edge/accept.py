"""Which of the two JSON media types an answer has."""

from functools import lru_cache

from gateway.edge.refusals import not_acceptable

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"

_RANGES = {JSON: JSON, GRAPHQL_JSON: GRAPHQL_JSON, "application/*": JSON, "*/*": JSON}
"""A range that both types are in means the older one: a client that wants the newer names it."""


@lru_cache(maxsize=64)  # clients have a few ways to write it
def negotiate(accept: str | None) -> str:
    """The media type for an answer, by the client's weights, then by their order.

    Raises:
        HttpRefusal: The client takes neither.
    """
    if not accept:
        return JSON
    best: tuple[float, str] | None = None
    for part in accept.lower().split(","):
        name, _, parameters = part.partition(";")
        media_type = _RANGES.get(name.strip())
        weight = _weight(parameters)
        if media_type and weight > 0 and (best is None or weight > best[0]):
            best = weight, media_type
    if best is None:
        raise not_acceptable(f"Answers come as {GRAPHQL_JSON} or {JSON}.")
    return best[1]


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
