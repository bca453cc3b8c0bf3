"""CloudWatch's metrics: what PutMetricData gave, read by GetMetricData as AWS does.

    POST /control/metrics   [{"namespace", "name", "dimensions": {name: value}, "unit", "period": 60, "start": seconds since 1970 or negative
                            (before now), "values": [number, [numbers of one period], or null for none, …]}]: whole series at once
"""

import bisect
import datetime
import math

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from .control import handles
from .metric_math import Evaluation, Wrong, is_series
from .world import WORLD, describes, replaces

describes("metric-math", """Expressions over other queries: + - * / ^, comparisons, AND and OR, IF, FILL, SUM, MAX, MIN, AVG, RATE, METRICS and more;
    each gives a series over the periods of the range. moto answers nothing.""")
describes("metric-delay", "A metric comes late: what was measured cannot be read for some time after (setting metric_delay_seconds).")


class Datum:
    """One value, or one set of statistics, at a time."""
    __slots__ = ("time", "count", "sum", "least", "most", "value", "unit")

    def __init__(self, time, count, total, least, most, value, unit):
        self.time, self.count, self.sum, self.least, self.most, self.value, self.unit = time, count, total, least, most, value, unit


def store_of(backend):
    """{(namespace, name, dimensions): [Datum, …] by time} of a backend."""
    return backend.__dict__.setdefault("launcher_series", {})


def key_of(namespace, name, dimensions):
    return namespace, name, frozenset((item["Name"], item["Value"]) for item in dimensions or [])


def seconds(value):
    if value is None:
        return WORLD.clock.date(WORLD.agenda.now)
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=value.tzinfo or datetime.timezone.utc).timestamp()
    return float(value)


def add(backend, key, datum):
    bisect.insort(store_of(backend).setdefault(key, []), datum, key=lambda item: item.time)


@replaces(CloudWatchBackend, "put_metric_data", "metric-data")
def put_metric_data(original, backend, namespace, metric_data):
    """GetMetricData looks at one metric exactly: its namespace, name and all its dimensions; its periods begin at whole multiples; percentiles
    are of the single values. moto forgets the namespace of a query with dimensions and answers 500 for a percentile."""
    original(backend, namespace, metric_data)
    for item in metric_data:
        key, at, unit = key_of(namespace, item["MetricName"], item.get("Dimensions")), seconds(item.get("Timestamp")), item.get("Unit")
        if item.get("StatisticValues"):
            stats = {name: float(value) for name, value in item["StatisticValues"].items()}
            add(backend, key, Datum(at, stats["SampleCount"], stats["Sum"], stats["Minimum"], stats["Maximum"], None, unit))
            continue
        values = item.get("Values") or [item.get("Value", 0)]
        counts = item.get("Counts") or [1] * len(values)
        for value, count in zip((float(value) for value in values), (float(count) for count in counts)):
            add(backend, key, Datum(at, count, value * count, value, value, value, unit))


def percentile(data, share):
    """Interpolated between the single values, each with its count."""
    values = sorted(datum.value for datum in data if datum.value is not None for _ in range(max(1, int(datum.count))))
    if not values:
        return None
    place = share / 100 * (len(values) - 1)
    low, high = math.floor(place), math.ceil(place)
    return values[low] + (values[high] - values[low]) * (place - low)


STATISTICS = {
    "SampleCount": lambda data: sum(datum.count for datum in data), "Sum": lambda data: sum(datum.sum for datum in data),
    "Minimum": lambda data: min(datum.least for datum in data), "Maximum": lambda data: max(datum.most for datum in data),
    "Average": lambda data: sum(datum.sum for datum in data) / sum(datum.count for datum in data),
}


def statistic(data, name):
    if name in STATISTICS:
        return STATISTICS[name](data)
    if name[:1].lower() == "p" and name[1:].replace(".", "", 1).isdigit():
        return percentile(data, float(name[1:]))
    raise ValidationError(f"The value {name} for parameter Stat is not supported.")


