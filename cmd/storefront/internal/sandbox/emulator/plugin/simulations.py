"""The policy simulator drops the context that it is given, without which a policy with a condition allows nothing."""

import contextvars

from ministack.services import iam

from .define import rewrite

simulate = iam._simulate_principal_policy

# The context of the current simulation.
context = contextvars.ContextVar("context", default=None)


def numbered(parameters, name):
    """The values of a list in the query protocol, such as Names.member.1."""
    values = []
    while value := iam._p(parameters, f"{name}.member.{len(values) + 1}"):
        values.append(value)
    return values


def given(parameters):
    found, number = {}, 1
    while key := iam._p(parameters, f"ContextEntries.member.{number}.ContextKeyName"):
        values = numbered(parameters, f"ContextEntries.member.{number}.ContextKeyValues")
        found[key.lower()] = values[0] if len(values) == 1 else values
        number += 1
    return found


def simulate_in_context(parameters):
    context.set(given(parameters))
    return simulate(parameters)


iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate_in_context
iam._sandbox_context = lambda: context.get() or {}
rewrite(iam._build_simulate_results_real,
        "                secure_transport=False,",
        "                secure_transport=False,\n                service_context=_sandbox_context(),")
