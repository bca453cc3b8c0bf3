"""The resource groups tagging API."""

from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend

from .world import replaces


@replaces(ResourceGroupsTaggingAPIBackend, "_get_resources_generator", "tags-of-untagged")
def get_resources(original, backend, *arguments, **named):
    """GetResources passes over what was never tagged, and over services that are gone; moto answers 500 once a cluster has no tags."""
    for cluster in backend.ecs_backend.clusters.values():
        if cluster.tags is None:
            cluster.tags = []
    gone = {service.arn for service in backend.ecs_backend.services.values() if service.status == "INACTIVE"}
    for item in original(backend, *arguments, **named):
        if item["ResourceARN"] not in gone and item.get("Tags"):
            yield item
