"""Types that the emulator lacks are recorded by one rule, from the CloudFormation schemas that cfn-lint ships: Ref is the
primary identifier, Fn::GetAtt returns the read-only properties, a changed create-only property replaces the resource.
Nothing acts on it.

The record is in the emulator's Cloud Control API, where it can be read, listed and changed. For every other type, Cloud
Control returns the properties that CloudFormation passed and the attributes for Fn::GetAtt."""

import copy
import functools
import importlib.util
import json
import pathlib
import random
import re
import time
import uuid
from xml.sax.saxutils import escape

try:
    from re import _parser as parser
except ImportError:  # Python 3.10
    import sre_parse as parser

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudcontrol
from ministack.services.cloudformation import handlers, helpers, provisioners

from .define import HANDLERS

# Without an import of cfn-lint, which would need its dependencies.
SCHEMAS = pathlib.Path(importlib.util.find_spec("cfnlint").origin).parent / "data" / "schemas"

# Types for which AWS documents another Ref than the parts of the compound primary identifier; the schemas do not say so.
REF = {"AWS::ApplicationAutoScaling::ScalingPolicy": "Arn", "AWS::EC2::EIP": "PublicIp"}

# Types whose ARN is in policies of the library, and the form that AWS documents for it: the name of the property, and what comes
# before the primary identifier.
ARN = {"AWS::ElastiCache::ServerlessCache": ("ARN", "serverlesscache:")}


@functools.cache
def types(region):
    return json.loads((SCHEMAS / "providers" / f"{region}.json").read_text(encoding="utf-8"))


@functools.cache
def schema(name, region):
    if name not in types(region):
        raise ValueError(f"CloudFormation has no type {name} in {region}")
    return json.loads((SCHEMAS / "resources" / f"{types(region)[name]}.json").read_text(encoding="utf-8"))


# ---- Properties by the pointers of a schema, such as /properties/Endpoint/Address


def paths(known, kind):
    """The paths of a kind, such as readOnlyProperties, without those into the elements of a list."""
    return [pointer.split("/")[2:] for pointer in known.get(kind, []) if "*" not in pointer]


def chosen(known):
    """The paths of the properties that the service sets: the read-only ones, and the primary identifier if it is not given."""
    return paths(known, "readOnlyProperties") + paths(known, "primaryIdentifier")


def lookup(properties, path):
    for name in path:
        properties = properties.get(name) if isinstance(properties, dict) else None
    return properties


def put(properties, path, value):
    for name in path[:-1]:
        properties = properties.setdefault(name, {})
    properties[path[-1]] = value


def described(known, node):
    """A property's schema, with its reference resolved."""
    while "$ref" in node:
        node = functools.reduce(lambda at, name: at[name], node["$ref"].split("/")[1:], known)
    return node


# ---- Values that the service would set


def matching(tokens):
    """A text that matches a parsed pattern."""
    text = ""
    for operator, value in tokens:
        operator = str(operator)
        if operator == "LITERAL":
            text += chr(value)
        elif operator == "ANY":
            text += random.choice("abcdef")
        elif operator == "IN":
            kind, of = random.choice([one for one in value if str(one[0]) != "LITERAL"] or value)
            kind = str(kind)
            text += chr(random.randint(*of)) if kind == "RANGE" else chr(of) if kind == "LITERAL" else random.choice("0123456789")
        elif operator in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, inner = value
            text += "".join(matching(inner) for _ in range(min(max(least, 8), int(most))))
        elif operator == "SUBPATTERN":
            text += matching(value[-1])
        elif operator == "BRANCH":
            text += matching(value[1][0])
    return text


def generated(name, known, node, path, logical, stack):
    """A value in the form that the schema of a property describes."""
    node = described(known, node)
    kind = node.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if node.get("enum"):
        return node["enum"][0]
    if kind == "object":
        return {child: generated(name, known, of, [*path, child], logical, stack)
                for child, of in node.get("properties", {}).items()}
    if kind != "string":
        return {"array": [], "boolean": False}.get(kind, node.get("minimum", 1))
    text = proposed(name, path, path in paths(known, "readOnlyProperties"), f"{stack}-{logical}", node.get("maxLength", 64))
    if node.get("pattern") and not text.startswith("arn:"):
        try:
            if not re.search(node["pattern"], text):
                other = matching(parser.parse(node["pattern"]))
                text = other if re.search(node["pattern"], other) else text
        except re.error:  # a dialect that Python does not read
            pass
    return text


def proposed(name, path, read_only, owner, most):
    """A value that a property's name suggests."""
    _, service, kind = name.lower().split("::")
    suffix, last = uuid.uuid4().hex[:12], path[-1]
    if last.upper().endswith("ARN"):
        return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{kind}/{owner}-{suffix}"
    if last.endswith("Ip"):  # of a network that is reserved for tests
        return f"198.{random.randint(18, 19)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
    if last.endswith("Time"):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if last.endswith("Port"):
        return "443"
    if last.endswith(("Address", "DnsName", "DNSName", "Endpoint")):
        return f"{suffix}.{service}.{get_region()}.amazonaws.com"
    if read_only:
        return uuid.uuid4().hex[:17]
    return f"{owner[:min(most, 64) - 13]}-{suffix.upper()}"


