"""The request path of an HTTP API: preflights, tokens, the client's address, and the way over the VPC link."""

from ministack.core.responses import get_request_client_ip
from ministack.services import alb, apigateway
from ministack.services.cloudformation import provisioners

from .define import after, rewrite

# On AWS a route for OPTIONS goes first, and an API without CORS answers none; the emulator answers every OPTIONS before it
# looks at routes.
rewrite(apigateway._handle_execute_in_scope,
        'if method == "OPTIONS":',
        'if method == "OPTIONS" and cors_cfg and not _match_route(api_id, method, "/" + path.lstrip("/")):')

# The authorizer asks for the pool's keys in plain text, which the port does not speak (SSL_CERT_FILE has the certificate).
rewrite(apigateway._resolve_jwks_url, 'return f"http://{_HOST}:{_PORT}/', 'return f"https://127.0.0.1:{_PORT}/')

# The mapping that hands the client's address on is left out.
mapped = apigateway._resolve_mapping_atom


def with_address(expression, **known):
    if expression == "$context.identity.sourceIp":
        return get_request_client_ip()
    return mapped(expression, **known)


apigateway._resolve_mapping_atom = with_address


# CORS is kept under names that GetApi and the preflight do not know.
def cors(api, properties):
    if properties.get("CorsConfiguration"):
        apigateway._apis[api]["corsConfiguration"] = provisioners._pascal_to_camel(properties["CorsConfiguration"])


after("AWS::ApiGatewayV2::Api", cors)

# An integration with a listener is answered 500: over the VPC link the request goes to the balancer.
invoked = apigateway._invoke_http_proxy


async def over_the_link(integration, path, method, headers, body, query):
    uri = integration.get("integrationUri", "")
    if ":listener/" not in uri:
        return await invoked(integration, path, method, headers, body, query)
    listener = alb._listeners.get(uri)
    if not listener:
        return 503, {"Content-Type": "application/json"}, b'{"message":"Service Unavailable"}'
    balancer = alb._lbs[listener["LoadBalancerArn"]]
    return await alb.dispatch_request(balancer, method, path, headers, body, query, port=listener["Port"])


apigateway._invoke_http_proxy = over_the_link
