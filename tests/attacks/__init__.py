"""The table of attacks: what is sent, and the answer that is right; shared by `make test` and `make promises`."""

from collections.abc import Mapping

from tests.attacks.attack import Attack
from tests.attacks.bodies import BODIES
from tests.attacks.edges import EDGES
from tests.attacks.shapes import SHAPES

ATTACKS: Mapping[str, Attack] = {**SHAPES, **BODIES, **EDGES}
