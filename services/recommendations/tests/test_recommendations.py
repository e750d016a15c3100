import datetime
import time
import unittest
import urllib.error
import urllib.request
import uuid

import jsonschema
import yaml

from .emulator import FOLDER, Emulator, Service, Stack, until

SPECIFICATION = yaml.safe_load((FOLDER / "openapi.yaml").read_text())
ORDERS, REVIEWS = ("storefront.orders", "OrderPlaced"), ("storefront.reviews", "ReviewPosted")


def ago(days):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")


def order(identifier, user, *products, days=0):
    price = {"amount": 1999, "currency": "EUR"}
    return {
        "orderId": identifier, "checkoutId": "c-" + identifier, "userId": user, "placedAt": ago(days), "total": price,
        "lines": [{"productId": product, "name": product, "quantity": 1, "unitPrice": price} for product in products],
    }


def review(identifier, user, product, stars, version=1):
    return {
        "reviewId": identifier, "authorId": user, "productId": product, "stars": stars, "version": version,
        "title": "", "text": "", "postedAt": ago(0),
    }


class Recommendations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator()
        cls.addClassCleanup(cls.emulator.stop)

    def start(self):
        self.stack = Stack(self.emulator, "scores-" + uuid.uuid4().hex)
        self.service = Service(self.stack)
        self.addCleanup(self.end)

    def end(self):
        if self.service.process.poll() is None:
            self.service.process.kill()  # an orderly stop takes some seconds
            self.service.process.wait()
        if any(error for _, error in getattr(self._outcome, "errors", [])):
            print(*self.service.lines(), sep="\n")
        self.service.log.close()

    def happen(self, kind, *details):
        """Publishes events and waits until the service has taken all."""
        for detail in details:
            self.stack.publish(*kind, detail)
        until(lambda: self.stack.messages() == 0, "the handling of the events")

    def rebuild(self):
        """Rebuilds, and waits until the service has loaded the model."""
        loaded = sum(line["msg"] == "loaded" for line in self.service.lines())
        done = self.stack.run("rebuild")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        until(lambda: sum(line["msg"] == "loaded" for line in self.service.lines()) > loaded, "the loading of the model")

    def items(self, path):
        status, kind, body = self.service.get(path)
        self.assertEqual((status, kind), (200, "application/json"), body)
        schema = {"$ref": "#/components/schemas/Recommended", "components": SPECIFICATION["components"]}
        jsonschema.Draft202012Validator(schema).validate(body)
        return [(item["productId"], item["score"]) for item in body["items"]]

    def products(self, path):
        return [product for product, _ in self.items(path)]

    def test_what_is_bought_together(self):
        self.start()
        self.assertEqual(self.items("/recommendations/tent"), [])  # nothing is known yet
        self.happen(
            ORDERS,
            order("o-1", "u-1", "tent", "stove"), order("o-2", "u-2", "tent", "stove"), order("o-3", "u-3", "tent", "lamp"),
            order("o-4", "u-4", "book"),
        )
        self.assertEqual(self.items("/recommendations/tent"), [])  # until it is rebuilt
        self.rebuild()
        self.assertEqual(self.products("/recommendations/tent"), ["stove", "lamp"])
        self.assertEqual(self.products("/recommendations/tent?limit=1"), ["stove"])
        self.assertEqual(self.products("/recommendations/stove"), ["tent"])
        self.assertEqual(self.items("/recommendations/book"), [])
        self.assertEqual(self.items("/recommendations/unknown"), [])
        # Another order changes the order of the two, after the next rebuild.
        self.happen(ORDERS, order("o-5", "u-5", "tent", "lamp"), order("o-6", "u-6", "tent", "lamp"))
        self.rebuild()
        self.assertEqual(self.products("/recommendations/tent"), ["lamp", "stove"])
        # A task that starts later has the model from its beginning.
        another = Service(self.stack)
        self.addCleanup(another.log.close)
        self.addCleanup(another.stop)
        self.assertEqual(another.get("/recommendations/stove"), self.service.get("/recommendations/stove"))

    def test_events_that_come_again_or_late_change_nothing(self):
        self.start()
        self.happen(ORDERS, order("o-1", "u-1", "tent", "stove"), order("o-2", "u-2", "tent", "lamp"))
        self.happen(REVIEWS, review("r-1", "u-1", "tent", 5, version=2))
        self.rebuild()
        before, facts = self.items("/recommendations/tent"), sorted(map(str, self.facts()))
        self.assertEqual(len(facts), 3)
        self.happen(ORDERS, *[order("o-2", "u-2", "tent", "lamp")] * 3)
        self.happen(REVIEWS, review("r-1", "u-1", "tent", 1, version=1), review("r-1", "u-1", "tent", 1, version=2))
        self.assertEqual(sorted(map(str, self.facts())), facts)
        self.rebuild()
        self.assertEqual(self.items("/recommendations/tent"), before)
        self.happen(REVIEWS, review("r-1", "u-1", "tent", 1, version=3))
        self.assertNotEqual(sorted(map(str, self.facts())), facts)

    def test_a_review_that_is_withdrawn_no_longer_counts(self):
        self.start()
        self.happen(REVIEWS, review("r-1", "u-1", "tent", 5), review("r-2", "u-1", "stove", 5))
        self.happen(REVIEWS, review("r-2", "u-1", "stove", 5, version=2) | {"withdrawn": True})
        self.rebuild()
        self.assertEqual(self.items("/recommendations/liked?productId=tent"), [])

    def facts(self):
        return [item for item in self.stack.items() if item["relatedProductId"]["S"] == "fact"]

    def test_old_orders_lose_their_weight(self):
        self.start()
        self.happen(
            ORDERS,
            order("o-1", "u-1", "tent", "stove", days=700), order("o-2", "u-2", "tent", "stove", days=700),
            order("o-3", "u-3", "tent", "lamp", days=1), order("o-4", "u-4", "tent", "forgotten", days=800),
        )
        self.rebuild()
        self.assertEqual(self.products("/recommendations/tent"), ["lamp", "stove"])

    def test_because_you_liked(self):
        self.start()
        self.happen(
            REVIEWS,
            review("r-1", "u-1", "tent", 5), review("r-2", "u-1", "stove", 4), review("r-3", "u-1", "lamp", 1),
            review("r-4", "u-2", "tent", 5), review("r-5", "u-2", "stove", 5), review("r-6", "u-2", "map", 5),
            review("r-7", "u-3", "novel", 5), review("r-8", "u-3", "poems", 5),
        )
        self.happen(ORDERS, order("o-1", "u-1", "lamp"), order("o-2", "u-3", "pencil"))
        self.rebuild()
        self.assertEqual(self.products("/recommendations/liked?productId=tent"), ["stove", "map"])  # and not the lamp
        self.assertEqual(self.products("/recommendations/liked?productId=novel"), ["poems", "pencil"])  # bought without a review
        both = self.products("/recommendations/liked?productId=tent&productId=novel&productId=unknown")
        self.assertEqual(sorted(both), ["map", "pencil", "poems", "stove"])  # not what is given
        self.assertEqual(self.items("/recommendations/tent"), [])  # it was reviewed, not bought

    def test_a_rebuild_removes_older_models(self):
        self.start()
        old = {"productId": {"S": "model#20200101T000000Z-0"}, "relatedProductId": {"S": "tent"}}
        self.stack.database.put_item(TableName=self.stack.table, Item=old)
        self.happen(ORDERS, *[order(f"o-{n}", "u-1", *(f"p-{m}" for m in range(n, n + 30))) for n in range(30)])
        self.rebuild()
        self.assertEqual(len(self.items("/recommendations/p-30?limit=20")), 20)
        self.assertNotIn(old, self.stack.items())
        # Of two rebuilds at once that which began later stays.
        key = {"productId": {"S": "model"}, "relatedProductId": {"S": "current"}}
        later = key | {"model": {"S": "99990101T000000Z-0"}}
        self.stack.database.put_item(TableName=self.stack.table, Item=later)
        self.assertEqual(self.stack.run("rebuild").returncode, 0)
        self.assertEqual(self.stack.database.get_item(TableName=self.stack.table, Key=key)["Item"], later)

    def test_an_event_that_cannot_be_handled_stays_in_the_queue(self):
        self.start()
        for kind, detail in (ORDERS, {"orderId": "o-1"}), (("storefront.cart", "CartCheckedOut"), {}):
            self.stack.publish(*kind, detail)
        self.stack.publish(*ORDERS, order("o-2", "u-2", "tent", "lamp"))
        until(lambda: len(self.facts()) == 1, "the event that can be handled")
        until(lambda: sum(line["msg"] == "the event comes again" for line in self.service.lines()) >= 2, "the lines of the log")
        self.assertEqual(self.stack.messages(), 2)
        self.assertEqual(self.service.get("/health")[0], 200)

    def test_requests_that_are_not_valid(self):
        self.start()
        cases = {
            "/recommendations/tent?limit=0": (400, [("limit", "0 is less than the minimum of 1")]),
            "/recommendations/tent?limit=21": (400, [("limit", "21 is greater than the maximum of 20")]),
            "/recommendations/tent?limit=many": (400, [("limit", "'many' is not of type 'integer'")]),
            "/recommendations/%20": (400, [("productId", "' ' does not match")]),
            "/recommendations/liked": (400, [("productId", "'productId' is a required property")]),
            "/recommendations/liked?productId=tent&productId=": (400, [("productId/1", "'' does not match")]),
            "/recommendations/liked?" + "&".join(["productId=tent"] * 51): (400, [("productId", "['tent', ")]),
            "/recommendations": (404, []),
            "/openapi.yaml": (404, []),
        }
        for path, (status, errors) in cases.items():
            with self.subTest(path):
                got, kind, body = self.service.get(path)
                self.assertEqual((got, kind, body["status"]), (status, "application/problem+json", status), body)
                self.assertEqual([error["field"] for error in body.get("errors", [])], [field for field, _ in errors])
                for error, (_, detail) in zip(body.get("errors", []), errors):
                    self.assertIn(detail, error["detail"])
                schema = {"$ref": "#/components/schemas/Problem", "components": SPECIFICATION["components"]}
                jsonschema.Draft202012Validator(schema).validate(body)
        self.assertEqual(self.service.get("/recommendations/tent", method="POST")[:2], (405, "application/problem+json"))
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(self.service.url + "/recommendations/tent", method="POST"))
        with refused.exception as response:
            self.assertEqual(set(response.headers["Allow"].split(", ")), {"GET", "HEAD"})
        self.assertEqual(self.service.get("/recommendations/tent", method="HEAD"), (200, "application/json", None))

    def test_it_starts_logs_and_stops_as_the_platform_expects(self):
        self.start()
        self.assertEqual([self.service.get(path)[0] for path in ("/health", "/health/live")], [200, 200])
        self.service.get("/recommendations/tent", headers={"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
        self.service.get("/recommendations/tent", headers={"x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"})
        # A request is logged after its response has been sent.
        requests = until(lambda: (logged := [line for line in self.service.lines() if line["msg"] == "request"])[1:] and logged, "the log")
        self.assertEqual([line["trace_id"] for line in requests], ["0af7651916cd43dd8448eb211c80319c", "5759e988bd862e3fe1be46a994272793"])
        want = {"service": "recommendations", "level": "INFO", "method": "GET", "route": "/recommendations/{productId}", "status": 200}
        self.assertEqual(want | requests[0], requests[0])
        self.assertEqual(self.service.stop(), 0)
        self.assertEqual(self.service.lines()[-1]["msg"], "stopping")

    def test_a_service_that_stops_handles_what_its_last_request_receives(self):
        self.start()
        self.service.process.terminate()
        time.sleep(2)  # in which it has answered all requests
        self.stack.publish(*ORDERS, order("o-1", "u-1", "tent", "stove"))
        self.assertEqual(self.service.process.wait(30), 0)
        self.assertEqual((self.stack.messages(), len(self.stack.items())), (0, 1))

    def test_the_command_line_and_the_variables(self):
        stack = Stack(self.emulator, "scores-" + uuid.uuid4().hex)
        wrong = stack.run("index")
        self.assertEqual((wrong.returncode, wrong.stderr), (1, 'the command must be "rebuild", or none to serve, got "index"\n'))
        del stack.variables["SCORES_TABLE_NAME"], stack.variables["EVENTS_QUEUE_URL"]
        missing = stack.run()
        self.assertEqual(missing.returncode, 1)
        self.assertIn("set the environment variables SCORES_TABLE_NAME, EVENTS_QUEUE_URL, as", missing.stdout)


if __name__ == "__main__":
    unittest.main()
