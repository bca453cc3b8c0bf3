"""CloudWatch."""

import datetime
import time

from ..alarms import judge
from ..metric_math import Evaluation
from . import equal, refused, tester, true

TESTS = []
test = tester(TESTS)
MINUTE = 60


class Watch:
    """Series end at `end`, a whole minute that has passed."""

    def __init__(self, aws):
        self.aws, self.client = aws, aws.client("cloudwatch")
        self.end = int(time.time()) // MINUTE * MINUTE

    def put(self, name, values, **dimensions):
        self.aws.control("POST", "metrics", {"namespace": "N", "name": name, "dimensions": dimensions, "values": values,
                                             "start": self.end - MINUTE * len(values)})

    def stat(self, name, stat="Sum", namespace="N", period=60, **dimensions):
        return {"Period": period, "Stat": stat, "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": [
            {"Name": key, "Value": value} for key, value in dimensions.items()]}}

    def read(self, *queries, minutes=10, **more):
        answer = self.client.get_metric_data(StartTime=self.at(minutes), EndTime=self.at(0), ScanBy="TimestampAscending",
                                             MetricDataQueries=list(queries), **more)
        return {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}

    def math(self, expression, **stats):
        queries = [{"Id": name, "MetricStat": stat, "ReturnData": False} for name, stat in stats.items()]
        return self.read(*queries, {"Id": "e", "Expression": expression, "Period": 60})["e"]

    def at(self, minutes):
        return datetime.datetime.fromtimestamp(self.end - MINUTE * minutes, datetime.timezone.utc)

    def alarm(self, name="a", **changes):
        alarm = {"AlarmName": name, "Namespace": "N", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 3,
                 "DatapointsToAlarm": 2, "Threshold": 10, "ComparisonOperator": "GreaterThanThreshold"} | changes
        self.client.put_metric_alarm(**{key: value for key, value in alarm.items() if value is not None})

    def state(self, name="a"):
        return self.client.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]


@test("metric-data")
def a_metric_is_read_exactly(aws):
    watch = Watch(aws)
    for namespace in ("N", "Other"):
        watch.client.put_metric_data(Namespace=namespace, MetricData=[
            {"MetricName": "m", "Dimensions": [{"Name": "d", "Value": "1"}], "Timestamp": watch.at(1), "Values": [1, 3], "Counts": [1, 2]},
            {"MetricName": "m", "Timestamp": watch.at(1), "Value": 100}])
    watch.client.put_metric_data(Namespace="N", MetricData=[{"MetricName": "m", "Dimensions": [{"Name": "d", "Value": "1"}], "Timestamp": watch.at(1),
                                                             "StatisticValues": {"SampleCount": 1, "Sum": 5, "Minimum": 5, "Maximum": 5}}])
    equal(watch.read({"Id": "a", "MetricStat": watch.stat("m", d="1")}, {"Id": "b", "MetricStat": watch.stat("m")},
                     {"Id": "c", "MetricStat": watch.stat("m", "p50", d="1")}, {"Id": "d", "MetricStat": watch.stat("m", "SampleCount", d="1")},
                     {"Id": "e", "MetricStat": watch.stat("m", "Average", "None")}),
          {"a": [12.0], "b": [100.0], "c": [3.0], "d": [4.0], "e": []})


@test("metric-data")
def percentiles_are_interpolated(aws):
    watch = Watch(aws)
    watch.put("m", [list(range(101))])
    equal(watch.read({"Id": "a", "MetricStat": watch.stat("m", "p99")}, {"Id": "b", "MetricStat": watch.stat("m", "p99.5")}),
          {"a": [99.0], "b": [99.5]})


@test("metric-delay")
def a_metric_may_come_late(aws):
    watch = Watch(aws)
    watch.put("m", [1, 2, 3, 4])
    aws.control("POST", "settings", {"metric_delay_seconds": time.time() - watch.end + 90})
    equal(watch.read({"Id": "a", "MetricStat": watch.stat("m")})["a"], [1.0, 2.0, 3.0])


@test("metric-math")
def expressions_over_series(aws):
    watch = Watch(aws)
    watch.put("a", [1, 2, None, 4])
    watch.put("b", [10, 0, 30, 40])
    a, b = watch.stat("a"), watch.stat("b")
    for expression, expected in (
            ("a / b", [0.1, 0.1]), ("FILL(a, 0) + b", [11, 2, 30, 44]), ("100 * a / (a + b)", [100 / 11, 100, 400 / 44]), ("a > 1", [0, 1, 1]),
            ("IF(b > 5, b, 0)", [10, 0, 30, 40]), ("SUM([a, b])", [11, 2, 30, 44]), ("MAX([a, b])", [10, 2, 30, 40]),
            ("AVG(METRICS())", [5.5, 1, 30, 22]), ("SUM(METRICS(\"b\"))", [10, 0, 30, 40]), ("RATE(b)", [-1 / 6, 0.5, 1 / 6]),
            ("-a ^ 2", [-1, -4, -16]), ("FILL(a, REPEAT)", [1, 2, 2, 4]), ("FILL(a, LINEAR)", [1, 2, 3, 4]),
            ("a >= 2 AND b == 40", [0, 0, 1]), ("a < 2 || b > 35", [1, 0, 1]), ("b - MIN(b)", [10, 0, 30, 40]), ("TIME_SERIES(MAX(a))", [4] * 10)):
        values = watch.math(expression, a=a, b=b)
        equal([round(value, 9) for value in values], [round(float(value), 9) for value in expected])
    refused("ValidationError", "there is no query c", watch.math, expression="a + c", a=a)


