"""What the emulator gets wrong of an HTTP API's parts, and the API of VPC links, of which it has none."""

import json
import time

from ministack.services import apigateway

from .define import RECORDED, after, identify
from .ecs import camel

# The id of a route is <API>/<route>; on AWS it is the route's own.
identify("AWS::ApiGatewayV2::Route",
         lambda physical: physical.split("/")[-1],
         lambda route, properties: f"{properties['ApiId']}/{route}")


# A stage's settings are kept under names that GetStage does not know.
def complete(stage, properties):
    kept = apigateway._stages[properties["ApiId"]][stage]
    kept["defaultRouteSettings"] = camel(properties.get("DefaultRouteSettings") or {})
    kept["routeSettings"] = {route: camel(settings) for route, settings in (properties.get("RouteSettings") or {}).items()}


after("AWS::ApiGatewayV2::Stage", complete)

handle = apigateway.handle_request


async def with_links(method, path, headers, body, query_params):
    parts = path.strip("/").split("/")
    if parts[:2] != ["v2", "vpclinks"]:
        return await handle(method, path, headers, body, query_params)
    links = {link: properties for link, (kind, properties) in RECORDED.items() if kind == "AWS::ApiGatewayV2::VpcLink"}
    if method == "GET" and len(parts) == 2:
        return answer({"items": [described(link, properties) for link, properties in links.items()]})
    if len(parts) != 3 or parts[2] not in links:
        return apigateway._apigw_error("NotFoundException", "Unable to find VPC link", 404)
    if method != "GET":
        return apigateway._apigw_error("BadRequestException", f"the sandbox has no {method} of a VPC link", 400)
    return answer(described(parts[2], links[parts[2]]))


def answer(body):
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def described(link, properties):
    return {
        "vpcLinkId": link,
        "vpcLinkStatus": "AVAILABLE",
        "vpcLinkVersion": "V2",
        "createdDate": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(0)),
        "name": properties["Name"],
        "securityGroupIds": properties.get("SecurityGroupIds", []),
        "subnetIds": properties["SubnetIds"],
        "tags": properties.get("Tags", {}),
    }


apigateway.handle_request = with_links
