"""The real processes of a run: backends that misbehave when told to, and gateways in front of them."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.contestants import gateway_settings
from benchmarks.load import Outcome
from benchmarks.processes import Started, Stub, server, stub

SERVICES = ("subscriptions", "bundles", "loyalty")
GATEWAY_CORE, BACKEND_CORE = 0, 1
"""The load runs beside the backends, so that what is measured has a core to itself, as far as the machine lets it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Three backends, a process each, and where the settings of gateways before them are written."""

    backends: Mapping[str, Stub]
    settings: Path

    def gateway(
        self,
        *,
        core: int = GATEWAY_CORE,
        log: str = "gateway",
        environment: Mapping[str, str] | None = None,
        preload: Mapping[str, str] | None = None,
        **more: str,
    ) -> AbstractAsyncContextManager[Started]:
        """A gateway before the backends, for as long as the block runs.

        Args:
            core: Where it runs.
            log: What its log is called, in the folder of the stage.
            environment: Settings without their prefix, such as `{"OPERATIONS__DEADLINE_SECONDS": "0.5"}`.
            preload: Variables for the process itself.
            more: The same as arguments.
        """
        return server(
            (sys.executable, "-m", "gateway", "serve", "--settings", str(self.settings)),
            {
                **(preload or {}),
                "GATEWAY_SERVER__PORT": "{port}",
                "GATEWAY_SERVER__DRAIN_SECONDS": "0",
                **{f"GATEWAY_BACKENDS__{name.upper()}__URL": each.url for name, each in self.backends.items()},
                **{f"GATEWAY_{name}": value for name, value in {**(environment or {}), **more}.items()},
            },
            core=core,
            log=self.settings.parent / f"{log}.log",
        )

    async def calls(self, service: str) -> int:
        """How many calls came to a backend since it was told how to behave."""
        return sum((await self.backends[service].counts()).values())


@asynccontextmanager
async def staged(folder: Path, bulk: Literal["none", "shop", "fleet"] = "none") -> AsyncIterator[Stage]:
    """Backends that behave, for as long as the block runs."""
    settings = folder / "gateway.toml"
    settings.write_text(gateway_settings("http://127.0.0.1:9", bulk), encoding="utf-8")
    async with AsyncExitStack() as stack:
        yield Stage({name: await stack.enter_async_context(stub(core=BACKEND_CORE)) for name in SERVICES}, settings)


def percentile_ms(outcome: Outcome, share: float = 0.99) -> float:
    """How long all but the slowest took."""
    durations = sorted(outcome.durations_seconds)
    return durations[min(int(len(durations) * share), len(durations) - 1)] * 1_000
