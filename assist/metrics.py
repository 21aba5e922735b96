"""Numbers for Prometheus."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

REQUESTS = CollectorRegistry()
_SECONDS = Histogram(
    "assist_request_seconds",
    "Server time of HTTP requests.",
    ["method", "route"],
    registry=REQUESTS,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
_ANSWERS = Counter(
    "assist_requests", "HTTP requests by status class.", ["method", "route", "status"], registry=REQUESTS
)


def observe_request(method: str, route: str, *, status: int, seconds: float) -> None:
    """`route` is the rule, never the address: labels hold no customer and stay few."""
    known = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
    _SECONDS.labels(known, route).observe(seconds)
    _ANSWERS.labels(known, route, f"{status // 100}xx").inc()


def render(gauges: Iterable[tuple[str, str, dict[str, float]]]) -> bytes:
    """The text format: this process's requests, and gauges as (name, help, state → number)."""
    now = CollectorRegistry()
    now.register(_Gauges(gauges))
    return generate_latest(REQUESTS) + generate_latest(now)


class _Gauges(Collector):
    def __init__(self, gauges: Iterable[tuple[str, str, dict[str, float]]]) -> None:
        self._gauges = list(gauges)

    def collect(self) -> Iterable[Metric]:
        for name, meaning, values in self._gauges:
            family = GaugeMetricFamily(name, meaning, labels=["of"])
            for label, value in sorted(values.items()):
                family.add_metric([label], value)
            yield family
