import importlib
import pkgutil

from ministack.app import main

import plugin
from plugin import recorded

for module in pkgutil.iter_modules(plugin.__path__):
    if module.name != "__main__":
        importlib.import_module(f"plugin.{module.name}")

recorded.install()
main()
