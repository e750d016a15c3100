"""The request path of an HTTP API: CORS preflights, tokens, the client's address, and the VPC link."""

import urllib.parse

from ministack.core.responses import get_request_client_ip
from ministack.services import alb, apigateway
from ministack.services.cloudformation import provisioners

from .define import after, rewrite

# On AWS a route for OPTIONS takes precedence, and an API without CORS responds to no preflight; the emulator responds to every
# OPTIONS request before it matches routes.
rewrite(apigateway._handle_execute_in_scope,
        'if method == "OPTIONS":',
        'if method == "OPTIONS" and cors_cfg and not _match_route(api_id, method, "/" + path.lstrip("/")):')

# The authorizer requests the pool's keys over HTTP, but the port uses TLS (SSL_CERT_FILE has the certificate).
rewrite(apigateway._resolve_jwks_url, 'return f"http://{_HOST}:{_PORT}/', 'return f"https://127.0.0.1:{_PORT}/')

# The emulator lacks the parameter mapping of the client's address.
mapped = apigateway._resolve_mapping_atom


def with_address(expression, **known):
    if expression == "$context.identity.sourceIp":
        return get_request_client_ip()
    return mapped(expression, **known)


apigateway._resolve_mapping_atom = with_address


# The emulator stores the CORS configuration under names that GetApi and the preflight do not use.
def cors(api, properties):
    if properties.get("CorsConfiguration"):
        apigateway._apis[api]["corsConfiguration"] = provisioners._pascal_to_camel(properties["CorsConfiguration"])


after("AWS::ApiGatewayV2::Api", cors)

# The emulator responds with 500 for an integration with a listener; over the VPC link the request goes to the load balancer.
invoked = apigateway._invoke_http_proxy


async def over_the_link(integration, path, method, headers, body, query):
    uri = integration.get("integrationUri", "")
    if ":listener/" not in uri:
        return await invoked(integration, path, method, headers, body, query)
    listener = alb._listeners.get(uri)
    if not listener:
        return 503, {"Content-Type": "application/json"}, b'{"message":"Service Unavailable"}'
    balancer = alb._lbs[listener["LoadBalancerArn"]]
    path = urllib.parse.quote(path, safe="/:@!$&'()*+,;=~")  # the emulator has decoded it
    return await alb.dispatch_request(balancer, method, path, headers, body, query, port=listener["Port"])


apigateway._invoke_http_proxy = over_the_link
