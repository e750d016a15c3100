"""The commands of the image: without one it serves, and `rebuild` computes the recommendations anew and ends."""

import sys

from . import service


def serve():
    from . import facts, model, operations

    environment = service.environment("SERVICE_NAME", "PORT", "SCORES_TABLE_NAME", "EVENTS_QUEUE_URL")
    database = service.client("dynamodb")
    followed = model.Follower(database, environment["SCORES_TABLE_NAME"])
    received = facts.Consumer(service.client("sqs"), environment["EVENTS_QUEUE_URL"], database, environment["SCORES_TABLE_NAME"])
    service.serve(environment, operations.of(followed), background=[followed, received])


def rebuild():
    from . import rebuild

    environment = service.environment("SERVICE_NAME", "SCORES_TABLE_NAME")
    rebuild.run(service.client("dynamodb"), environment["SCORES_TABLE_NAME"])


def main():
    commands = {"": serve, "rebuild": rebuild}
    command = " ".join(sys.argv[1:])
    if command not in commands:
        sys.exit(f'the command must be "rebuild", or none to serve, got "{command}"')
    commands[command]()


main()
