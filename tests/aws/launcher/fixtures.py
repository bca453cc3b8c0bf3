"""What services find in an account that somebody else made: a network, a certificate, images, secrets, topics, queues, roles.

Each function takes a Launcher (start.py) and data, makes it with boto3, and returns ids by name. make_account makes a whole account from
one dict of such data, as ACCOUNT.
"""

import hashlib
import json

NETWORK = {"name": "main", "cidr": "10.0.0.0/16", "zones": "ab", "tiers": ("public", "private"), "ways_out": "nat"}

ACCOUNT = {
    "network": NETWORK,
    "certificates": ["arn:aws:acm:eu-west-1:123456789012:certificate/0d1f1c51-6a5e-4b1c-9d2b-5f3c8a7e2b10"],
    "topics": ["oncall"],
    "queues": ["jobs"],
    "images": {"hello": {"1.0.0": ("amd64", "arm64")}},
    "secrets": {"hello/key": "value"},
    "parameters": {"/hello/key": "value"},
    "clusters": ["main"],
}

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                                                "Action": "sts:AssumeRole"}]}


def tags(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]


def make_network(aws, name="main", cidr="10.0.0.0/16", zones="ab", tiers=("public", "private"), ways_out="nat", region=None, **client):
    """A VPC tagged Name, subnets tagged Tier in each zone, an internet gateway, and a way out of the private ones: `nat`, `endpoints`
    (of ECR, S3, Logs, Secrets Manager and SSM), or None. {"vpc", "public": [...], "private": [...], "endpoints": [...]}."""
    ec2 = aws.client("ec2", **({"region": region} if region else {}), **client)
    region = ec2.meta.region_name
    vpc = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=tags(Name=name))
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    made = {"vpc": vpc, "endpoints": []}
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    prefix = ".".join(cidr.split(".")[:2])
    for place, tier in enumerate(tiers):
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        made[tier] = []
        made[f"{tier}-table"] = table
        for number, zone in enumerate(zones):
            subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"{prefix}.{16 * place + number}.0/24",
                                       AvailabilityZone=region + zone)["Subnet"]["SubnetId"]
            ec2.create_tags(Resources=[subnet], Tags=tags(Name=f"{name}-{tier}-{zone}", Tier=tier))
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
            made[tier].append(subnet)
    ec2.create_route(RouteTableId=made[f"{tiers[0]}-table"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    if ways_out == "nat":
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=made[tiers[0]][0], AllocationId=address)["NatGateway"]["NatGatewayId"]
        for tier in tiers[1:]:
            ec2.create_route(RouteTableId=made[f"{tier}-table"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    elif ways_out == "endpoints":
        made["endpoints"] = make_endpoints(ec2, region, made, tiers[-1])
    return made


def make_endpoints(ec2, region, network, tier):
    group = ec2.create_security_group(GroupName="endpoints", Description="vpc endpoints", VpcId=network["vpc"])["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    made = [ec2.create_vpc_endpoint(VpcId=network["vpc"], ServiceName=f"com.amazonaws.{region}.s3", VpcEndpointType="Gateway",
                                    RouteTableIds=[network[f"{tier}-table"]])]
    for service in ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm"):
        made.append(ec2.create_vpc_endpoint(VpcId=network["vpc"], ServiceName=f"com.amazonaws.{region}.{service}", VpcEndpointType="Interface",
                                            SubnetIds=network[tier], SecurityGroupIds=[group], PrivateDnsEnabled=True))
    return [item["VpcEndpoint"]["VpcEndpointId"] for item in made]


def make_balancer(aws, network, name="edge", tier="public", port=80):
    """A load balancer with a listener that answers 404: {"balancer", "listener", "group"}."""
    ec2, elb = aws.client("ec2"), aws.client("elbv2")
    group = ec2.create_security_group(GroupName=f"{name}-balancer", Description=name, VpcId=network["vpc"])["GroupId"]
    balancer = elb.create_load_balancer(Name=name, Subnets=network[tier], SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.create_listener(LoadBalancerArn=balancer, Port=port, Protocol="HTTP", DefaultActions=[
        {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}])["Listeners"][0]["ListenerArn"]
    return {"balancer": balancer, "listener": listener, "group": group}


def make_target_group(aws, network, name, listener=None, path="/*", priority=None, port=8080):
    """A target group of ip targets, on a rule of the listener when one is given: (its ARN, the rule's ARN)."""
    elb = aws.client("elbv2")
    arn = elb.create_target_group(Name=name, Protocol="HTTP", Port=port, VpcId=network["vpc"], TargetType="ip",
                                  HealthCheckPath="/")["TargetGroups"][0]["TargetGroupArn"]
    if not listener:
        return arn, None
    pages = elb.get_paginator("describe_rules").paginate(ListenerArn=listener)
    priority = priority or sum(len(page["Rules"]) for page in pages)  # the default rule has none
    rule = elb.create_rule(ListenerArn=listener, Priority=priority, Conditions=[{"Field": "path-pattern", "Values": [path]}],
                           Actions=[{"Type": "forward", "TargetGroupArn": arn}])["Rules"][0]["RuleArn"]
    return arn, rule


def config_digest(repository, tag, architecture):
    return "sha256:" + hashlib.sha256(f"{repository}:{tag}:{architecture}".encode()).hexdigest()


def make_images(aws, images, region=None):
    """{repository: {tag: architectures}}: one architecture is an image, several a manifest list. {"repository:tag": digest}."""
    ecr = aws.client("ecr", **({"region": region} if region else {}))
    digests = {}
    for repository, by_tag in images.items():
        ecr.create_repository(repositoryName=repository)
        for tag, architectures in by_tag.items():
            digests[f"{repository}:{tag}"] = put_image(ecr, repository, tag, architectures)
    return digests


def manifest_of(repository, tag, architecture):
    return {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 7023,
                       "digest": config_digest(repository, tag, architecture)},
            "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 32654,
                        "digest": config_digest(repository, tag + "-layer", architecture)}]}


