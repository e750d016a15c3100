"""Computes the recommendations anew from all facts, and writes them as the current model."""

import datetime
import secrets
import time

import numpy
import scipy.sparse

from . import model
from .service import log

# The weight of an order halves in this time: what is bought together changes with the seasons and the catalog.
HALF_LIFE_DAYS = 180
# How much a user likes a product by the stars of his review. Without a review, having bought it says a little.
LIKES = {5: 1.0, 4: 0.75, 3: 0.25, 2: 0.0, 1: 0.0}
LIKES_BOUGHT = 0.25
# Two products that were once bought together, and never otherwise, are surely less related than two that were a hundred times.
SHRINKAGE = 1.0
# A rebuild that has taken longer than its schedule's timeout has been stopped: what it wrote is garbage.
ABANDONED = datetime.timedelta(hours=3)


def run(database, table):
    start = time.perf_counter()
    orders, reviews, garbage = read(database, table)
    products = sorted({product for order in orders for product in order[1]} | {review[1] for review in reviews})
    now = datetime.datetime.now(datetime.timezone.utc)
    name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    model.write(database, table, name, products, {
        "together": similar(bought_together(orders, products, now.timestamp())),
        "liked": similar(liked(orders, reviews, products)),
    })
    model.delete(database, table, garbage)
    log.info("rebuilt", extra={"fields": {
        "model": name, "products": len(products), "orders": len(orders), "reviews": len(reviews),
        "ms": round((time.perf_counter() - start) * 1000),
    }})


def read(database, table):
    """Returns orders as (user, products, seconds), reviews as (user, product, stars), and the keys of older models' rows."""
    orders, reviews, garbage = [], [], []
    current = model.current(database, table)
    started = f"{datetime.datetime.now(datetime.timezone.utc) - ABANDONED:%Y%m%dT%H%M%SZ}"
    for page in database.get_paginator("scan").paginate(
        TableName=table, ConsistentRead=True,
        ProjectionExpression="productId, relatedProductId, userId, products, placedAt, product, stars, expiresAt",
    ):
        for item in page["Items"]:
            kind, _, rest = item["productId"]["S"].partition("#")
            if kind == "order" and int(item["expiresAt"]["N"]) > time.time():
                orders.append((item["userId"]["S"], item["products"]["SS"], int(item["placedAt"]["N"])))
            elif kind == "review" and item["stars"]["N"] != "0":
                reviews.append((item["userId"]["S"], item["product"]["S"], int(item["stars"]["N"])))
            elif kind == "model" and rest and rest != current and rest < started:
                garbage.append({key: item[key] for key in ("productId", "relatedProductId")})
    return orders, reviews, garbage


def bought_together(orders, products, now):
    """Returns a matrix of orders and products, in which the square of a value is the weight of the order."""
    index = {product: n for n, product in enumerate(products)}
    rows, columns, values = [], [], []
    for row, (_, bought, placed) in enumerate(orders):
        weight = 0.5 ** (max(now - placed, 0) / 86400 / HALF_LIFE_DAYS)
        for product in bought:
            rows.append(row)
            columns.append(index[product])
            values.append(weight ** 0.5)
    return scipy.sparse.csr_array((values, (rows, columns)), shape=(len(orders), len(products)))


def liked(orders, reviews, products):
    """Returns a matrix of users and products, in which a value is how much the user likes the product."""
    index = {product: n for n, product in enumerate(products)}
    likes = {(user, product): LIKES_BOUGHT for user, bought, _ in orders for product in bought}
    likes.update({(user, product): LIKES[stars] for user, product, stars in reviews})
    users = {user: n for n, user in enumerate(sorted({user for user, _ in likes}))}
    rows = [users[user] for user, _ in likes]
    columns = [index[product] for _, product in likes]
    return scipy.sparse.csr_array((list(likes.values()), (rows, columns)), shape=(len(users), len(products)))


def similar(matrix):
    """Returns, for each column, the columns that are most similar to it, as (indexes, scores from 0 to 1), the best first.

    The similarity is the cosine, with a constant in the divisor that lowers what rests on few rows.
    """
    products = (matrix.T @ matrix).tocsr()
    norms = numpy.sqrt(products.diagonal())
    best = []
    for row in range(products.shape[0]):
        span = slice(products.indptr[row], products.indptr[row + 1])
        columns = products.indices[span]
        scores = products.data[span] / (norms[row] * norms[columns] + SHRINKAGE)
        scores[columns == row] = 0
        order = numpy.argsort(-scores, kind="stable")[: model.KEPT]
        order = order[scores[order] > 0]
        best.append((columns[order], scores[order]))
    return best
