"""How the emulator serves: on one port, with a log of every response, in which server errors are found."""

import json
import os
import threading
import time

from ministack import app
from ministack.core import router

from . import recorded

# With TLS it would also listen on 443, which may be in use.
app._port_is_bindable = lambda host, port: False

# An HTTP/2 connection is closed after a thousand requests with others in flight, and clients here do not retry.
app._HypercornConfig.alpn_protocols = ["http/1.1"]

# The first request for a service that the emulator lacks would make it read the models of all services of AWS, for up to twenty
# seconds in which it answers nobody. What a request is signed for here is one of them.
if not callable(router._is_aws_service_name):
    raise RuntimeError("router: the emulator no longer looks for the names of services")
router._is_aws_service_name = lambda name: True

serve = app.app
log = open(os.environ["SANDBOX_ANSWERS"], "a", buffering=1, encoding="utf-8")


async def logged(scope, receive, send):
    if scope["type"] != "http":
        return await serve(scope, receive, send)
    if scope["path"] == "/_sandbox/recorded":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        return await send({"type": "http.response.body", "body": json.dumps(recorded.all_recorded()).encode()})
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}

    async def sending(message):
        if message["type"] == "http.response.start":
            log.write(json.dumps({
                "time": time.time(),
                "status": message["status"],
                "method": scope["method"],
                "path": scope["path"],
                "target": headers.get("x-amz-target", ""),
                "host": headers.get("host", ""),
            }) + "\n")
        await send(message)

    await serve(scope, receive, sending)


app.app = logged


# The program that started the emulator holds the other end of standard input. When that is closed, however the program
# ended, the emulator exits, unless the program wrote something before.
def wait_for_the_starter():
    if not os.read(0, 1):
        os._exit(0)


threading.Thread(target=wait_for_the_starter, daemon=True).start()
