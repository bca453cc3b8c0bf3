"""CloudWatch's alarms: evaluated from the data whenever somebody looks, as of that moment."""

import operator
import re

from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import EmptyResult

from .metric_math import Wrong, is_series
from .metrics import evaluation
from .world import WORLD, describes, replaces

describes("alarm-states", """An alarm begins as INSUFFICIENT_DATA and is then evaluated: the last N complete periods, of which M must breach;
    points that are missing are treated as it says (missing, ignore, breaching, notBreaching), after older ones within the evaluation range were
    tried. moto's are OK for ever.""")

COMPARISONS = {"GreaterThanThreshold": operator.gt, "GreaterThanOrEqualToThreshold": operator.ge, "LessThanThreshold": operator.lt,
               "LessThanOrEqualToThreshold": operator.le}
EXTRA_PERIODS = 2  # how many older points the evaluation range has beside N


def query_of(item):
    """A query of an alarm's Metrics as GetMetricData has it."""
    query = {"Id": item.id}
    if item.metric_stat:
        metric = item.metric_stat.metric
        query["MetricStat"] = {"Stat": item.metric_stat.stat, "Period": int(item.metric_stat.period), "Metric": {
            "Namespace": metric.namespace, "MetricName": metric.metric_name,
            "Dimensions": [{"Name": one.name, "Value": one.value} for one in metric.dimensions]}}
        if item.metric_stat.unit:
            query["MetricStat"]["Unit"] = item.metric_stat.unit
    else:
        query["Expression"] = item.expression
        if item.period:
            query["Period"] = int(item.period)
    return query


def queries_of(alarm):
    """(the queries, the id of the one that is compared)."""
    if alarm.metric_data_queries:
        returned = [item.id for item in alarm.metric_data_queries if str(item.return_data).lower() != "false"]
        return [query_of(item) for item in alarm.metric_data_queries], (returned or [alarm.metric_data_queries[0].id])[0]
    stat = {"Stat": alarm.statistic or alarm.extended_statistic, "Period": int(alarm.period), "Metric": {
        "Namespace": alarm.namespace, "MetricName": alarm.metric_name,
        "Dimensions": [{"Name": one.name, "Value": one.value} for one in alarm.dimensions]}}
    if alarm.unit:
        stat["Unit"] = alarm.unit
    return [{"Id": "m", "MetricStat": stat}], "m"


def judge(points, breaches, least, missing, state):
    """An alarm's next state. points: the range's values from old to new, None for what is missing, the last `len(points) - EXTRA_PERIODS`
    being the periods that count; breaches(value); least: how many must breach."""
    count = len(points) - EXTRA_PERIODS
    recent = points[EXTRA_PERIODS:]
    if None in recent:
        existing = [value for value in points if value is not None]
        recent = existing[-count:] if len(existing) >= count else existing + [None] * (count - len(existing))
    real = [breaches(value) for value in recent if value is not None]
    gaps = len(recent) - len(real)
    bad = sum(real)
    if missing == "breaching":
        return "ALARM" if bad + gaps >= least else "OK"
    if missing == "notBreaching":
        return "ALARM" if bad >= least else "OK"
    if bad >= least:
        return "ALARM"
    if not real:
        return "INSUFFICIENT_DATA" if missing != "ignore" else state
    if gaps and bad == len(real):
        return "ALARM" if missing != "ignore" else state
    return "OK"


def evaluate_metric(backend, alarm, now):
    if not alarm.metric_data_queries and not alarm.metric_name:
        return  # a scaling policy's, over metrics of its own that are not kept
    queries, compared = queries_of(alarm)
    try:
        period = max(int(query.get("Period") or query.get("MetricStat", {}).get("Period") or 0) for query in queries) or 60
        wanted = int(alarm.evaluation_periods)
        end = now // period * period
        start = end - (wanted + EXTRA_PERIODS) * period
        value = evaluation(backend, queries, start, end, now).value(compared)
    except (Wrong, TypeError):
        return
    times = [start + number * period for number in range(wanted + EXTRA_PERIODS)]
    points = [value.get(time) if is_series(value) else value for time in times] if not isinstance(value, list) else [None] * len(times)
    compare = COMPARISONS.get(alarm.comparison_operator)
    if not compare:
        return
    threshold = float(alarm.threshold)
    state = judge(points, lambda number: compare(number, threshold), int(alarm.datapoints_to_alarm or wanted),
                  alarm.treat_missing_data or "missing", alarm.state_value)
    shown = [value for value in points[-wanted:] if value is not None]
    move(alarm, state, f"Threshold Crossed: {len(shown)} datapoints {shown} were compared with the threshold ({threshold}).")


def move(alarm, state, reason):
    if state != alarm.state_value:
        alarm.update_state(reason, "{}", state)
        alarm.state_updated_timestamp = WORLD.stamp()
        alarm.state_transitioned_timestamp = WORLD.stamp()


