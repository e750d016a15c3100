"""Who would signal a wait condition does not run in the emulator, and it would fail after its timeout: it is signaled at once."""

from ministack.services.cloudformation import wait_conditions

register = wait_conditions.register_slot


def registered(*given, **named):
    """With a handle, an instance signals it, such as one for NAT; without, the task of a migration, which `storefront run` runs."""
    token = register(*given, **named)
    wait_conditions.deliver_signal(token, {"Status": "SUCCESS", "UniqueId": "emulator"})
    return token


wait_conditions.register_slot = registered
