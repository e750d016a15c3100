"""Outputs of a stack that was deleted are gone: the emulator still gives them."""

from ministack.services.cloudformation import engine

from .define import rewrite

rewrite(engine._resolve_refs,
        "            stack = _stacks.get(str(target_stack))\n            if stack:",
        "            stack = _stacks.get(str(target_stack))\n"
        '            if stack and stack.get("StackStatus") != "DELETE_COMPLETE":')