RULE_TOKEN = re.compile(r"\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(\"[^\"]*\"|'[^']*'|[^)\s]+)\s*\)|(AND|OR|NOT|TRUE|FALSE)\b|([()]))")


def rule_holds(backend, rule):
    """Whether a composite alarm's rule is true now."""
    parts, place, rule = [], 0, rule.strip()
    while place < len(rule):
        found = RULE_TOKEN.match(rule, place)
        if not found:
            raise Wrong(f"cannot read {rule[place:]!r}")
        state, name, word, bracket = found.groups()
        if state:
            name = name.strip("\"'")
            alarm = backend.alarms.get(name.split(":alarm:")[-1])
            parts.append(str(bool(alarm and alarm.state_value == state)))
        else:
            parts.append(bracket or {"TRUE": "True", "FALSE": "False"}.get(word, word.lower()))
        place = found.end()
    return bool(eval(" ".join(parts), {"__builtins__": {}}))  # only True, False, and, or, not and brackets can be in it


def evaluate_all(backend):
    """Brings every alarm's state up to the agenda's moment."""
    if not WORLD.on("alarm-states"):
        return
    now = WORLD.clock.date(WORLD.agenda.now)
    for alarm in backend.alarms.values():
        if alarm.rule is None and WORLD.agenda.now >= alarm.__dict__.get("launcher_held_until", 0):
            evaluate_metric(backend, alarm, now)
    for alarm in backend.alarms.values():
        if alarm.rule is not None and WORLD.agenda.now >= alarm.__dict__.get("launcher_held_until", 0):
            move(alarm, "ALARM" if rule_holds(backend, alarm.rule) else "OK", "the rule was evaluated")


def state_of(account, region, name):
    """The state of an alarm; None when there is none of the name."""
    backend = cloudwatch_backends[account][region]
    evaluate_all(backend)
    alarm = backend.alarms.get(name)
    return alarm.state_value if alarm else None


@replaces(CloudWatchResponse, "describe_alarms", "alarm-states")
def describe_alarms(original, response):
    evaluate_all(response.cloudwatch_backend)
    return original(response)


@replaces(CloudWatchBackend, "put_metric_alarm", "alarm-states")
def put_metric_alarm(original, backend, *arguments, **named):
    name = named.get("name", arguments[0] if arguments else None)
    before = backend.alarms.get(name)
    alarm = original(backend, *arguments, **named)
    alarm.state_value, alarm.state_updated_timestamp = "INSUFFICIENT_DATA", WORLD.stamp()
    if before:  # a put on an alarm that exists overwrites all of it but its state
        alarm.state_value, alarm.state_reason, alarm.state_updated_timestamp = before.state_value, before.state_reason, before.state_updated_timestamp
    alarm.configuration_updated_timestamp = WORLD.stamp()
    return alarm


@replaces(CloudWatchBackend, "set_alarm_state", "alarm-states")
def set_alarm_state(original, backend, alarm_name, reason, reason_data, state_value):
    original(backend, alarm_name, reason, reason_data, state_value)
    backend.alarms[alarm_name].launcher_held_until = WORLD.agenda.now + WORLD.settings["set_state_seconds"]


@replaces(CloudWatchResponse, "put_composite_alarm", "composite-alarms")
def put_composite_alarm(original, response):
    """PutCompositeAlarm makes an alarm of a rule over other alarms' states: ALARM(), OK(), INSUFFICIENT_DATA(), AND, OR, NOT; DescribeAlarms gives
    it when composite ones are asked for. moto answers 500."""
    given = response._get_params()
    response.cloudwatch_backend.put_metric_alarm(
        name=given["AlarmName"], namespace=None, metric_name=None, comparison_operator=None, evaluation_periods=None, period=None, threshold=None,
        statistic=None, description=given.get("AlarmDescription"), dimensions=[], alarm_actions=given.get("AlarmActions", []),
        ok_actions=given.get("OKActions"), insufficient_data_actions=given.get("InsufficientDataActions"), rule=given["AlarmRule"],
        actions_enabled=given.get("ActionsEnabled", True), tags=given.get("Tags"))
    return EmptyResult()


@replaces(CloudWatchResponse, "describe_alarms", "composite-alarms")
def describe_by_type(original, response):
    wanted = response._get_param("AlarmTypes") or ["MetricAlarm"]
    answer = original(response)
    for member, kind in (("MetricAlarms", "MetricAlarm"), ("CompositeAlarms", "CompositeAlarm")):
        if kind not in wanted and not response._get_param("AlarmNames"):
            answer.result[member] = []
    for alarm in answer.result["CompositeAlarms"]:
        alarm.alarm_rule = alarm.rule
    return answer
