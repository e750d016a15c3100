"""The model: for each product the most related ones. A rebuild writes it into the table Scores, and each task holds it in memory.

    productId            relatedProductId
    model                current           model: the name of the current one
    model#<name>         <productId>       together, liked: a map of products to scores

A rebuild writes the rows of a new model, and at last its name. Names begin with the time, so that of two rebuilds at once the
later one wins. The rows of a model remain until a later rebuild, since tasks may still be reading them.
"""

import array
import time

import numpy

from .service import log

# How many products are kept for each, which is also the most that a request can ask for.
KEPT = 20
KINDS = ("together", "liked")
# How often a task looks for another model. At 2 seconds this costs about 0.20 USD a month and task.
LOOK_EVERY = 2


class Model:
    """The scores in arrays, which take a tenth of the memory of dictionaries."""

    def __init__(self, rows=()):
        """Rows are (product, {kind: {related product: score}}), in any order."""
        self.products, self.index = [], {}
        collected = {kind: (array.array("i"), array.array("i"), array.array("f")) for kind in KINDS}
        for product, related in rows:
            row = self.number(product)
            for kind, (sources, targets, scores) in collected.items():
                for target, score in related.get(kind, {}).items():
                    sources.append(row)
                    targets.append(self.number(target))
                    scores.append(score)
        self.kinds = {}
        for kind, (sources, targets, scores) in collected.items():
            sources, targets, scores = numpy.array(sources, "i4"), numpy.array(targets, "i4"), numpy.array(scores, "f4")
            order = numpy.lexsort((-scores, sources))
            starts = numpy.searchsorted(sources[order], numpy.arange(len(self.products) + 1))
            self.kinds[kind] = starts, targets[order], scores[order]

    def number(self, product):
        if product not in self.index:
            self.index[product] = len(self.products)
            self.products.append(product)
        return self.index[product]

    def related(self, kind, products, limit):
        """Returns up to limit products that are related to the given ones, without these, as (product, score), the best first."""
        starts, targets, scores = self.kinds[kind]
        rows = {self.index[product] for product in products if product in self.index}
        sums = {}
        for row in rows:
            for target, score in zip(targets[starts[row]:starts[row + 1]].tolist(), scores[starts[row]:starts[row + 1]].tolist()):
                if target not in rows:
                    sums[target] = sums.get(target, 0.0) + score
        best = sorted(sums.items(), key=lambda pair: (-pair[1], self.products[pair[0]]))[:limit]
        return [(self.products[target], round(min(score / len(rows), 1.0), 4)) for target, score in best]


class Follower:
    """Holds the current model, and loads another when a rebuild has written one."""

    def __init__(self, database, table):
        self.database, self.table = database, table
        self.model, self.name, self.ready = Model(), None, False

    def run(self, stopping):
        while not stopping.is_set():
            try:
                name = current(self.database, self.table)
                if name != self.name:
                    start = time.perf_counter()
                    self.model, self.name = load(self.database, self.table, name), name
                    log.info("loaded", extra={"fields": {
                        "model": name, "products": len(self.model.products), "ms": round((time.perf_counter() - start) * 1000),
                    }})
                # Without a model there is nothing to recommend yet, which is an answer.
                self.ready = True
            except Exception as error:
                log.error("the model cannot be read", extra={"fields": {"error": f"{type(error).__name__}: {error}"}})
            stopping.wait(LOOK_EVERY)

    def finish(self):
        pass


def current(database, table):
    """Returns the name of the current model, or None before the first rebuild."""
    key = {"productId": {"S": "model"}, "relatedProductId": {"S": "current"}}
    item = database.get_item(TableName=table, Key=key).get("Item")
    return item["model"]["S"] if item else None


def load(database, table, name):
    pages = database.get_paginator("query").paginate(
        TableName=table, ConsistentRead=True,
        KeyConditionExpression="productId = :name", ExpressionAttributeValues={":name": {"S": f"model#{name}"}},
    )
    return Model(
        (item["relatedProductId"]["S"], {
            kind: {target: float(score["N"]) for target, score in item[kind]["M"].items()} for kind in KINDS if kind in item
        })
        for page in pages for item in page["Items"]
    )


def write(database, table, name, products, best):
    """Writes a model and makes it the current one. Best has (indexes, scores) for each product, by kind."""
    def rows():
        for n, product in enumerate(products):
            scores = {
                kind: {"M": {products[column]: {"N": f"{score:.4f}"} for column, score in zip(*best[kind][n]) if score >= 0.0001}}
                for kind in KINDS
            }
            yield {"PutRequest": {"Item": {
                "productId": {"S": f"model#{name}"}, "relatedProductId": {"S": product},
                **{kind: related for kind, related in scores.items() if related["M"]},
            }}}

    batch(database, table, rows())
    try:
        database.put_item(
            TableName=table,
            Item={"productId": {"S": "model"}, "relatedProductId": {"S": "current"}, "model": {"S": name}},
            ConditionExpression="attribute_not_exists(model) OR model < :name", ExpressionAttributeValues={":name": {"S": name}},
        )
    except database.exceptions.ConditionalCheckFailedException:
        log.warning("another rebuild began later and is done")


def delete(database, table, keys):
    batch(database, table, ({"DeleteRequest": {"Key": key}} for key in keys))


def batch(database, table, requests):
    """Writes the requests, 25 at once. DynamoDB returns those for which it has no capacity at the moment."""
    waiting, pause, more = [], 0.1, True
    requests = iter(requests)
    while more or waiting:
        while len(waiting) < 25 and more:
            request = next(requests, None)
            more = request is not None
            if more:
                waiting.append(request)
        if waiting:
            left = database.batch_write_item(RequestItems={table: waiting}).get("UnprocessedItems", {}).get(table, [])
            pause = min(pause * 2, 5) if left else 0.1
            if left:
                time.sleep(pause)
            waiting = left
