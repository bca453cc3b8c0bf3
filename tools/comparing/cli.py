"""What the AWS CLI finds before it sends a request: whether it can read the file, and botocore's check of the parameters."""

import botocore
import botocore.session
from botocore.validate import ParamValidator

_MODEL = botocore.session.get_session().get_service_model("ecs")


def judge(document):
    """"" or what it says. A template is sent as it is."""
    if document.kind == "template":
        return ""
    if document.body is None:
        return f"cannot read the file: {document.problem}"
    return ParamValidator().validate(document.body, _MODEL.operation_model(document.kind).input_shape).generate_report()


def version():
    return botocore.__version__
