"""A local server that plays STS, IAM Identity Center, the container's endpoint and the instance's metadata service.

What it gives follows from what it is asked with: two clients that get the same keys have sent the same.
"""

import hashlib
import http.server
import json
import threading
import time
import urllib.parse

LIFETIME = 3600
FAULTS = {  # of roles: (status, code, message)
    "denied": (403, "AccessDenied", "User: arn:aws:iam::123456789012:user/a is not authorized to perform: sts:AssumeRole"),
    "leaky": (400, "ValidationError", "this repeats {secret}"),
    "expired": (403, "ExpiredToken", "The security token included in the request is expired"),
}
ANSWER = """<{0}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{0}Result><Credentials>
<AccessKeyId>{1}</AccessKeyId><SecretAccessKey>{2}</SecretAccessKey><SessionToken>{3}</SessionToken><Expiration>{4}</Expiration>
</Credentials><AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser></{0}Result>
<ResponseMetadata><RequestId>1-2-3</RequestId></ResponseMetadata></{0}Response>"""
FAULT = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>
<RequestId>1-2-3</RequestId></ErrorResponse>"""


def keys_for(*asked):
    """(access key, secret, token) that follow from what was asked."""
    digest = hashlib.sha256(repr(asked).encode()).hexdigest()
    return "ASIA" + digest[:16].upper(), "SECRET" + digest[16:40], "SECRETTOKEN" + digest[40:]


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def ecs_answer(*asked):
    access, secret, token = keys_for(*asked)
    return {"AccessKeyId": access, "SecretAccessKey": secret, "Token": token, "Expiration": moment(time.time() + LIFETIME)}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        raw = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def read_body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def count(self, name):
        with self.server.lock:
            self.server.counts[name] = self.server.counts.get(name, 0) + 1
            return self.server.counts[name]

    # --- STS and OIDC ---

    def do_POST(self):
        body = self.read_body()
        if self.path == "/token":
            return self.answer_token(json.loads(body))
        form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        status, text = self.assume(form)
        return self.answer(status, text, "text/xml")

    def assume(self, form):
        action, role = form["Action"], form["RoleArn"].rsplit("/", 1)[-1]
        number = self.count(role)
        if role in FAULTS:
            status, code, message = FAULTS[role]
            secret = form.get("TokenCode") or form.get("WebIdentityToken") or ""
            return status, FAULT.format(code, message.format(secret=secret))
        if role == "flaky" and number > 1:
            return FAULTS["denied"][0], FAULT.format(*FAULTS["denied"][1:])
        if role == "shaky" and number == 1:
            return 500, FAULT.format("InternalFailure", "")
        authorization = self.headers.get("Authorization", "")
        signer = authorization.partition("Credential=")[2].partition("/")[0]
        scope = authorization.partition("Credential=")[2].partition(",")[0].split("/")[2:]
        signed_at = self.headers.get("X-Amz-Date", "")
        if role == "clock" and abs(time.mktime(time.strptime(signed_at, "%Y%m%dT%H%M%SZ")) - time.timezone - time.time()) > 300:
            return 403, FAULT.format("SignatureDoesNotMatch", f"Signature expired: {signed_at} is now earlier than it may be")
        if form.get("RoleSessionName", "").startswith(("botocore-session-", "svc-")):
            form["RoleSessionName"] = "made up"
        asked = sorted(form.items()) + [signer, *scope, self.headers.get("X-Amz-Security-Token", "")]
        if role in ("counted", "flaky", "short"):
            asked.append(number)
        lifetime = 900 if role == "short" else LIFETIME
        return 200, ANSWER.format(action, *keys_for(*asked), moment(time.time() + lifetime))

    def answer_token(self, asked):
        if asked["refreshToken"] != "SECRETREFRESH" or asked["grantType"] != "refresh_token":
            return self.answer(400, {"error": "invalid_grant", "error_description": "no"})
        return self.answer(200, {"accessToken": "SECRETFRESH" + asked["clientId"], "expiresIn": 3600, "tokenType": "Bearer", "refreshToken": "SECRETNEXT"})

    # --- SSO, containers, instances ---

    def do_GET(self):
        path, _, query = self.path.partition("?")
        parts = path.strip("/").split("/")
        if path == "/federation/credentials":
            return self.answer_sso(dict(urllib.parse.parse_qsl(query)))
        if parts[0] == "container":
            return self.answer_container(parts[1])
        if parts[0].startswith("imds"):
            return self.answer_instance(parts[0], parts[1:])
        return self.answer(404, {})

    def answer_sso(self, asked):
        token = self.headers.get("x-amz-sso_bearer_token", "")
        if asked["role_name"] == "revoked":
            return self.answer(401, {"__type": "UnauthorizedException", "message": "Session token not found or invalid"})
        if asked["role_name"] == "foreign":
            return self.answer(403, {"__type": "ForbiddenException", "message": "No access"})
        access, secret, session = keys_for(sorted(asked.items()), token)
        return self.answer(200, {"roleCredentials": {"accessKeyId": access, "secretAccessKey": secret, "sessionToken": session,
                                                     "expiration": int(time.time() + LIFETIME) * 1000}})

    def answer_container(self, name):
        if name == "broken":
            return self.answer(500, "SECRET")
        if name == "text":
            return self.answer(200, "SECRET", "text/plain")
        if name == "half":
            return self.answer(200, {"AccessKeyId": "ASIAHALF", "SecretAccessKey": "SECRET"})
        return self.answer(200, ecs_answer("container", self.headers.get("Authorization"), self.headers.get("Accept")))

    def do_PUT(self):
        kind = self.path.strip("/").split("/")[0]
        self.read_body()
        if kind == "imds-old":
            return self.answer(404, "")
        if self.headers.get("x-aws-ec2-metadata-token-ttl-seconds") != "21600" or not self.path.endswith("/latest/api/token"):
            return self.answer(400, "")
        return self.answer(200, "SECRETIMDS" + kind, "text/plain")

    def answer_instance(self, kind, parts):
        if self.headers.get("x-aws-ec2-metadata-token") != "SECRETIMDS" + kind:
            return self.answer(401, "")
        if kind == "imds-bare":
            return self.answer(404, "")
        if parts == ["latest", "meta-data", "iam", "security-credentials"]:
            return self.answer(200, "web role", "text/plain")
        if kind == "imds-refused":
            return self.answer(200, {"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role"})
        credentials = ecs_answer("instance", urllib.parse.unquote(parts[-1]))
        if kind == "imds-late":
            credentials["Expiration"] = moment(time.time() - LIFETIME)
        return self.answer(200, {"Code": "Success", **credentials})


class Server:
    """`with Server() as server`: serves on server.port until the block ends."""

    def __enter__(self):
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.lock, self.http.counts = threading.Lock(), {}
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def forget(self):
        """Counts from 1 again."""
        with self.http.lock:
            self.http.counts.clear()
