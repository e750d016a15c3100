import importlib
import json
import os
import pkgutil

from ministack.app import main

import plugin
from plugin import define

for module in pkgutil.iter_modules(plugin.__path__):
    if module.name != "__main__":
        importlib.import_module(f"plugin.{module.name}")

with open(os.environ["SANDBOX_RECORDED"], "w", encoding="utf-8") as file:
    json.dump(sorted(define.RECORDED_TYPES), file)

main()
