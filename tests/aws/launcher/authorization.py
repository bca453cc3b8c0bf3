"""Signatures and permissions: a user with keys, and refusals in the form of the protocol."""

import hashlib
import json

from botocore.awsrequest import AWSRequest
from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import _RESTError
from moto.iam.access_control import IAMRequestBase
from moto.iam.models import iam_backends

from .protocol import Call, common_refusal
from .world import WORLD, replaces

USER = "tester"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NO_KEYS = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "none"}


def create_user(name=USER):
    """A user of the account who may do everything; its keys, the same after a reset as before it."""
    iam = iam_backends[WORLD.account]["aws"]
    if name in [user.name for user in iam.users.values()]:
        return WORLD.keys
    user = iam.create_user(WORLD.account, name, "/", tags=[])
    iam.put_user_policy(user.name, "permissions", json.dumps(EVERYTHING))
    key = iam.create_access_key(name)
    if WORLD.keys != NO_KEYS:
        key.access_key_id, key.secret_access_key = WORLD.keys["access_key_id"], WORLD.keys["secret_access_key"]
    return {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key}


def start():
    """Called at the start and after each reset."""
    if WORLD.options.get("check_signatures"):
        WORLD.keys = create_user()
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if WORLD.options.get("check_signatures") else float("inf")
    ActionAuthenticatorMixin.request_count = 0


WORLD.keys = NO_KEYS
WORLD.resetters.append(start)
WORLD.start_user = start

KINDS = {"SignatureDoesNotMatch": "bad-signature", "InvalidClientTokenId": "unknown-key", "AccessDenied": "denied", "AuthFailure": "bad-signature"}


class Refused(_RESTError):
    """Carries a finished answer through moto's handler of HTTP errors."""

    def __init__(self, code, kind, status, body):
        super().__init__(code, "")
        self.code, self.content_type, self.description = status, kind, body.decode()

    def get_headers(self, *_, **__):
        return [("Content-Type", self.content_type)]


def protocol_of(response):
    if response.headers.get("X-Amz-Target"):
        return "json"
    return "ec2" if response.service_name == "ec2" else "query"


def owner_of(access_key):
    for backend in iam_backends[WORLD.account].values():
        for user in backend.users.values():
            if any(key.access_key_id == access_key for key in user.access_keys):
                return user.arn
    return f"arn:aws:sts::{WORLD.account}:assumed-role/unknown/{access_key}"


@replaces(ActionAuthenticatorMixin, "_authenticate_and_authorize_normal_action", "refusals-in-protocol")
def authenticate(original, response, resource="*"):
    """Whoever is refused for a signature, a key or a permission is told in the service's protocol, JSON services with status 400;
    moto answers XML with a 403 to all."""
    call = Call(response.boto3_service_name, response._get_action(), protocol_of(response))
    checked = settings.INITIAL_NO_AUTH_ACTION_COUNT <= ActionAuthenticatorMixin.request_count
    if checked and "Credential=" not in response.headers.get("Authorization", ""):
        kind, user = "no-signature", ""
    else:
        try:
            return original(response, resource)
        except _RESTError as error:
            kind, user = KINDS.get(error.error_type, "denied"), owner_of(response.get_access_key())
    status, content_type, body = common_refusal(kind, call, user)
    response.response_headers["Content-Type"] = content_type
    raise Refused(kind, content_type, status, body)


@replaces(IAMRequestBase, "_create_aws_request", "signature-of-the-bytes")
def request_as_sent(original, asked):
    """A signature covers the request as it was sent, byte by byte. moto encodes a form anew before it checks, and takes the headers for
    the body of a request that has none."""
    environ, body = WORLD.request
    signed = asked._get_string_between("SignedHeaders=", ",", asked._headers["Authorization"]).split(";")
    request = AWSRequest(method=environ["REQUEST_METHOD"], url="http://" + environ["HTTP_HOST"] + environ["RAW_URI"], data=body,
                         headers=asked._create_headers_for_aws_request(signed, asked._headers))
    claimed = asked._headers.get("X-Amz-Content-SHA256")
    if claimed and claimed != hashlib.sha256(body).hexdigest():
        asked._raise_signature_does_not_match()
    request.context["timestamp"] = asked._headers["X-Amz-Date"]
    return request