def series(backend, key, stat, period, start, end, unit=None, now=None):
    """{period's start: value} of one metric between two times."""
    data = store_of(backend).get(key, [])
    latest = math.inf
    if WORLD.on("metric-delay"):
        latest = (WORLD.clock.date(WORLD.agenda.now) if now is None else now) - WORLD.settings["metric_delay_seconds"]
    by_period = {}
    for datum in data[bisect.bisect_left(data, start, key=lambda item: item.time):]:
        if datum.time >= end:
            break
        if (unit is None or datum.unit == unit) and datum.time <= latest:
            by_period.setdefault(datum.time // period * period, []).append(datum)
    values = {time: statistic(items, stat) for time, items in sorted(by_period.items())}
    return {time: value for time, value in values.items() if value is not None}


def period_of(queries):
    periods = [int(query.get("Period") or query.get("MetricStat", {}).get("Period") or 0) for query in queries]
    return max([period for period in periods if period] or [60])


def evaluation(backend, queries, start, end, now=None):
    """An Evaluation of queries as GetMetricData has them, over whole periods."""
    period = period_of(queries)
    first = start // period * period

    def fetch(query):
        asked = query["MetricStat"]
        metric = asked["Metric"]
        if not WORLD.on("metric-data"):
            raise ValidationError("unsupported")
        own = int(asked["Period"])
        return series(backend, key_of(metric["Namespace"], metric["MetricName"], metric.get("Dimensions")), asked["Stat"], own,
                      start // own * own, end, asked.get("Unit"), now)
    times = []
    while first < end:
        times.append(first)
        first += period
    return Evaluation({query["Id"]: query for query in queries}, fetch, period, times, WORLD.settings["fill_empty"])


@replaces(CloudWatchResponse, "get_metric_data", "metric-data")
def get_metric_data(original, response):
    asked = response._get_params()
    queries = asked.get("MetricDataQueries") or []
    if not WORLD.on("metric-math") and any("Expression" in query for query in queries):
        return original(response)
    start, end = seconds(asked["StartTime"]), seconds(asked["EndTime"])
    if end <= start:
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    if len(queries) > 500:
        raise ValidationError("The collection MetricDataQueries must not have a size greater than 500.")
    run = evaluation(response.cloudwatch_backend, queries, start, end)
    results = []
    for query in queries:
        if query.get("ReturnData") is False:
            continue
        try:
            value = run.value(query["Id"])
        except Wrong as error:
            raise ValidationError(f"Error in expression '{query['Id']}': {error}") from None
        results += shown(query, value, run.times, asked.get("ScanBy") or "TimestampDescending")
    return ActionResult(paged(results, asked))


def shown(query, value, times, order):
    """The entries of MetricDataResults for one query; an array has one for each of its series."""
    if isinstance(value, list):
        return [entry for item in value for entry in shown(query, item, times, order)]
    if not is_series(value):
        value = {time: value for time in times}
    label = query.get("Label") or (query["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in query else query["Id"])
    at = sorted(value, reverse=order == "TimestampDescending")
    return [{"Id": query["Id"], "Label": label, "StatusCode": "Complete", "Values": [float(value[time]) for time in at],
             "Timestamps": [datetime.datetime.fromtimestamp(time, datetime.timezone.utc) for time in at]}]


def paged(results, asked):
    """At most MaxDatapoints (or the setting page_size) in one answer, and the token for the rest."""
    most = min(asked.get("MaxDatapoints") or 100800, WORLD.settings["page_size"] or 100800)
    begin = int(asked.get("NextToken") or 0)
    page, place = [], 0
    for result in results:
        low, high = max(begin - place, 0), min(begin + most - place, len(result["Values"]))
        place += len(result["Values"])
        if low < high or not result["Values"] and begin == 0:
            page.append(result | {"Values": result["Values"][low:high], "Timestamps": result["Timestamps"][low:high],
                                  "StatusCode": "Complete" if place <= begin + most else "PartialData"})
    answer = {"MetricDataResults": page, "Messages": []}
    if place > begin + most:
        answer["NextToken"] = str(begin + most)
    return answer


@replaces(CloudWatchResponse, "get_metric_statistics", "metric-data")
def get_metric_statistics(original, response):
    asked = response._get_params()
    key = key_of(asked["Namespace"], asked["MetricName"], asked.get("Dimensions"))
    wanted = [*(asked.get("Statistics") or []), *(asked.get("ExtendedStatistics") or [])]
    points = {}
    for name in wanted:
        found = series(response.cloudwatch_backend, key, name, int(asked["Period"]), seconds(asked["StartTime"]), seconds(asked["EndTime"]),
                       asked.get("Unit"))
        for time, value in found.items():
            at = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
            point = points.setdefault(time, {"Timestamp": at, "Unit": asked.get("Unit", "None")})
            if name in STATISTICS:
                point[name] = value
            else:
                point.setdefault("ExtendedStatistics", {})[name] = value
    return ActionResult({"Label": asked["MetricName"], "Datapoints": [points[time] for time in sorted(points)]})


@handles("POST", "/control/metrics")
def add_series(front, query, value):
    now = WORLD.clock.date()
    for item in value if isinstance(value, list) else [value]:
        backend = cloudwatch_backends[item.get("account", WORLD.account)][item.get("region", "eu-west-1")]
        dimensions = [{"Name": name, "Value": text} for name, text in item.get("dimensions", {}).items()]
        key, period = key_of(item["namespace"], item["name"], dimensions), item.get("period", 60)
        start = item.get("start", 0)
        start = (now + start if start <= 0 else start) // period * period
        for number, given in enumerate(item["values"]):
            for single in given if isinstance(given, list) else [given]:
                if single is not None:
                    add(backend, key, Datum(start + number * period, 1, float(single), float(single), float(single), float(single), item.get("unit")))
