"""The emulator of AWS, and in it what the service uses, as its golden template has it; and the service as a process."""

import base64
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import boto3

FOLDER = pathlib.Path(__file__).parents[1]
ROOT = FOLDER.parents[1]
TEMPLATE = json.loads((ROOT / "test/testdata/golden/sandbox/Recommendations.json").read_text())["Resources"]
REGION = "us-east-2"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(true, what, seconds=60):
    """Waits until a function returns something true, and returns that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if got := true():
            return got
        time.sleep(0.05)
    raise AssertionError(f"{what} took more than {seconds} s")


class Emulator:
    """The emulator of the sandbox, which ends with the tests. It is started as services/internal/awstest does."""

    def __init__(self):
        python = ROOT / ".cache/sandbox/python/bin/python"
        if not python.exists():
            message = "the emulator is not installed: run make sandbox sandbox-down once"
            if os.environ.get("STOREFRONT_REQUIRE_EMULATOR") == "1":
                raise AssertionError(message)
            raise unittest.SkipTest(message)
        self.folder, port = tempfile.TemporaryDirectory(), free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self.log = open(pathlib.Path(self.folder.name) / "log", "wb")
        self.process = subprocess.Popen(
            [python, "-m", "plugin"], cwd=ROOT / "cmd/storefront/internal/sandbox/emulator",
            stdin=subprocess.PIPE, stdout=self.log, stderr=self.log,  # it exits when its standard input is closed
            env={
                "PATH": os.environ["PATH"], "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "MINISTACK_HOST": "127.0.0.1",
                "MINISTACK_REGION": REGION, "IOT_MTLS_ENABLED": "0", "DOCKER_HOST": "unix:///nonexistent", "SANDBOX_STAND_INS": "false",
                "TMPDIR": self.folder.name, "HOME": self.folder.name, "SANDBOX_ANSWERS": self.folder.name + "/answers.log",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        until(self.responds, "the start of the emulator")

    def responds(self):
        try:
            return urllib.request.urlopen(self.endpoint + "/_ministack/health").status
        except OSError:
            return None

    def client(self, name):
        return boto3.client(name, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.log.close()
        self.folder.cleanup()


class Stack:
    """A table and a queue with the properties of the golden template, and the variables of the deployed container."""

    def __init__(self, emulator, name):
        self.emulator, self.database, self.sqs = emulator, emulator.client("dynamodb"), emulator.client("sqs")
        table = next(r["Properties"] for r in TEMPLATE.values() if r["Type"] == "AWS::DynamoDB::GlobalTable")
        self.table = name
        self.database.create_table(TableName=name, **{key: table[key] for key in ("AttributeDefinitions", "KeySchema", "BillingMode")})
        queue = next(r["Properties"] for r in TEMPLATE.values() if r["Type"] == "AWS::SQS::Queue" and "VisibilityTimeout" in r["Properties"])
        attributes = {name: str(queue[name]) for name in ("VisibilityTimeout", "ReceiveMessageWaitTimeSeconds")}
        self.queue = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        container = next(
            r["Properties"]["ContainerDefinitions"][0] for r in TEMPLATE.values() if r["Type"] == "AWS::ECS::TaskDefinition"
        )
        values = {"EVENTS_QUEUE_URL": self.queue, "SCORES_TABLE_NAME": self.table}
        self.variables = {
            variable["Name"]: values.get(variable["Name"], variable["Value"]) for variable in container["Environment"]
        } | {
            "AWS_REGION": REGION, "AWS_ENDPOINT_URL": emulator.endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "PATH": os.environ["PATH"], "PYTHONPATH": str(FOLDER),
        }

    def publish(self, source, kind, detail, identifier="e-1"):
        """Sends an event to the queue, as a pipe and the bus would."""
        encoded = base64.b64encode(json.dumps(detail).encode()).decode()
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=json.dumps({
            "id": "of-the-bus", "source": source, "detail-type": kind, "time": "2026-01-02T03:04:05Z",
            "detail": {"outbox": {"id": identifier, "sequence": "1", "detail": encoded}},
        }))

    def messages(self):
        """Returns the number of messages that have not been deleted."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        got = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)["Attributes"]
        return sum(int(got[name]) for name in names)

    def items(self):
        pages = self.database.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def run(self, *command):
        return subprocess.run([sys.executable, "-m", "recommendations", *command], env=self.variables, capture_output=True, text=True)


class Service:
    """The service as a process."""

    def __init__(self, stack):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = tempfile.NamedTemporaryFile("a")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "recommendations"], stdout=self.log, stderr=subprocess.STDOUT,
            env=stack.variables | {"HOST": "127.0.0.1", "PORT": str(port)},
        )
        until(lambda: self.process.poll() is not None or self.get("/health")[0] == 200, "the start of the service")

    def get(self, path, method="GET", headers=None):
        """Returns the status, the type and the JSON of a response."""
        request = urllib.request.Request(self.url + path, method=method, headers=headers or {})
        try:
            response = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            response = error
        except OSError:
            return None, None, None
        with response:
            body = response.read()
            return response.status, response.headers.get("Content-Type"), json.loads(body) if body else None

    def lines(self):
        """Returns the lines of the log, each of which must be JSON."""
        with open(self.log.name) as log:
            return [json.loads(line) for line in log]

    def stop(self):
        """Returns the exit status after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        return status
