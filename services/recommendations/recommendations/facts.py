"""The facts from which recommendations are computed: who bought what together, and who gave how many stars.

They are items of the table Scores, under keys that say what they are:

    productId            relatedProductId
    order#<orderId>      fact              userId, products, placedAt (seconds since 1970), expiresAt
    review#<reviewId>    fact              userId, product, stars (0 when it is withdrawn), version

An order is a fact once, so its item is its inbox, too: a second delivery does not change it. Of a review the latest version counts.
"""

import base64
import concurrent.futures
import datetime
import json
import threading
import time

from .service import log

# In seconds. SQS sends the next event also into a request that was given up, and it comes again only after the visibility timeout of
# two minutes. So a service that stops waits for the request.
LONG_POLL = 5
# After four half-lives an order has a sixteenth of its weight.
REMEMBERED = datetime.timedelta(days=4 * 180)


def parse(body):
    """Returns the source, the type and the detail of an event in a queue, from an outbox or from the bus."""
    message = json.loads(body)
    detail = message["detail"]
    if "outbox" in detail:
        detail = json.loads(base64.b64decode(detail["outbox"]["detail"]))
    return message["source"], message["detail-type"], detail


def seconds(moment):
    return int(datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")[:19] + "+00:00").timestamp())


class Consumer:
    """Keeps the facts of the events in the queue."""

    ready = True  # requests are answered without it

    def __init__(self, queue, url, database, table):
        self.queue, self.url, self.database, self.table = queue, url, database, table
        self.handlers = {
            ("storefront.orders", "OrderPlaced"): self.ordered,
            ("storefront.reviews", "ReviewPosted"): self.reviewed,
        }
        self.idle = threading.Event()
        self.idle.set()

    def run(self, stopping):
        with concurrent.futures.ThreadPoolExecutor(max_workers=10) as workers:
            while not stopping.is_set():
                try:
                    self.idle.clear()
                    got = self.queue.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=LONG_POLL)
                    list(workers.map(self.take, got.get("Messages", [])))
                except Exception as error:
                    log.error("the queue cannot be read", extra={"fields": {"error": str(error)}})
                    stopping.wait(1)
                finally:
                    self.idle.set()

    def finish(self):
        """Waits for the last request for events, and for those that it receives."""
        self.idle.wait(20)

    def take(self, message):
        """Handles a message, and deletes it after that. After an error it comes again, and is a dead letter after five times."""
        start, fields = time.perf_counter(), {"message": message["MessageId"]}
        try:
            source, kind, detail = parse(message["Body"])
            fields["event"] = f"{source} {kind}"
            self.handlers[source, kind](detail)
            self.queue.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        except Exception as error:
            log.error("the event comes again", extra={"fields": fields | {"error": f"{type(error).__name__}: {error}"}})
            return
        log.info("event", extra={"fields": fields | {"ms": round((time.perf_counter() - start) * 1000, 3)}})

    def ordered(self, order):
        placed = seconds(order["placedAt"])
        self.keep({
            "productId": {"S": f"order#{order['orderId']}"},
            "userId": {"S": order["userId"]},
            "products": {"SS": sorted({line["productId"] for line in order["lines"]})},
            "placedAt": {"N": str(placed)},
            "expiresAt": {"N": str(placed + int(REMEMBERED.total_seconds()))},
        }, "attribute_not_exists(productId)")

    def reviewed(self, review):
        self.keep({
            "productId": {"S": f"review#{review['reviewId']}"},
            "userId": {"S": review["authorId"]},
            "product": {"S": review["productId"]},
            "stars": {"N": "0" if review.get("withdrawn") else str(review["stars"])},
            "version": {"N": str(review["version"])},
        }, "attribute_not_exists(productId) OR version < :version", {":version": {"N": str(review["version"])}})

    def keep(self, item, condition, values=None):
        try:
            self.database.put_item(
                TableName=self.table, Item=item | {"relatedProductId": {"S": "fact"}}, ConditionExpression=condition,
                **({"ExpressionAttributeValues": values} if values else {}),
            )
        except self.database.exceptions.ConditionalCheckFailedException:
            pass  # it is there already, or a later version is
