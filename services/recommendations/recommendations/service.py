"""What surrounds the operations: configuration, logs, clients of AWS, validation by openapi.yaml, health, and an orderly stop."""

import datetime
import json
import logging
import os
import pathlib
import re
import signal
import sys
import threading
import time

import yaml

SPECIFICATION = yaml.load(
    (pathlib.Path(__file__).parent.parent / "openapi.yaml").read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)

# ECS kills the task 30 seconds after SIGTERM.
STOP_WITHIN = 25
# A load balancer and proxies of Service Connect learn of a stopping task at about the same time as the task does.
LATE_REQUESTS = 1
# Longer than the 60 seconds for which a load balancer keeps an idle connection: otherwise it may send a request into one that
# is just being closed.
KEEP_ALIVE = 120

log = logging.getLogger("recommendations")


class JSONFormatter(logging.Formatter):
    """Writes each record as one line of JSON."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def format(self, record):
        moment = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        line = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": "WARN" if record.levelname == "WARNING" else record.levelname,
            "msg": record.getMessage(),
            "service": self.name,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def environment(*names):
    """Returns environment variables, or exits with one line that names all that are not set. Starts the log."""
    missing = [name for name in names if not os.environ.get(name)]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JSONFormatter(os.environ.get("SERVICE_NAME", "recommendations")))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for noisy in ("botocore", "urllib3", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if missing:
        log.error("set the environment variables %s, as the service's task definition does", ", ".join(missing))
        sys.exit(1)
    return {name: os.environ[name] for name in names}


def client(name):
    """Returns a client of an AWS service. That of SQS has a timeout far above a long poll, which is not given up while SQS is slow."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        name,
        region_name=os.environ.get("AWS_REGION"),  # which ECS sets, and boto3 does not read
        config=Config(connect_timeout=2, read_timeout=20 if name == "sqs" else 5, retries={"mode": "standard", "total_max_attempts": 3}),
    )


def trace(headers):
    """Returns the trace of a request, as 32 hexadecimal digits, or nothing."""
    parts = headers.get("traceparent", "").split("-")
    if len(parts) >= 4 and len(parts[1]) == 32:
        return parts[1]
    # Root=1-5759e988-bd862e3fe1be46a994272793
    root = re.search(r"(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})", headers.get("x-amzn-trace-id", ""))
    return "".join(root.groups()) if root else ""


def problem(status, detail, errors=None, headers=None):
    """Returns a response with problem details of RFC 9457."""
    import http

    from starlette.responses import JSONResponse

    body = {"type": "about:blank", "title": http.HTTPStatus(status).phrase, "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status, {"Cache-Control": "no-store", **(headers or {})}, "application/problem+json")


class Parameters:
    """The parameters of one operation, as openapi.yaml describes them."""

    def __init__(self, operation):
        import jsonschema

        self.described = [resolved(parameter) for parameter in operation.get("parameters", [])]
        self.validator = jsonschema.Draft202012Validator({
            "properties": {parameter["name"]: parameter["schema"] for parameter in self.described},
            "required": [parameter["name"] for parameter in self.described if parameter.get("required")],
            "components": SPECIFICATION["components"],  # the schemas refer to it
        })

    def read(self, request):
        """Returns the values of a request by name, and what is wrong with them."""
        values = {}
        for parameter in self.described:
            name, schema = parameter["name"], resolved(parameter["schema"])
            given = [request.path_params[name]] if parameter["in"] == "path" else request.query_params.getlist(name)
            if not given and "default" in schema:
                values[name] = schema["default"]
            elif given and schema["type"] == "array":
                values[name] = given
            elif given:
                values[name] = int(given[0]) if schema["type"] == "integer" and re.fullmatch("-?[0-9]{1,18}", given[0]) else given[0]
        errors = []
        for error in self.validator.iter_errors(values):
            path = [str(part) for part in error.absolute_path]
            if error.validator == "required":
                path = [error.message.split("'")[1]]
            errors.append({"field": "/".join(path), "detail": error.message[:200]})
        return values, errors


def resolved(node):
    """Returns what a reference within openapi.yaml refers to, and anything else as it is."""
    if "$ref" not in node:
        return node
    found = SPECIFICATION
    for part in node["$ref"].split("/")[1:]:
        found = found[part]
    return found


def application(operations, ready):
    """Returns the ASGI application: the operations of openapi.yaml, each by a function with the name of its operationId."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    def answering(path, operation):
        parameters, answer = Parameters(operation), operations[operation["operationId"]]

        async def endpoint(request):
            request.scope["pattern"] = path
            values, errors = parameters.read(request)
            if errors:
                return problem(400, "the request is not as openapi.yaml describes it: see errors", errors)
            return JSONResponse(answer(**values))

        return endpoint

    async def health(request):
        return Response(status_code=200 if ready() else 503)

    async def live(request):
        return Response(status_code=200)

    async def refused(request, error):
        details = {404: f"there is no {request.url.path}", 405: f"{request.url.path} has no {request.method}"}
        return problem(error.status_code, details.get(error.status_code, error.detail), headers=error.headers)  # Allow, with 405

    routes = [
        Route(path, answering(path, operation), methods=[method.upper()])
        for path, methods in SPECIFICATION["paths"].items() for method, operation in methods.items()
    ]
    routes += [Route("/health", health), Route("/health/live", live)]
    return logged(Starlette(routes=routes, exception_handlers={HTTPException: refused}))


def logged(app):
    """Logs each request but those of health checks, and answers with a problem where the application fails."""
    from starlette.datastructures import Headers

    async def logging_app(scope, receive, send):
        if scope["type"] != "http" or scope["path"].startswith("/health"):
            return await app(scope, receive, send)
        start, status = time.perf_counter(), None

        async def recording(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        fields = {"trace_id": trace(Headers(scope=scope))} if trace(Headers(scope=scope)) else {}
        try:
            await app(scope, receive, recording)
        except Exception:
            log.exception("failed", extra={"fields": fields})
            if status is None:
                await problem(500, "the service has failed; the error is in its log")(scope, receive, recording)
        finally:
            fields |= {
                "method": scope["method"], "route": scope.get("pattern", scope["path"]), "status": status,
                "ms": round((time.perf_counter() - start) * 1000, 3),
            }
            log.info("request", extra={"fields": fields})

    return logging_app


def serve(environment, operations, background):
    """Serves until SIGTERM. Each in background is a thread's work, run(stopping), and is ready or not."""
    import uvicorn

    stopping = threading.Event()

    def ready():
        return not stopping.is_set() and all(work.ready for work in background)

    class Server(uvicorn.Server):
        def handle_exit(self, number, frame):
            if not stopping.is_set():
                log.info("stopping")
                stopping.set()
                threading.Timer(LATE_REQUESTS, super().handle_exit, (number, frame)).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        # The server restores this handler at its end, and raises the signal again: without it the exit status would not be 0.
        signal.signal(number, lambda *_: None)
    threads = [threading.Thread(target=work.run, args=(stopping,), name=type(work).__name__, daemon=True) for work in background]
    for thread in threads:
        thread.start()
    log.info("listening at port %s", environment["PORT"])
    Server(uvicorn.Config(
        application(operations, ready), host=os.environ.get("HOST") or "0.0.0.0", port=int(environment["PORT"]),
        log_config=None, access_log=False, server_header=False, lifespan="off",
        timeout_keep_alive=KEEP_ALIVE, timeout_graceful_shutdown=STOP_WITHIN - LATE_REQUESTS,
    )).run()
    for work in background:
        work.finish()
