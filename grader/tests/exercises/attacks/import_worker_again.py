# expected: status raised
# Runs the worker once more inside the worker.

import sys

worker = sys.modules.get("worker") or sys.modules["__main__"]

worker.serve()
