"""What moto refuses of what svc emits, and for each refusal a pair of resources: one that it takes, one that it refuses.

RAISES lists the places of moto's source where the operations that svc emits refuse; check_twins.py finds all of them by reading that
source, and each has its twins here or a reason in WITHOUT_TWIN.
"""

import copy
import json

# module below moto/ : the functions that the operations run through; None = all of them
OPERATIONS = {
    "ecs/models.py": ("register_task_definition", "_validate_container_defs", "create_service", "_validate_network"),
    "elbv2/models.py": (
        "create_rule", "_validate_conditions", "_validate_host_header_condition", "_validate_http_header_condition",
        "_validate_http_request_method_condition", "_validate_path_pattern_condition", "_validate_source_ip_condition",
        "_validate_query_string_condition", "_validate_actions", "_validate_port_and_protocol", "_validate_fixed_response_action",
        "create_target_group", "modify_target_group_attributes", "create_listener", "create_load_balancer",
        "modify_load_balancer_attributes", "add_tags"),
    "iam/models.py": ("create_role", "put_role_policy", "attach_role_policy", "_tag_verification", "_validate_tag_key",
                      "_check_tag_duplicate"),
    "iam/policy_validation.py": None,
    "ec2/models/security_groups.py": ("create_security_group", "authorize_security_group_ingress", "authorize_security_group_egress",
                                      "_add_source_group", "_verify_group_will_respect_rule_count_limit", "add_ingress_rule",
                                      "add_egress_rule"),
    "cloudwatch/models.py": ("put_metric_alarm", "put_dashboard"),
    "cloudwatch/responses.py": ("put_metric_alarm", "put_dashboard"),
    "logs/models.py": ("create_log_group", "put_retention_policy"),
    "logs/responses.py": ("create_log_group", "put_retention_policy"),
    "applicationautoscaling/models.py": ("register_scalable_target", "put_scaling_policy", "_ecs_service_exists_for_target",
                                         "_target_params_are_valid", "__init__"),
    "applicationautoscaling/responses.py": ("_validate_params", "register_scalable_target", "put_scaling_policy"),
}

LIVE = "refers to what the account has already: a document does not say"
GATEWAY = "gateway load balancers do not serve ECS, and svc does not judge them"
LAMBDA = "target groups of functions do not serve ECS, and svc does not judge them"
VALUES = "AWS takes several in Values since rules may have several, and templates that CDK writes have them there; moto counts as before"

