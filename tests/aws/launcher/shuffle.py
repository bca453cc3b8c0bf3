"""Lists in another order with each answer, as AWS gives those that are sets: nobody may rely on the order in which something was sent."""

import json
import xml.etree.ElementTree as ElementTree

# Lists whose order means something: what runs, what was first, and pages, which go on where the last one ended.
ORDERED = {"command", "entryPoint", "dnsServers", "deployments", "events", "imageIds"}


def shuffle_json(value, random, name=""):
    if isinstance(value, list):
        if name not in ORDERED:
            random.shuffle(value)
        for item in value:
            shuffle_json(item, random)
    elif isinstance(value, dict):
        for key, member in value.items():
            shuffle_json(member, random, key)


def shuffle_xml(element, random):
    children = list(element)
    if len(children) > 1 and {child.tag.rpartition("}")[2] for child in children} <= {"member", "item"}:
        random.shuffle(children)
        element[:] = children
    for child in children:
        shuffle_xml(child, random)


def shuffled(body, random):
    """The same answer in another order; bytes that are neither JSON nor XML as they are."""
    try:
        if body.lstrip().startswith(b"{"):
            value = json.loads(body)
            shuffle_json(value, random)
            return json.dumps(value).encode()
        if body.lstrip().startswith(b"<"):
            root = ElementTree.fromstring(body)
            shuffle_xml(root, random)
            return ElementTree.tostring(root)
    except (ValueError, ElementTree.ParseError):
        pass
    return body
