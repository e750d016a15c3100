"""The logs that a search domain publishes, which the emulator drops."""

from ministack.services import opensearch

from .define import after


def complete(domain, properties):
    opensearch._domains[domain]["LogPublishingOptions"] = properties.get("LogPublishingOptions") or {}


after("AWS::OpenSearchService::Domain", complete)