def put_image(ecr, repository, tag, architectures):
    if isinstance(architectures, str):
        architectures = (architectures,)
    if len(architectures) == 1:
        manifest = manifest_of(repository, tag, architectures[0])
        return ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=json.dumps(manifest),
                             imageManifestMediaType=manifest["mediaType"])["image"]["imageId"]["imageDigest"]
    parts = []
    for architecture in architectures:
        text = json.dumps(manifest_of(repository, tag, architecture))
        digest = ecr.put_image(repositoryName=repository, imageManifest=text, imageTag=f"{tag}-{architecture}",
                               imageManifestMediaType="application/vnd.docker.distribution.manifest.v2+json")["image"]["imageId"]["imageDigest"]
        parts.append({"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "digest": digest, "size": len(text),
                      "platform": {"architecture": architecture, "os": "linux"}})
    listed = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json", "manifests": parts}
    return ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=json.dumps(listed),
                         imageManifestMediaType=listed["mediaType"])["image"]["imageId"]["imageDigest"]


def make_secrets(aws, secrets):
    client = aws.client("secretsmanager")
    return {name: client.create_secret(Name=name, SecretString=value if isinstance(value, str) else json.dumps(value))["ARN"]
            for name, value in secrets.items()}


def make_parameters(aws, parameters):
    client = aws.client("ssm")
    for name, value in parameters.items():
        client.put_parameter(Name=name, Value=value, Type="SecureString")
    return {name: client.get_parameter(Name=name)["Parameter"]["ARN"] for name in parameters}


def make_role(aws, name, statements=(), managed=(), path="/", trust=TRUST):
    """A role that somebody hosts for services."""
    iam = aws.client("iam")
    arn = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="permissions",
                            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
    for policy in managed:
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    return arn


def make_account(aws, data):
    """Everything that the dict names (see ACCOUNT); what was made, by the same names."""
    made = {}
    if "network" in data:
        made["network"] = make_network(aws, **data["network"])
    for arn in data.get("certificates", []):
        aws.control("POST", "certificates", {"arn": arn})
    for group in data.get("security_groups", []):
        aws.control("POST", "security-groups", group | {"vpc": made["network"]["vpc"]})
    made["topics"] = {name: aws.client("sns").create_topic(Name=name)["TopicArn"] for name in data.get("topics", [])}
    made["queues"] = {name: aws.client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in data.get("queues", [])}
    made["images"] = make_images(aws, data.get("images", {}))
    made["secrets"] = make_secrets(aws, data.get("secrets", {}))
    made["parameters"] = make_parameters(aws, data.get("parameters", {}))
    made["roles"] = {name: make_role(aws, name, **more) for name, more in data.get("roles", {}).items()}
    for bucket in data.get("buckets", []):
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for name in data.get("clusters", []):
        aws.client("ecs").create_cluster(clusterName=name)
    return made


def definition(family="web", image="hello:1", cpu="256", memory="512", port=8080, **more):
    """Arguments of RegisterTaskDefinition for a Fargate task of one container."""
    container = {"name": "app", "image": image, "essential": True, "portMappings": [{"containerPort": port}]} | more.pop("container", {})
    return {"family": family, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": cpu, "memory": memory,
            "containerDefinitions": [container]} | more
