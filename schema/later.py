"""How fields say that their value comes by a look-up."""

from typing import TYPE_CHECKING, Any

from gateway.deferred import Deferred

if TYPE_CHECKING:
    Later = Deferred
else:

    class Later:
        """`Later[Product | None]`: what a resolver returns is a `Deferred`, and Strawberry reads `Product | None`.

        A field that is one look-up and what is made of it, `load(…).then(…)`, is no coroutine: an operation has a
        hundred of them.
        """

        def __class_getitem__(cls, value: Any) -> Any:
            return value
