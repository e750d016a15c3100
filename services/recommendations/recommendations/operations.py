"""The operations of openapi.yaml, by their operationId."""


def of(followed):
    """Returns the operations, which answer from the model that is followed."""

    def recommended(found):
        return {"items": [{"productId": product, "score": score} for product, score in found]}

    return {
        "recommendBoughtTogether": lambda productId, limit: recommended(followed.model.related("together", [productId], limit)),
        "recommendBecauseLiked": lambda productId, limit: recommended(followed.model.related("liked", productId, limit)),
    }
