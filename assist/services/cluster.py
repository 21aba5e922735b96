"""Training on a Spark cluster, from order lines that are not in the mirror; products, the serving model, the gate
and the record are those of `training`."""

from dataclasses import asdict, dataclass, replace

from assist.services.cost import Meter
from assist.services.desk import Desk
from assist.services.training import FITTED, Trained, judge, keep, read_catalogue
from recommender.effort import Progress, keep_quiet, within
from recommender.spark.origin import Origin, open_scratch
from recommender.spark.reading import number_lines, open_origin
from recommender.spark.session import open_session
from recommender.spark.training import challenge, train


@dataclass(frozen=True, slots=True)
class Cluster:
    origin: Origin
    master: str | None
    """None: as spark-defaults.conf has it."""
    scratch: str | None
    """A directory that all executors reach; None for executors on this machine."""


def train_on_cluster(
    desk: Desk,
    cluster: Cluster,
    *,
    seed: int = 0,
    budget: float | None = None,
    progress: Progress = keep_quiet,
) -> Trained:
    """`training.train` for more lines than one machine holds. Products must be named by SKU, as in the mirror."""
    meter, base = Meter(), cluster.scratch or desk.config.data_dir.resolve().as_uri()
    with desk.database.reading() as records:
        catalogue = read_catalogue(records)
    with open_session(cluster.master) as session, open_scratch(session, base) as scratch:
        lines = number_lines(open_origin(session, cluster.origin), scratch)
        model = train(lines, catalogue, seed=seed, budget=budget, progress=within(progress, 0.0, FITTED))
        model = replace(model, report={**model.report, "cost": asdict(meter.read())})
        told = within(progress, FITTED, 1.0)
        judged = judge(
            desk, len(lines), lambda serving: challenge(serving.model, model, lines, catalogue, progress=told)
        )
        return keep(desk, model, judged, lines=len(lines))
