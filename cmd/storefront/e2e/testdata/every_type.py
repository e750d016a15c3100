"""Creates, updates and deletes a resource of every type that is recorded by its schema, and prints how many types that are."""

import importlib
import pkgutil

import plugin

for module in pkgutil.iter_modules(plugin.__path__):
    if module.name not in ("__main__", "server"):
        importlib.import_module(f"plugin.{module.name}")

from plugin import recorded

recorded.install()
count = 0
for name in recorded.types("us-east-1"):
    handler = recorded.HANDLERS.get(name)
    if not handler or not handler["create"].__qualname__.startswith("record."):
        continue
    known = recorded.schema(name, "us-east-1")
    physical, attributes = handler["create"]("Thing", {}, "stack")
    missing = [path for path in recorded.paths(known, "readOnlyProperties") if ".".join(path) not in attributes]
    change = {} if ["Description"] in recorded.paths(known, "createOnlyProperties") else {"Description": "new"}
    updated, _ = handler["update"](physical, {}, change, "stack", "Thing")
    handler["delete"](updated, {})
    if missing or updated != physical or recorded.remembered(name, updated):
        raise SystemExit(f"{name}: attributes that are missing: {missing}; {physical} was updated to {updated}")
    count += 1
print(count)
