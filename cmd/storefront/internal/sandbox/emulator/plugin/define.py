"""How a CloudFormation type is added to the emulator, and how one of the emulator's is corrected."""

import inspect
import re

from ministack.services.cloudformation import provisioners

HANDLERS = provisioners._RESOURCE_HANDLERS


def define(name, create, delete, update=None, replace=()):
    """Adds a type. create(properties, logical id, stack) returns the physical id and the attributes for Fn::GetAtt, and
    update(physical id, old, new) the attributes. A change of a property in `replace`, or any change if there is no update,
    replaces the resource; the old one is deleted in the cleanup phase, or stays when the stack rolls back."""
    if name in HANDLERS:
        raise RuntimeError(f"{name}: the emulator has it: remove it from the plug-in")

    def changed(physical, old, new, stack, logical=None):
        if update is None or any(old.get(key) != new.get(key) for key in replace):
            if old == new:
                return physical, {}
            made = create(new, logical or physical, stack)
            if made[0] != physical:
                provisioners._delete_predecessor(delete, physical, old)
            return made
        return physical, update(physical, old, new)

    HANDLERS[name] = {
        "create": lambda logical, properties, stack: create(properties, logical, stack),
        "update": changed,
        "update_with_logical_id": True,
        "delete": delete,
    }


def after(name, repair):
    """Calls repair(physical id, properties) after the emulator has created or updated a resource of the type. The attributes
    that it returns, if any, are added to those for Fn::GetAtt."""
    handler = HANDLERS[name]

    def then(act, properties):
        def repaired(*given):
            physical, attributes, *rest = act(*given)
            return physical, {**attributes, **(repair(physical, given[properties]) or {})}, *rest

        return repaired

    HANDLERS[name] = {**handler, "create": then(handler["create"], 1)}
    if "update" in handler:
        HANDLERS[name]["update"] = then(handler["update"], 2)


def identify(name, outside, inside):
    """Gives the resources of a type the physical ids that they have on AWS: outside(the emulator's id) returns the one on AWS,
    inside(the id on AWS, properties) the emulator's."""
    handler = HANDLERS[name]

    def create(*given):
        physical, *rest = handler["create"](*given)
        return outside(physical), *rest

    def update(physical, old, *given):
        changed, *rest = handler["update"](inside(physical, old), old, *given)
        return outside(changed), *rest

    def delete(physical, properties):
        return handler["delete"](inside(physical, properties), properties)

    HANDLERS[name] = {**handler, "create": create, "update": update, "delete": delete}


def rewrite(function, was, becomes):
    """Replaces a part of a function's source, for all modules that imported it."""
    source = inspect.getsource(function)
    if source.count(was) != 1:
        raise RuntimeError(f"{function.__module__}.{function.__name__}: want once, got {source.count(was)} times: {was}")
    # Empty lines before it keep the line numbers in stack traces.
    text = "\n" * (function.__code__.co_firstlineno - 1) + source.replace(was, becomes)
    namespace = {}
    exec(compile(text, inspect.getsourcefile(function), "exec"), function.__globals__, namespace)
    function.__code__ = namespace[function.__name__].__code__


def ok(answer):
    """The body of a service's response; an error becomes the status reason of the resource."""
    status, _, body = answer
    text = body.decode() if isinstance(body, bytes) else str(body)
    if status >= 400:
        message = re.search(r"<Message>([^<]*)</Message>", text)
        raise ValueError(message.group(1) if message else text)
    return text


def element(name, body):
    """The text of the first XML element of that name."""
    return re.search(rf"<{name}>([^<]*)</{name}>", body).group(1)


def query(value, path=""):
    """A tree of properties as parameters of the query protocol: {"A": [{"B": True}]} is A.1.B=true."""
    if isinstance(value, bool):
        return {path: str(value).lower()}
    if not isinstance(value, (dict, list)):
        return {path: str(value)}
    flat = {}
    for key, child in value.items() if isinstance(value, dict) else enumerate(value, 1):
        flat.update(query(child, f"{path}.{key}" if path else str(key)))
    return flat