# (module, function, exception, part of its message): why svc cannot refuse it
WITHOUT_TWIN = {
    ("ecs/models.py", "_validate_network", "InvalidParameterException", "Error retrieving subnet"): LIVE,
    ("ecs/models.py", "_validate_network", "InvalidParameterException", "Error retrieving security group"): LIVE,
    ("elbv2/models.py", "_validate_host_header_condition", "InvalidConditionValueError", "too many values"): VALUES,
    ("elbv2/models.py", "_validate_path_pattern_condition", "InvalidConditionValueError", "too many values"): VALUES,
    ("elbv2/models.py", "_validate_actions", "ActionTargetGroupNotFoundError", ""): LIVE,
    ("elbv2/models.py", "create_rule", "ListenerNotFoundError", ""): LIVE,
    ("elbv2/models.py", "create_target_group", "DuplicateTargetGroupName", ""): LIVE,
    ("elbv2/models.py", "create_target_group", "ValidationError", "The VPC ID"): LIVE,
    ("elbv2/models.py", "create_target_group", "ValidationError", "cannot be specified for target groups"): LAMBDA,
    ("elbv2/models.py", "modify_target_group_attributes", "TargetGroupNotFoundError", ""): LIVE,
    ("elbv2/models.py", "modify_target_group_attributes", "InvalidConfigurationRequest", "A target group with target type"): LAMBDA,
    ("elbv2/models.py", "modify_target_group_attributes", "ValidationError", "Target group attribute key"): GATEWAY,
    ("elbv2/models.py", "modify_target_group_attributes", "ValidationError", "must be one of [source_ip_dest_ip_proto"): GATEWAY,
    ("elbv2/models.py", "_validate_port_and_protocol", "ValidationError", "A port cannot be specified"): GATEWAY,
    ("elbv2/models.py", "_validate_port_and_protocol", "ValidationError", "A protocol cannot be specified"): GATEWAY,
    ("elbv2/models.py", "create_listener", "LoadBalancerNotFoundError", ""): LIVE,
    ("elbv2/models.py", "create_listener", "DuplicateListenerError", ""): "never happens: moto looks for the port among ARNs",
    ("elbv2/models.py", "create_load_balancer", "DuplicateLoadBalancerName", ""): LIVE,
    ("elbv2/models.py", "modify_load_balancer_attributes", "LoadBalancerNotFoundError", ""): LIVE,
    ("elbv2/models.py", "add_tags", "TooManyTagsError", ""): "counts 10 tags, where AWS allows 50; and with what the resource has already",
    ("iam/models.py", "create_role", "EntityAlreadyExists", ""): LIVE,
    ("iam/models.py", "attach_role_policy", "NotFoundException", ""): LIVE,
    ("iam/policy_validation.py", "validate", "MalformedPolicyDocument", "Policy document must be version"):
        "AWS also takes 2008-10-17, which moto refuses",
    ("iam/policy_validation.py", "validate", "MalformedPolicyDocument", "The policy failed legacy parsing"):
        "what it finds is what the form of the resource's ARN is refused for, which has a twin",
    ("ec2/models/security_groups.py", "create_security_group", "InvalidSecurityGroupDuplicateError", ""): LIVE,
    ("ec2/models/security_groups.py", "_add_source_group", "InvalidSecurityGroupNotFoundError", ""): LIVE,
    ("ec2/models/security_groups.py", "authorize_security_group_ingress", "InvalidSecurityGroupNotFoundError", ""): LIVE,
    ("ec2/models/security_groups.py", "authorize_security_group_egress", "InvalidSecurityGroupNotFoundError", ""): LIVE,
    ("ec2/models/security_groups.py", "add_ingress_rule", "InvalidPermissionDuplicateError", ""): "the same refusal is made before, and has a twin",
    ("ec2/models/security_groups.py", "add_egress_rule", "InvalidPermissionDuplicateError", ""): "the same refusal is made before, and has a twin",
    ("ec2/models/security_groups.py", "_verify_group_will_respect_rule_count_limit", "RulesPerSecurityGroupLimitExceededError", ""):
        "a quota, which AWS raises for an account that asks: svc warns",
    ("logs/models.py", "create_log_group", "ResourceAlreadyExistsException", ""): LIVE,
    ("logs/models.py", "put_retention_policy", "ResourceNotFoundException", ""): LIVE,
    ("applicationautoscaling/models.py", "_ecs_service_exists_for_target", "AWSValidationException", ""): LIVE,
    ("ecs/models.py", "create_service", "EcsClientException", "launch type should be one of"):
        "moto does not know EXTERNAL and MANAGED_INSTANCES; an unknown launch type has a twin",
}

