"""What storefront run contract sends to the seeded shop, beside what it generates from each openapi.yaml: who asks, and requests
that succeed only with what is there. These are hooks of Schemathesis, see schemathesis.toml.
"""

import functools
import os
import time
import uuid

import requests
import schemathesis
from schemathesis.auths import AuthContext, set_on_case
from schemathesis.openapi.checks import RejectedPositiveData

SHOP = os.environ["SHOP_URL"]
PASSWORD = "Storefront-2026!"  # of the users of the seed
PRODUCT = "laptop"  # of the seed
LAMP = {"name": "A lamp", "description": "It is bright.", "category": "Lamps", "price": {"amount": 1999, "currency": "EUR"}, "stock": 3}


def operation_id(operation):
    return operation.definition.raw["operationId"]


def token_for(operation):
    """Returns the token of who may do this: the operator, somebody who has bought something, or a new user."""
    if operation_id(operation) in {"importProducts", "putProduct", "listHidden", "approvePhoto"}:
        return token_of("operator")
    if operation_id(operation) in {"listOrders", "getOrder"}:
        return token_of("ada")
    return os.environ["SHOP_TOKEN"]


@functools.cache
def token_of(name):
    return sign_in(name)["idToken"]


def sign_in(name):
    return ask("POST", "/login/signin", json={"email": f"{name}@example.com", "password": PASSWORD}).json()


def ask(method, path, token=os.environ["SHOP_TOKEN"], **sent):
    """Sends a request again when the service says so: what is generated uses up the limits of requests."""
    for _ in range(10):
        response = requests.request(method, SHOP + path, headers={"Authorization": "Bearer " + token}, timeout=30, **sent)
        if response.status_code != 429:
            break
        time.sleep(int(response.headers["Retry-After"]))
    response.raise_for_status()
    return response


def signed_up():
    """Returns the address of somebody who has been sent a code."""
    email = f"contract-{uuid.uuid4()}@example.com"
    ask("POST", "/login/signup", json={"email": email})
    return email


def forgetful():
    """Returns the address of a user who has been sent a code for a new password."""
    email = signed_up()
    ask("POST", "/login/confirm", json={"email": email, "code": "123456", "password": PASSWORD})
    ask("POST", "/login/forgot", json={"email": email})
    return email


def key_of_a_checkout():
    """Fills the cart with nothing but a product of the seed."""
    for item in ask("GET", "/cart/items").json()["items"]:
        ask("DELETE", "/cart/items/" + item["productId"])
    ask("PUT", "/cart/items/" + PRODUCT, json={"quantity": 1})
    return uuid.uuid4().hex


def an_order():
    return ask("GET", "/orders/mine", token_of("ada")).json()["items"][0]["orderId"]


def a_photo():
    return ask("GET", "/photos/" + PRODUCT).json()["items"][0]["photoId"]


def an_upload(complete=False):
    """Uploads a photo of a product, and returns both."""
    picture = ask("GET", f"/photos/{PRODUCT}/{a_photo()}/small").content
    form = ask("POST", "/photos/contract", json={"contentType": "image/jpeg"}).json()
    files = {"file": ("photo.jpg", picture, "image/jpeg")}
    requests.post(form["url"], data=form["fields"], files=files, timeout=30).raise_for_status()
    if complete:
        ask("POST", f"/photos/contract/{form['photoId']}/complete")
    return {"productId": "contract", "photoId": form["photoId"]}


# By operationId, requests that succeed. Others succeed with the examples of openapi.yaml, or with what is generated.
EXAMPLES = {
    "checkOut": lambda: {"headers": {"Idempotency-Key": key_of_a_checkout()}, "body": {}},
    "putProduct": lambda: {"path_parameters": {"productId": f"contract-{uuid.uuid4()}"}, "body": LAMP},
    "importProducts": lambda: {"body": {"products": [{"productId": "contract", **LAMP}]}},
    "confirm": lambda: {"body": {"email": signed_up(), "code": "123456", "password": PASSWORD, "name": "Carol"}},
    "signIn": lambda: {"body": {"email": "ada@example.com", "password": PASSWORD}},
    "refresh": lambda: {"body": {"refreshToken": sign_in("ada")["refreshToken"]}},
    "signOut": lambda: {"body": {"refreshToken": sign_in("ada")["refreshToken"]}},
    "resetPassword": lambda: {"body": {"email": forgetful(), "code": "654321", "password": PASSWORD}},
    "getOrder": lambda: {"path_parameters": {"orderId": an_order()}},
    "completeUpload": lambda: {"path_parameters": an_upload()},
    "approvePhoto": lambda: {"path_parameters": an_upload(complete=True)},
    "deletePhoto": lambda: {"path_parameters": an_upload()},
    "getPhoto": lambda: {"path_parameters": {"productId": PRODUCT, "photoId": a_photo(), "size": "small"}},
}


@schemathesis.auth(cache_by_key=lambda case, context: operation_id(case.operation))
class Bearer:
    def get(self, case, context):
        return token_for(case.operation)

    def set(self, case, data, context):
        case.headers["Authorization"] = "Bearer " + data


@schemathesis.hook
def before_add_examples(context, examples):
    operation = context.operation
    if operation_id(operation) in EXAMPLES:
        sent = EXAMPLES[operation_id(operation)]()
        if "body" in sent:
            sent["media_type"] = "application/json"
        examples.append(operation.Case(**sent))
        set_on_case(examples[-1], AuthContext(operation=operation, app=None), None)  # which is done for all others


@functools.cache
def seeded():
    return {product["productId"] for product in ask("GET", "/catalog/products?limit=100").json()["items"]}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Keeps the products of the seed as they are, and gives a version the quotes that Schemathesis takes away."""
    changed = []
    if operation_id(case.operation) == "putProduct":
        changed = [case.path_parameters]
    if operation_id(case.operation) == "importProducts" and isinstance(case.body, dict) and isinstance(case.body.get("products"), list):
        changed = [product for product in case.body["products"] if isinstance(product, dict)]
    for product in changed:
        if str(product.get("productId")) in seeded():
            product["productId"] = f"contract-{product['productId']}"
    for name, value in (case.headers or {}).items():
        if name.lower() == "if-match" and str(value).isdigit():
            case.headers[name] = f'"{value}"'


# What no schema can say of a request, so that a service may refuse one that is as openapi.yaml describes it.
UNDESCRIBED = (
    "cursor must be the nextCursor",
    "email must be an address",
    "minPrice must be at most maxPrice",
    "password must have",
    "the code is wrong",
    "version ",
)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if not isinstance(failure, RejectedPositiveData):
        return True
    try:
        return not response.json()["detail"].startswith(UNDESCRIBED)
    except (KeyError, TypeError, ValueError):
        return True
