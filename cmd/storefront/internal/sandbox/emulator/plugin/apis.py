"""What the emulator gets wrong about the parts of an HTTP API."""

from ministack.services import apigateway

from .define import after, identify
from .ecs import camel

# The physical id of a route is <API>/<route>; on AWS it is the route's id.
identify("AWS::ApiGatewayV2::Route",
         lambda physical: physical.split("/")[-1],
         lambda route, properties: f"{properties['ApiId']}/{route}")


# The emulator stores a stage's settings under names that GetStage does not return.
def complete(stage, properties):
    kept = apigateway._stages[properties["ApiId"]][stage]
    kept["defaultRouteSettings"] = camel(properties.get("DefaultRouteSettings") or {})
    kept["routeSettings"] = {route: camel(settings) for route, settings in (properties.get("RouteSettings") or {}).items()}


after("AWS::ApiGatewayV2::Stage", complete)
