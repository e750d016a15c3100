"""Deletion protection, which the emulator stores and does not enforce when a stack is deleted or rolled back. What a rollback
of a creation could not delete stays in the stack, as on AWS."""

from ministack.services import alb, cognito
from ministack.services.cloudformation import stacks

from .define import HANDLERS, rewrite


def refuse(name, protected, reason):
    """Makes the deletion of a resource of the type fail while protected(physical id)."""
    handler = HANDLERS[name]

    def delete(physical, properties):
        if protected(physical):
            raise ValueError(reason)
        return handler["delete"](physical, properties)

    HANDLERS[name] = {**handler, "delete": delete}


refuse("AWS::ElasticLoadBalancingV2::LoadBalancer",
       lambda arn: alb._lb_attr(arn, "deletion_protection.enabled", "false") == "true",
       "Load balancer cannot be deleted because deletion protection is enabled")
refuse("AWS::Cognito::UserPool",
       lambda pool: cognito._user_pools.get(pool, {}).get("DeletionProtection") == "ACTIVE",
       "The user pool cannot be deleted because deletion protection is activated")

rewrite(stacks._roll_back_operation,
        '                "Properties": res_props,\n            }\n        provisioned_resources.pop(logical_id, None)\n'
        "    if not (is_update and previous_stack):",
        '                "Properties": res_props,\n            }\n'
        "            if not is_update:\n"
        '                res["ResourceStatus"] = "DELETE_FAILED"\n'
        "                continue\n"
        "        provisioned_resources.pop(logical_id, None)\n"
        "    if not (is_update and previous_stack):")