@test(None)
def a_series_of_data_is_paged(aws):
    watch = Watch(aws)
    watch.put("m", list(range(10)))
    aws.control("POST", "settings", {"page_size": 4})
    query = {"Id": "a", "MetricStat": watch.stat("m")}
    pages, token = [], {}
    while True:
        answer = watch.client.get_metric_data(StartTime=watch.at(10), EndTime=watch.at(0), ScanBy="TimestampAscending", MetricDataQueries=[query],
                                              **token)
        pages.append(answer["MetricDataResults"][0]["Values"])
        if not answer.get("NextToken"):
            break
        token = {"NextToken": answer["NextToken"]}
    equal(pages, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])


@test("alarm-states")
def an_alarm_is_evaluated(aws):
    watch = Watch(aws)
    watch.alarm()
    equal(watch.state(), "INSUFFICIENT_DATA")
    watch.put("m", [1, 1, 1, 11, 11])
    equal(watch.state(), "ALARM")
    watch.alarm(Threshold=11)
    equal(watch.state(), "OK")
    watch.alarm(Threshold=1, DatapointsToAlarm=3)
    equal(watch.state(), "OK")


@test("alarm-states")
def missing_data_are_treated_as_the_alarm_says(aws):
    watch = Watch(aws)
    for treatment, state in (("missing", "INSUFFICIENT_DATA"), ("breaching", "ALARM"), ("notBreaching", "OK"), ("ignore", "INSUFFICIENT_DATA")):
        watch.alarm(treatment, TreatMissingData=treatment)
        equal((treatment, watch.state(treatment)), (treatment, state))


# The tables of CloudWatch's documentation, which has N = 3 and a range of 5: points (X breaches, 0 does not), how many must breach, and the
# state when what is missing is missing, ignored, breaching, not breaching; = keeps the state that it has.
MISSING = (
    ("0-X-X", 3, "OK OK OK OK"), ("----0", 3, "OK OK OK OK"), ("-----", 3, "INSUFFICIENT_DATA = ALARM OK"), ("0XX-X", 3, "ALARM ALARM ALARM ALARM"),
    ("--X--", 3, "ALARM = ALARM OK"), ("0-X-X", 2, "ALARM ALARM ALARM ALARM"), ("00X0X", 2, "ALARM ALARM ALARM ALARM"),
    ("0-X--", 2, "OK OK ALARM OK"), ("----0", 2, "OK OK ALARM OK"), ("---X-", 2, "ALARM = ALARM OK"),
)


@test(None)
def missing_data_are_treated_as_in_the_tables(aws):
    for points, least, states in MISSING:
        values = [None if point == "-" else point for point in points]
        for treatment, expected in zip(("missing", "ignore", "breaching", "notBreaching"), states.split()):
            actual = judge(values, lambda point: point == "X", least, treatment, "=")
            equal((points, least, treatment, actual), (points, least, treatment, expected))


@test("alarm-states")
def an_alarm_of_an_expression(aws):
    watch = Watch(aws)
    watch.put("errors", [0, 0, 6, 7, 8])
    watch.put("requests", [100] * 5)
    watch.alarm(MetricName=None, Namespace=None, Statistic=None, Period=None, Threshold=5, EvaluationPeriods=3, DatapointsToAlarm=3, Metrics=[
        {"Id": "e", "MetricStat": watch.stat("errors"), "ReturnData": False}, {"Id": "r", "MetricStat": watch.stat("requests"), "ReturnData": False},
        {"Id": "x", "Expression": "100 * FILL(e, 0) / r", "ReturnData": True}])
    equal(watch.state(), "ALARM")
    watch.client.set_alarm_state(AlarmName="a", StateValue="OK", StateReason="by hand")
    equal(watch.state(), "OK")
    aws.advance(61)
    equal(watch.state(), "ALARM")


@test("composite-alarms")
def a_composite_alarm_follows_its_parts(aws):
    watch = Watch(aws)
    for name, threshold in (("low", 1), ("high", 100)):
        watch.alarm(name, Threshold=threshold)
    watch.put("m", [5, 5, 5, 5, 5])
    for name, rule, state in (("and", "ALARM(low) AND ALARM(high)", "OK"), ("or", "ALARM(\"low\") OR (ALARM(high) AND NOT OK(low))", "ALARM")):
        watch.client.put_composite_alarm(AlarmName=name, AlarmRule=rule)
        found = watch.client.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        equal([(item["AlarmRule"], item["StateValue"]) for item in found], [(rule, state)])
    equal(watch.client.describe_alarms()["CompositeAlarms"], [])
    equal(len(watch.client.describe_alarms(AlarmTypes=["CompositeAlarm", "MetricAlarm"])["CompositeAlarms"]), 2)


@test(None)
def fill_of_nothing_can_be_played_both_ways(aws):
    equal(Evaluation({}, None, 60, [0, 60]).call("FILL", [{}, 0.0]), {0: 0.0, 60: 0.0})
    equal(Evaluation({}, None, 60, [0, 60], fill_empty=False).call("FILL", [{}, 0.0]), {})
    true(aws.control("GET", "settings")["fill_empty"], "the setting's default")
