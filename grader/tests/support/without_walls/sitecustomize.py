"""For processes that tests start on a machine without walls: see ``machine.do_without_walls``."""

import importlib.abc
import importlib.util
import sys

SERVER = "grader.sandbox.server"


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != SERVER:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def execute_and_choose(module):
            execute(module)
            module.CHOICES["auto"] = (module.NONE,)

        spec.loader.exec_module = execute_and_choose
        return spec


sys.meta_path.insert(0, Finder())
