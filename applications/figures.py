"""The office's figures for Prometheus, read from the rows at each scrape: counts only."""

from collections.abc import Iterator

from django.db import connection
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric

from config.models import Alarm
from config.tasks import broker_answers

# Counted where an index holds the answer; what is finished is not counted over and over.
GAUGES = (
    (
        "hosho_messages_queued",
        "Messages waiting to be sent.",
        ("channel",),
        "SELECT channel, count(*) FROM payouts_message WHERE state = 'queued' GROUP BY channel",
    ),
    (
        "hosho_payouts_open",
        "Payouts on their way, by state.",
        ("road", "state"),
        """SELECT road, state, count(*) FROM payouts_payout
           WHERE state IN ('waiting', 'ready', 'issuing', 'listed', 'handed_over', 'returned')
           GROUP BY road, state""",
    ),
    (
        "hosho_applications_open",
        "Applications that the office has not decided, by state.",
        ("state",),
        """SELECT state, count(*) FROM applications_application
           WHERE state IN ('received', 'held', 'asked', 'checked') GROUP BY state""",
    ),
    (
        "hosho_codes_free",
        "Gift codes left in the stock.",
        ("prefecture", "brand", "face_value"),
        """SELECT prefecture_code, brand, face_value::text, count(*) FROM payouts_code
           WHERE taken_at IS NULL GROUP BY 1, 2, 3""",
    ),
)


class Rows:
    """A collector that asks the database when Prometheus asks us."""

    def collect(self) -> Iterator[Metric]:
        """Each gauge, the open alarms, and whether the broker answers."""
        for name, meaning, labels, statement in GAUGES:
            family = GaugeMetricFamily(name, meaning, labels=labels)
            with connection.cursor() as cursor:
                cursor.execute(statement)
                for *values, count in cursor.fetchall():
                    family.add_metric(values, count)
            yield family
        alarms = GaugeMetricFamily("hosho_alarm", "Open alarms.", labels=("key",))
        for key in Alarm.objects.filter(cleared_at=None).values_list("key", flat=True):
            alarms.add_metric([key], 1)
        yield alarms
        up = GaugeMetricFamily("hosho_broker_up", "Whether Redis answers.")
        up.add_metric([], int(broker_answers()))
        yield up


def registry() -> CollectorRegistry:
    """A registry that holds these figures only."""
    found = CollectorRegistry()
    found.register(Rows())
    return found
