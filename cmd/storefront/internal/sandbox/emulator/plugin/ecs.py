"""Properties of clusters, services and task definitions that the emulator drops."""

from ministack.services import ecs
from ministack.services.cloudformation import provisioners

from .define import after

# Maps with keys of the user, which stay as they are.
FREE = {"DockerLabels", "Options"}


def camel(value, key=""):
    """PascalCase keys in the form of the API, at every depth: the emulator converts only the outer ones."""
    if isinstance(value, dict):
        return {(k if key in FREE else k[:1].lower() + k[1:]): camel(child, k) for k, child in value.items()}
    return [camel(child, key) for child in value] if isinstance(value, list) else value


provisioners._normalize_container_defs = camel


def complete_cluster(cluster, properties):
    ecs._clusters[cluster]["serviceConnectDefaults"] = camel(properties.get("ServiceConnectDefaults") or {})


after("AWS::ECS::Cluster", complete_cluster)

SERVICE = {
    "AvailabilityZoneRebalancing": "DISABLED",
    "EnableECSManagedTags": False,
    "EnableExecuteCommand": False,
    "HealthCheckGracePeriodSeconds": 0,
    "PropagateTags": "NONE",
}


def complete_service(service, properties):
    kept = ecs._services["/".join(service.split("/")[-2:])]
    for key, default in SERVICE.items():
        kept[key[:1].lower() + key[1:]] = properties.get(key, default)
    kept["deploymentConfiguration"] = {**kept["deploymentConfiguration"],
                                       **camel(properties.get("DeploymentConfiguration") or {})}
    if "DeploymentController" in properties:
        kept["deploymentController"] = camel(properties["DeploymentController"])
    if "LoadBalancers" in properties:
        kept["loadBalancers"] = camel(properties["LoadBalancers"])
    for deployment in kept["deployments"]:
        if deployment["status"] == "PRIMARY" and "ServiceConnectConfiguration" in properties:
            deployment["serviceConnectConfiguration"] = camel(properties["ServiceConnectConfiguration"])


after("AWS::ECS::Service", complete_service)


def complete(definition, properties):
    kept = ecs._task_defs[definition.split("/")[-1]]
    kept["volumes"] = camel(properties.get("Volumes", []))
    for key in ("RuntimePlatform", "EphemeralStorage"):
        if key in properties:
            kept[key[:1].lower() + key[1:]] = camel(properties[key])


after("AWS::ECS::TaskDefinition", complete)