# ---- The record


def remember(name, identifier, physical, model, only=False):
    cloudcontrol._resources[cloudcontrol._resource_key(name, identifier)] = {
        "TypeName": name, "Identifier": identifier, "Properties": json.dumps(model),
        "Physical": physical, "Only": only,
    }


def remembered(name, physical):
    for held in list(cloudcontrol._resources.values()):
        if held["TypeName"] == name and held.get("Physical") == physical:
            return held
    return None


def forget(name, physical):
    held = remembered(name, physical)
    if held:
        del cloudcontrol._resources[cloudcontrol._resource_key(name, held["Identifier"])]


def all_recorded():
    """The types and physical ids of all resources that are only recorded, in all regions."""
    return sorted([held["TypeName"], held["Physical"]] for held in list(cloudcontrol._resources._data.values())
                  if held.get("Only"))


def record(name):
    """The handler of a type that is only recorded."""

    def create(logical, properties, stack):
        known, model = schema(name, get_region()), copy.deepcopy(properties)
        for path in chosen(known):
            if lookup(model, path) is None:
                node = known
                for step in path:
                    node = described(known, node).get("properties", {}).get(step, {})
                put(model, path, generated(name, known, node, path, logical, stack))
        identifier = "|".join(str(lookup(model, path)) for path in paths(known, "primaryIdentifier"))
        if name in ARN:
            property, before = ARN[name]
            model[property] = f"arn:aws:{name.lower().split('::')[1]}:{get_region()}:{get_account_id()}:{before}{identifier}"
        if cloudcontrol._resource_key(name, identifier) in cloudcontrol._resources:
            raise ValueError(f"Resource of type '{name}' with identifier '{identifier}' already exists.")
        physical = lookup(model, [REF[name]]) if name in REF else identifier
        remember(name, identifier, physical, model, only=True)
        return physical, flat(model)

    def delete(physical, properties):
        forget(name, physical)

    def update(physical, old, new, stack, logical):
        known, held = schema(name, get_region()), remembered(name, physical)
        if any(lookup(old, path) != lookup(new, path) for path in paths(known, "createOnlyProperties")):
            made = create(logical, new, stack)
            provisioners._delete_predecessor(delete, physical, old)
            return made
        was, model = json.loads(held["Properties"]), copy.deepcopy(new)
        for path in chosen(known):
            if lookup(model, path) is None:
                put(model, path, lookup(was, path))
        remember(name, held["Identifier"], physical, model, only=True)
        return physical, flat(model)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def flat(model, path=""):
    """All properties at every depth, by their names for Fn::GetAtt."""
    found = {}
    for name, value in model.items():
        found[path + name] = value
        if isinstance(value, dict):
            found.update(flat(value, f"{path}{name}."))
    return found


def also_recorded(name, handler):
    """The handler of a type that the emulator has, which also records the properties and attributes."""

    def noted(act, given):
        def then(*arguments):
            physical, attributes, *rest = act(*arguments)
            model = copy.deepcopy(arguments[given])
            for path, value in attributes.items():
                parent = lookup(model, path.split(".")[:-1])
                if lookup(model, path.split(".")) is None and (parent is None or isinstance(parent, dict)):
                    put(model, path.split("."), value)
            parts = paths(schema(name, get_region()), "primaryIdentifier") if name in types(get_region()) else [[]]
            values = [str(path and lookup(arguments[given], path) or physical) for path in parts]
            identifier = physical if physical.count("|") == len(parts) - 1 else "|".join(values)
            forget(name, physical)
            remember(name, identifier, physical, model)
            return physical, attributes, *rest

        return then

    def delete(physical, *rest):
        handler["delete"](physical, *rest)
        forget(name, physical)

    noting = {**handler, "create": noted(handler["create"], 1), "delete": delete}
    if "update" in handler:
        noting["update"] = noted(handler["update"], 2)
    return noting


def install():
    """Records all types: those that the emulator or another file of the plug-in has, and those that neither has."""
    for name, handler in list(HANDLERS.items()):
        if not name.startswith("AWS::CloudFormation::"):
            HANDLERS[name] = also_recorded(name, handler)
    for name in types("us-east-1"):
        if name not in HANDLERS and not name.startswith("AWS::CloudFormation::"):
            HANDLERS[name] = record(name)


def describe_type(parameters):
    """CloudFormation's API of the schemas."""
    try:
        text = json.dumps(schema(helpers._p(parameters, "TypeName"), get_region()))
    except ValueError as error:
        return helpers._error("TypeNotFoundException", str(error), 404)
    return helpers._xml(200, "DescribeTypeResponse", f"<DescribeTypeResult><Schema>{escape(text)}</Schema></DescribeTypeResult>")


handlers._ACTION_HANDLERS["DescribeType"] = describe_type
