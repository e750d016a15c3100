"""Properties of stacks that the emulator returns otherwise than AWS."""

from ministack.services.cloudformation import engine, handlers

from .define import rewrite

# A deleted stack has no outputs.
rewrite(engine._resolve_refs,
        "            stack = _stacks.get(str(target_stack))\n            if stack:",
        "            stack = _stacks.get(str(target_stack))\n"
        '            if stack and stack.get("StackStatus") != "DELETE_COMPLETE":')

# A parameter that names one of Systems Manager has that name as its value, and beside it the resolved value.
rewrite(handlers._describe_stacks,
        'f"<ParameterValue>{val}</ParameterValue>"',
        """+ (lambda name: f"<ParameterValue>{_esc(name)}</ParameterValue><ResolvedValue>{val}</ResolvedValue>" """
        """if name else f"<ParameterValue>{val}</ParameterValue>")"""
        """((s.get("_resolved_params", {}).get(p["ParameterKey"]) or {}).get("SsmName")) +""")

# In a condition the emulator knows no pseudo parameter but by its name.
rewrite(engine._evaluate_conditions,
        "                return pname",
        '                return {"AWS::Region": get_region(), "AWS::AccountId": get_account_id(), "AWS::Partition": "aws"}.get(pname, pname)')
