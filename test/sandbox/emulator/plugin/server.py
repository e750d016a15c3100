"""How the emulator serves: on its one port, with every answer in a log of its own, from which server errors are told."""

import json
import os
import threading
import time

from ministack import app

from . import recorded

# With TLS it would take 443 too, which may be another's.
app._port_is_bindable = lambda host, port: False

# A connection of HTTP/2 is closed after a thousand requests with others under way, and clients here send nothing twice.
app._HypercornConfig.alpn_protocols = ["http/1.1"]

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


# Whoever started it holds the other end of its standard input: the end of that is the end of the emulator, however the
# starter ended, unless it has written something before and so let go.
def wait_for_the_starter():
    if not os.read(0, 1):
        os._exit(0)


threading.Thread(target=wait_for_the_starter, daemon=True).start()
