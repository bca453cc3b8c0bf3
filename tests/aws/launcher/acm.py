"""Certificates whose ARN is given; ACM itself makes it up."""

from moto.acm.models import CertBundle, acm_backends

from .control import handles


@handles("POST", "/control/certificates")
def add_certificate(front, query, value):
    arn = value["arn"]
    _, _, _, region, account, _ = arn.split(":", 5)
    bundle = CertBundle.generate_cert(value.get("domain", "example.com"), account_id=account, region=region, sans=[])
    made = acm_backends[account][region]._certificates
    bundle.arn = arn
    bundle.status = value.get("status", "ISSUED")
    made[arn] = bundle
