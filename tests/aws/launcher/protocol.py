"""Which call a request is, and how a refusal looks in its protocol."""

import functools
import json
import re
import uuid
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import botocore.session

# Signing name -> the service's name in botocore's models, where they differ.
MODELS = {"elasticloadbalancing": "elbv2", "monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi"}
SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
CBOR_PATH = re.compile(r"^/service/[^/]+/operation/(\w+)$")


class Call:
    def __init__(self, service, operation, protocol, region="", access_key="", parameters=None):
        self.service, self.operation, self.protocol, self.region, self.access_key = service, operation, protocol, region, access_key
        self.parameters = parameters or {}


@functools.lru_cache(maxsize=None)
def rest_operations(service):
    """(method, pattern of the path, operation) of a REST service, the longest paths first."""
    model = botocore.session.get_session().get_service_model(service)
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = re.sub(r"\\{(\w+)\\\+\\}", r".+", re.escape(http["requestUri"].split("?")[0]))
        found.append((http["method"], re.compile(re.sub(r"\\{[^}]+\\}", r"[^/]+", path) + "$"), name))
    return sorted(found, key=lambda item: -len(item[1].pattern))


def identify(environ, body):
    """The Call that a WSGI request makes; "" for what cannot be told."""
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    access_key, region, signing_name = scope.groups() if scope else ("", "", "")
    service = MODELS.get(signing_name, signing_name)
    target, path = environ.get("HTTP_X_AMZ_TARGET", ""), environ.get("PATH_INFO", "")
    if target:
        try:
            parameters = json.loads(body or b"{}")
        except ValueError:
            parameters = {}
        return Call(service, target.split(".")[-1], "json", region, access_key, parameters)
    cbor = CBOR_PATH.match(path)
    if cbor:
        return Call(service, cbor[1], "cbor", region, access_key)
    form = parse_qs(body.decode("utf-8", "replace")) if "form-urlencoded" in environ.get("CONTENT_TYPE", "") else {}
    form = form or parse_qs(environ.get("QUERY_STRING", ""))
    if "Action" in form:
        return Call(service, form["Action"][0], "ec2" if service == "ec2" else "query", region, access_key,
                    {key: values[0] for key, values in form.items()})
    if service:
        try:
            for method, pattern, name in rest_operations(service):
                if method == environ["REQUEST_METHOD"] and pattern.match(path):
                    return Call(service, name, "rest", region, access_key)
        except Exception:  # a service that botocore does not know has no name here
            pass
    return Call(service, "", "rest", region, access_key)


def refusal(call, code, message, status):
    """(status, content type, body) of an error in the call's protocol."""
    request = str(uuid.uuid4())
    if call.protocol == "ec2":
        body = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message>'
                f"</Error></Errors><RequestID>{request}</RequestID></Response>")
        return status, "text/xml", body.encode()
    if call.protocol == "query":
        kind = "Sender" if status < 500 else "Receiver"
        body = (f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
                f"<RequestId>{request}</RequestId></ErrorResponse>")
        return status, "text/xml", body.encode()
    return status, "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message}).encode()


# What every service refuses, by protocol: (code, status). `json` is the default.
COMMON = {
    "throttle": ("Rate exceeded", {"json": ("ThrottlingException", 400), "query": ("Throttling", 400), "ec2": ("RequestLimitExceeded", 503)}),
    "expired": ("The security token included in the request is expired",
                {"json": ("ExpiredTokenException", 400), "query": ("ExpiredToken", 403), "ec2": ("RequestExpired", 400)}),
    "unknown-key": ("The security token included in the request is invalid.",
                    {"json": ("UnrecognizedClientException", 400), "query": ("InvalidClientTokenId", 403), "ec2": ("AuthFailure", 401)}),
    "bad-signature": ("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
                      "signing method. Consult the service documentation for details.",
                      {"json": ("InvalidSignatureException", 400), "query": ("SignatureDoesNotMatch", 403), "ec2": ("AuthFailure", 401)}),
    "no-signature": ("Request is missing Authentication Token",
                     {"json": ("MissingAuthenticationTokenException", 400), "query": ("MissingAuthenticationToken", 403),
                      "ec2": ("AuthFailure", 401)}),
    "denied": ("User: {user} is not authorized to perform: {action} on resource: * because no identity-based policy allows the {action} action",
               {"json": ("AccessDeniedException", 400), "query": ("AccessDenied", 403), "ec2": ("UnauthorizedOperation", 403)}),
    "error500": ("The service failed to process the request.",
                 {"json": ("InternalFailure", 500), "query": ("InternalFailure", 500), "ec2": ("InternalError", 500)}),
    "error503": ("The service is unavailable. Please try again shortly.",
                 {"json": ("ServiceUnavailable", 503), "query": ("ServiceUnavailable", 503), "ec2": ("Unavailable", 503)}),
}
# Service -> the prefix of its actions in policies, where they differ.
ACTION_PREFIXES = {"elbv2": "elasticloadbalancing", "resourcegroupstaggingapi": "tag"}


def common_refusal(kind, call, user="arn:aws:iam::123456789012:user/tester"):
    message, by_protocol = COMMON[kind]
    code, status = by_protocol.get(call.protocol, by_protocol["json"])
    action = f"{ACTION_PREFIXES.get(call.service, call.service)}:{call.operation}"
    return refusal(call, code, message.format(user=user, action=action), status)