ROLE_TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::reports/*"},
    {"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports"}]}

GOOD = {
    "TaskDefinition": {
        "family": "twin", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "containerDefinitions": [{"name": "app", "image": "public.ecr.aws/acme/app:1", "essential": True}]},
    "HostTaskDefinition": {
        "family": "twin", "networkMode": "bridge", "requiresCompatibilities": ["EC2"],
        "containerDefinitions": [{"name": "app", "image": "public.ecr.aws/acme/app:1", "essential": True, "memory": 256}]},
    "Service": {
        "cluster": "twins", "serviceName": "twin", "taskDefinition": "twin:1", "desiredCount": 1, "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["@subnet"], "securityGroups": ["@group"]}}},
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "Name": "twin-web", "Protocol": "HTTP", "Port": 8080, "VpcId": "@vpc", "TargetType": "ip", "HealthCheckProtocol": "HTTP",
        "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5, "Matcher": {"HttpCode": "200-299"},
        "TargetGroupAttributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "60"}]},
    "AWS::ElasticLoadBalancingV2::ListenerRule": {
        "ListenerArn": "@listener", "Priority": 10, "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}}],
        "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}]},
    "AWS::ElasticLoadBalancingV2::Listener": {
        "LoadBalancerArn": "@load-balancer", "Port": 8081, "Protocol": "HTTP",
        "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "Name": "twin", "Type": "application", "Scheme": "internal", "IpAddressType": "ipv4", "Subnets": ["@subnet", "@other-subnet"],
        "SecurityGroups": ["@group"], "LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "60"}]},
    "AWS::IAM::Role": {"RoleName": "twin-role", "AssumeRolePolicyDocument": ROLE_TRUST, "Tags": [{"Key": "team", "Value": "twins"}]},
    "AWS::IAM::Policy": {"PolicyName": "read", "Roles": ["twins"], "PolicyDocument": POLICY},
    "AWS::EC2::SecurityGroup": {
        "GroupName": "twin", "GroupDescription": "a twin", "VpcId": "@vpc",
        "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "10.0.0.0/8"}],
        "SecurityGroupEgress": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.1.0.0/16"}]},
    "AWS::CloudWatch::Alarm": {
        "AlarmName": "twin", "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "ExtendedStatistic": "p99", "Period": 60,
        "EvaluationPeriods": 3, "Threshold": 80, "ComparisonOperator": "GreaterThanThreshold", "EvaluateLowSampleCountPercentile": "ignore"},
    "AWS::CloudWatch::Dashboard": {"DashboardName": "twin", "DashboardBody": "{\"widgets\": []}"},
    "AWS::Logs::LogGroup": {"LogGroupName": "/twin", "RetentionInDays": 30},
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        "ServiceNamespace": "ecs", "ResourceId": "service/twins/standing", "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 1, "MaxCapacity": 4},
    "AWS::ApplicationAutoScaling::ScalingPolicy": {
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "ServiceNamespace": "ecs", "ResourceId": "service/twins/standing",
        "ScalableDimension": "ecs:service:DesiredCount", "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}},
}
GOOD["NetworkTargetGroup"] = {
    "Name": "twin-tcp", "Protocol": "TCP", "Port": 8080, "VpcId": "@vpc", "TargetType": "ip", "HealthCheckProtocol": "TCP",
    "TargetGroupAttributes": [{"Key": "stickiness.type", "Value": "source_ip"}]}
GONE = object()


def changed(value, changes):
    """A copy of `value` in which {path: new value} is set; path is a tuple of keys, GONE takes the member away."""
    result = copy.deepcopy(value)
    for path, new in changes.items():
        place = result
        for key in path[:-1]:
            place = place[key]
        if new is GONE:
            del place[path[-1]]
        else:
            place[path[-1]] = new
    return result


class Twin:
    """kind: a key of GOOD; changes: what makes it wrong; place: the raise in moto's source; said: part of what moto answers."""

    def __init__(self, name, kind, changes, place, said):
        self.name, self.kind, self.place, self.said = name, kind, place, said
        self.good, self.bad = GOOD[kind], changed(GOOD[kind], changes)

    @property
    def type(self):
        return "AWS::ElasticLoadBalancingV2::TargetGroup" if self.kind == "NetworkTargetGroup" else self.kind


def document(kind, properties):
    """What svc is given: the API's own form for ECS, else a template of one resource."""
    if not kind.startswith("AWS::"):
        return json.dumps(properties, indent=2) + "\n"
    return json.dumps({"Resources": {"Subject": {"Type": kind, "Properties": properties}}}, indent=2) + "\n"


def _rule(name, condition, function, said):
    return Twin(name, RULE, {("Conditions", 0): condition}, ("elbv2/models.py", function, "InvalidConditionValueError", said), said)


def _policy(name, changes, said, function="validate", kind="AWS::IAM::Policy"):
    member = "PolicyDocument" if kind == "AWS::IAM::Policy" else "AssumeRolePolicyDocument"
    return Twin(name, kind, {(member, *path): value for path, value in changes.items()},
                ("iam/policy_validation.py", function, "MalformedPolicyDocument", said), said)


def _attributes(name, kind, attributes, said, exception="InvalidConfigurationRequest"):
    return Twin(name, kind, {("TargetGroupAttributes",): [{"Key": key, "Value": value} for key, value in attributes.items()]},
                ("elbv2/models.py", "modify_target_group_attributes", exception, said), said)


TARGET = "AWS::ElasticLoadBalancingV2::TargetGroup"
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
GROUP = "AWS::EC2::SecurityGroup"
SYNTAX = "Syntax errors in policy."
LONG = "x" * 129
DIMENSION = "applicationautoscaling/models.py"

TWINS = [
    Twin("container-without-name", "TaskDefinition", {("containerDefinitions", 0, "name"): GONE},
         ("ecs/models.py", "_validate_container_defs", "TaskDefinitionMissingPropertyError", ""), "name"),
    Twin("container-without-image", "TaskDefinition", {("containerDefinitions", 0, "image"): GONE},
         ("ecs/models.py", "_validate_container_defs", "TaskDefinitionMissingPropertyError", ""), "image"),
    Twin("container-without-memory", "HostTaskDefinition", {("containerDefinitions", 0, "memory"): GONE},
         ("ecs/models.py", "_validate_container_defs", "TaskDefinitionMemoryError", ""), "memory"),
    Twin("pid-mode-host-on-fargate", "TaskDefinition", {("pidMode",): "host"},
         ("ecs/models.py", "register_task_definition", "EcsClientException", "Tasks using the Fargate"), "pidMode"),
    Twin("service-without-subnets", "Service", {("networkConfiguration", "awsvpcConfiguration", "subnets"): []},
         ("ecs/models.py", "_validate_network", "InvalidParameterException", "subnets can not be empty"), "subnets can not be empty"),
    Twin("service-launch-type", "Service", {("launchType",): "SPOT"},
         ("ecs/models.py", "create_service", "EcsClientException", "launch type"), "launch type"),

    Twin("condition-field", RULE, {("Conditions", 0): {"Field": "path", "Values": ["/api/*"]}},
         ("elbv2/models.py", "_validate_conditions", "InvalidConditionFieldError", ""), "must be one of"),
    _rule("condition-values-of-other-field", {"Field": "source-ip", "Values": ["10.0.0.0/8"]}, "_validate_conditions", "is not compatible with"),
    _rule("host-none", {"Field": "host-header", "HostHeaderConfig": {"Values": []}}, "_validate_host_header_condition",
          "A condition value must be specified"),
    _rule("host-too-long", {"Field": "host-header", "HostHeaderConfig": {"Values": [LONG]}}, "_validate_host_header_condition", "value is too long"),
    _rule("header-name-too-long", {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x" * 41, "Values": ["a"]}},
          "_validate_http_header_condition", "'HttpHeaderName' value is too long"),
    _rule("header-value-too-long", {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x-a", "Values": [LONG]}},
          "_validate_http_header_condition", "'http-header' value is too long"),
    _rule("header-without-config", {"Field": "http-header"}, "_validate_http_header_condition", "A 'HttpHeaderConfig' must be specified"),
    _rule("method-too-long", {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["G" * 41]}},
          "_validate_http_request_method_condition", "'http-request-method' value is too long"),
    _rule("method-in-lower-case", {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["get"]}},
          "_validate_http_request_method_condition", "'http-request-method' value is invalid"),
    _rule("method-without-config", {"Field": "http-request-method"}, "_validate_http_request_method_condition", "must be specified"),
    _rule("path-none", {"Field": "path-pattern", "PathPatternConfig": {"Values": []}}, "_validate_path_pattern_condition",
          "A condition value must be specified"),
    _rule("path-twice", {"Field": "path-pattern", "Values": ["/a"], "PathPatternConfig": {"Values": ["/b"]}},
          "_validate_path_pattern_condition", "You cannot provide both"),
    _rule("path-too-long", {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/" + LONG]}}, "_validate_path_pattern_condition",
          "value is too long"),
    _rule("source-without-values", {"Field": "source-ip", "SourceIpConfig": {"Values": []}}, "_validate_source_ip_condition",
          "A 'source-ip' value must be specified"),
    _rule("source-without-config", {"Field": "source-ip"}, "_validate_source_ip_condition", "A 'SourceIpConfig' must be specified"),
    _rule("query-without-value", {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a"}]}},
          "_validate_query_string_condition", "A 'Value' must be specified"),
    _rule("query-key-too-long", {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": LONG, "Value": "a"}]}},
          "_validate_query_string_condition", "'Key' value is too long"),
    _rule("query-value-too-long", {"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": LONG}]}},
          "_validate_query_string_condition", "'Value' value is too long"),
    _rule("query-without-config", {"Field": "query-string"}, "_validate_query_string_condition", "A 'QueryStringConfig' must be specified"),
    Twin("action-type", RULE, {("Actions", 0, "Type"): "forwards"},
         ("elbv2/models.py", "_validate_actions", "InvalidActionTypeError", ""), "actions.1.member.type"),
    Twin("fixed-response-without-status", RULE, {("Actions", 0, "FixedResponseConfig", "StatusCode"): GONE},
         ("elbv2/models.py", "_validate_fixed_response_action", "ParamValidationError", "Missing required parameter"), "StatusCode"),
    Twin("fixed-response-status", RULE, {("Actions", 0, "FixedResponseConfig", "StatusCode"): "301"},
         ("elbv2/models.py", "_validate_fixed_response_action", "InvalidStatusCodeActionTypeError", ""), "statusCode"),
    Twin("fixed-response-content-type", RULE, {("Actions", 0, "FixedResponseConfig", "ContentType"): "text/markdown"},
         ("elbv2/models.py", "_validate_fixed_response_action", "InvalidLoadBalancerActionException", ""), "ContentType"),
    Twin("priority-in-use", RULE, {}, ("elbv2/models.py", "create_rule", "PriorityInUseError", ""), "priority is in use"),

    Twin("listener-without-port", LISTENER, {("Port",): GONE},
         ("elbv2/models.py", "_validate_port_and_protocol", "ValidationError", "A listener port must be"), "A listener port must be specified"),
    Twin("listener-without-protocol", LISTENER, {("Protocol",): GONE},
         ("elbv2/models.py", "_validate_port_and_protocol", "ValidationError", "A listener protocol"), "A listener protocol must be specified"),
    Twin("listener-protocol", LISTENER, {("Protocol",): "HTTP2"},
         ("elbv2/models.py", "_validate_port_and_protocol", "InvalidProtocolValue", ""), "protocol"),
    Twin("listener-protocol-of-network", LISTENER, {("Protocol",): "TCP"},
         ("elbv2/models.py", "_validate_port_and_protocol", "InvalidProtocol", ""), "must be one of"),

    Twin("target-name-too-long", TARGET, {("Name",): "a" * 33},
         ("elbv2/models.py", "create_target_group", "InvalidTargetGroupNameError", "Target group name"), "cannot be longer than"),
    Twin("target-name-characters", TARGET, {("Name",): "twin_web"},
         ("elbv2/models.py", "create_target_group", "InvalidTargetGroupNameError", "Target group name"), "can only contain"),
    Twin("target-name-hyphen-at-end", TARGET, {("Name",): "twin-"},
         ("elbv2/models.py", "create_target_group", "InvalidTargetGroupNameError", "1 validation error"), "targetGroupName"),
    Twin("target-health-protocol", TARGET, {("HealthCheckProtocol",): "GRPC"},
         ("elbv2/models.py", "create_target_group", "InvalidConditionValueError", "Value"), "healthCheckProtocol"),
    Twin("target-protocol", TARGET, {("Protocol",): "SCTP"},
         ("elbv2/models.py", "create_target_group", "InvalidConditionValueError", "Value"), "protocol"),
    Twin("target-matcher", TARGET, {("Matcher", "HttpCode"): "ok"},
         ("elbv2/models.py", "create_target_group", "RESTError", "HttpCode must be like"), "HttpCode"),
    Twin("target-without-port", TARGET, {("Port",): GONE},
         ("elbv2/models.py", "create_target_group", "ValidationError", "must be specified"), "port must be specified"),
    Twin("target-without-vpc", TARGET, {("VpcId",): GONE},
         ("elbv2/models.py", "create_target_group", "ValidationError", "must be specified"), "VPC ID must be specified"),
    Twin("target-timeout-over-interval", TARGET, {("HealthCheckTimeoutSeconds",): 40},
         ("elbv2/models.py", "create_target_group", "ValidationError", ""), "must be smaller than the interval"),
    Twin("target-timeout-is-interval", TARGET, {("HealthCheckTimeoutSeconds",): 30},
         ("elbv2/models.py", "create_target_group", "ValidationError", "Health check timeout"), "must be smaller than the interval"),
    _attributes("target-delay", TARGET, {"deregistration_delay.timeout_seconds": "4000"}, "deregistration_delay.timeout_seconds", "ValidationError"),
    _attributes("target-source-ip-on-http", TARGET, {"stickiness.type": "source_ip"}, "Stickiness type 'source_ip' is not supported"),
    _attributes("target-cookie-on-tcp", "NetworkTargetGroup", {"stickiness.type": "lb_cookie"}, "Stickiness type 'lb_cookie' is not supported"),
    _attributes("target-app-cookie-without-name", TARGET, {"stickiness.type": "app_cookie"}, "You must set an application cookie name"),
    _attributes("target-app-cookie-on-tcp", "NetworkTargetGroup",
                {"stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "s"}, "Stickiness type 'app_cookie' is not supported"),
    _attributes("target-stickiness-of-gateway", TARGET, {"stickiness.type": "source_ip_dest_ip"},
                "'Stickiness type' must be one of", "ValidationError"),
    Twin("target-sticky-tls", "NetworkTargetGroup",
         {("Protocol",): "TLS", ("TargetGroupAttributes",): GOOD["NetworkTargetGroup"]["TargetGroupAttributes"]
          + [{"Key": "stickiness.enabled", "Value": "true"}]},
         ("elbv2/models.py", "modify_target_group_attributes", "InvalidConfigurationRequest", "You cannot enable stickiness"),
         "You cannot enable stickiness"),

    Twin("balancer-without-subnets", BALANCER, {("Subnets",): []},
         ("elbv2/models.py", "create_load_balancer", "SubnetNotFoundError", ""), "subnet does not exist"),
    Twin("balancer-address-type", BALANCER, {("IpAddressType",): "ipv6"},
         ("elbv2/models.py", "create_load_balancer", "RESTError", "1 validation error"), "ipAddressType"),
    Twin("balancer-attribute", BALANCER, {("LoadBalancerAttributes", 0, "Key"): "idle.timeout"},
         ("elbv2/models.py", "modify_load_balancer_attributes", "RESTError", "Key"), "not valid"),

    Twin("role-boundary", "AWS::IAM::Role", {("PermissionsBoundary",): "boundary"},
         ("iam/models.py", "create_role", "RESTError", "Value ("), "PermissionsBoundary"),
    Twin("role-tag-value-too-long", "AWS::IAM::Role", {("Tags", 0, "Value"): "x" * 257},
         ("iam/models.py", "_tag_verification", "TagValueTooBig", ""), "less than or equal to 256"),
    Twin("role-too-many-tags", "AWS::IAM::Role", {("Tags",): [{"Key": f"k{number}", "Value": ""} for number in range(51)]},
         ("iam/models.py", "_tag_verification", "TooManyTags", ""), "50"),
    Twin("role-tag-key-too-long", "AWS::IAM::Role", {("Tags", 0, "Key"): LONG},
         ("iam/models.py", "_validate_tag_key", "TagKeyTooBig", ""), "less than or equal to 128"),
    Twin("role-tag-key-characters", "AWS::IAM::Role", {("Tags", 0, "Key"): "team!"},
         ("iam/models.py", "_validate_tag_key", "InvalidTagCharacters", ""), "regular expression"),
    Twin("role-tag-twice", "AWS::IAM::Role", {("Tags",): [{"Key": "team", "Value": "a"}, {"Key": "team", "Value": "b"}]},
         ("iam/models.py", "_check_tag_duplicate", "DuplicateTags", ""), "Duplicate tag keys"),

    _policy("policy-unknown-element", {("Statements",): []}, SYNTAX),
    _policy("policy-unknown-statement-element", {("Statement", 0, "Actions"): "s3:*"}, SYNTAX),
    _policy("policy-version", {("Version",): "2012-10-18"}, SYNTAX),
    _policy("policy-without-statement", {("Statement",): GONE}, SYNTAX),
    _policy("policy-resource-and-not-resource", {("Statement", 0, "NotResource"): "*"}, SYNTAX),
    _policy("policy-action-and-not-action", {("Statement", 0, "NotAction"): "s3:*"}, SYNTAX),
    _policy("policy-without-effect", {("Statement", 0, "Effect"): GONE}, SYNTAX),
    _policy("policy-effect", {("Statement", 0, "Effect"): "Permit"}, SYNTAX),
    _policy("policy-condition-operator", {("Statement", 0, "Condition"): {"StringIs": {"aws:RequestTag/a": "b"}}}, SYNTAX),
    _policy("policy-condition-list", {("Statement", 0, "Condition"): []}, SYNTAX),
    # A Sid that is a number is refused too, but not of a template: CloudFormation hands it on as a text.
    _policy("policy-action-number", {("Statement", 0, "Action"): 7}, SYNTAX),
    _policy("policy-sid-twice", {("Statement", 1, "Sid"): "Read"}, "Statement IDs (SID)"),
    _policy("policy-without-action", {("Statement", 0, "Action"): GONE}, "Policy statement must contain actions."),
    _policy("policy-without-resource", {("Statement", 0, "Resource"): GONE}, "Policy statement must contain resources."),
    Twin("policy-resource-no-arn", "AWS::IAM::Policy", {("PolicyDocument", "Statement", 0, "Resource"): "reports"},
         ("iam/policy_validation.py", "validate", "MalformedPolicyDocument", ""), "must be in ARN format"),
    Twin("policy-resource-partition", "AWS::IAM::Policy", {("PolicyDocument", "Statement", 0, "Resource"): "arn:amazon:s3:::reports/*"},
         ("iam/policy_validation.py", "validate", "MalformedPolicyDocument", ""), "Partition"),
    Twin("policy-resource-with-region", "AWS::IAM::Policy",
         {("PolicyDocument", "Statement", 0, "Resource"): "arn:aws:s3:eu-west-1:123456789012:reports/*"},
         ("iam/policy_validation.py", "validate", "MalformedPolicyDocument", ""), "can not contain region information"),
    _policy("policy-action-without-vendor", {("Statement", 0, "Action"): "GetObject"}, "Actions/Conditions must be prefaced",
            "_validate_action_prefix"),
    _policy("policy-action-two-colons", {("Statement", 0, "Action"): "s3:Get:Object"}, "Actions/Condition can contain only one colon",
            "_validate_action_prefix"),
    _policy("policy-action-vendor", {("Statement", 0, "Action"): "s_3:GetObject"}, "Vendor", "_validate_action_prefix"),
    _policy("trust-with-resource", {("Statement", 0, "Resource"): "*"}, "Has prohibited field Resource", kind="AWS::IAM::Role"),
    _policy("trust-action", {("Statement", 0, "Action"): "s3:GetObject"}, "Trust Policy statement actions", kind="AWS::IAM::Role"),

    Twin("group-without-description", GROUP, {("GroupDescription",): ""},
         ("ec2/models/security_groups.py", "create_security_group", "MissingParameterError", ""), "GroupDescription"),
    Twin("group-ingress-cidr", GROUP, {("SecurityGroupIngress", 0, "CidrIp"): "10.0.0.0/33"},
         ("ec2/models/security_groups.py", "authorize_security_group_ingress", "InvalidCIDRSubnetError", ""), "invalid CIDR subnet"),
    Twin("group-egress-cidr", GROUP, {("SecurityGroupEgress", 0, "CidrIp"): "10.256.0.0/16"},
         ("ec2/models/security_groups.py", "authorize_security_group_egress", "InvalidCIDRSubnetError", ""), "invalid CIDR subnet"),
    Twin("group-ingress-twice", GROUP, {("SecurityGroupIngress",): GOOD[GROUP]["SecurityGroupIngress"] * 2},
         ("ec2/models/security_groups.py", "authorize_security_group_ingress", "InvalidPermissionDuplicateError", ""), "already exists"),
    Twin("group-egress-twice", GROUP, {("SecurityGroupEgress",): GOOD[GROUP]["SecurityGroupEgress"] * 2},
         ("ec2/models/security_groups.py", "authorize_security_group_egress", "InvalidPermissionDuplicateError", ""), "already exists"),

    Twin("alarm-extended-statistic", "AWS::CloudWatch::Alarm", {("ExtendedStatistic",): "99"},
         ("cloudwatch/models.py", "put_metric_alarm", "InvalidParameterValue", "The value"), "ExtendedStatistic"),
    Twin("alarm-low-samples", "AWS::CloudWatch::Alarm", {("EvaluateLowSampleCountPercentile",): "skip"},
         ("cloudwatch/models.py", "put_metric_alarm", "ValidationError", "Option"), "Option skip"),
    Twin("dashboard-body", "AWS::CloudWatch::Dashboard", {("DashboardBody",): "{widgets: []}"},
         ("cloudwatch/responses.py", "put_dashboard", "DashboardInvalidInputError", "Body is invalid JSON"), "Body is invalid JSON"),
    Twin("log-group-name-too-long", "AWS::Logs::LogGroup", {("LogGroupName",): "/" + "x" * 512},
         ("logs/models.py", "create_log_group", "InvalidParameterException", "Member must have length"), "length less than or equal to 512"),
    Twin("scaling-dimension", "AWS::ApplicationAutoScaling::ScalableTarget", {("ScalableDimension",): "ecs:service:Count"},
         ("applicationautoscaling/responses.py", "_validate_params", "AWSValidationException", ""), "scalableDimension"),
    Twin("scaling-namespace", "AWS::ApplicationAutoScaling::ScalableTarget", {("ServiceNamespace",): "fargate"},
         ("applicationautoscaling/responses.py", "_validate_params", "AWSValidationException", ""), "serviceNamespace"),
    Twin("scaling-dimension-of-other-namespace", "AWS::ApplicationAutoScaling::ScalableTarget",
         {("ScalableDimension",): "dynamodb:table:ReadCapacityUnits"},
         (DIMENSION, "_target_params_are_valid", "AWSValidationException", "Unsupported service namespace"), "Unsupported service namespace"),
    Twin("scaling-policy-type", "AWS::ApplicationAutoScaling::ScalingPolicy", {("PolicyType",): "TargetTracking"},
         (DIMENSION, "__init__", "AWSValidationException", "1 validation error"), "policyType"),
]
# Wrong only beside another resource of the template, which is the same one once more.
BESIDE_ITSELF = {"priority-in-use"}
