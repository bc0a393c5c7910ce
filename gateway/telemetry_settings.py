"""The knobs of what the gateway tells about itself: logs and metrics."""

from pydantic import Field, SecretStr

from gateway.settings_group import Group


class LogSettings(Group):
    """What is logged, as JSON lines on standard error."""

    level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    """DEBUG adds a line for each request."""


class MetricsSettings(Group):
    """Where Prometheus collects metrics: a listener of its own, never the one that shoppers reach."""

    host: str = "127.0.0.1"
    """Address to bind. Loopback unless whoever collects is elsewhere; then keep the port inside the cluster, or set
    `token`. A change needs a restart."""
    port: int | None = Field(default=None, ge=0, le=65535)
    """Port of `/metrics`; without one there is no listener. Of several workers each has its own, from this one upwards:
    `port` to `port + workers - 1`. 0 takes free ones. A change needs a restart."""
    token: SecretStr | None = Field(default=None, min_length=16)
    """What has to be sent as `Authorization: Bearer …`. A change needs a restart."""
