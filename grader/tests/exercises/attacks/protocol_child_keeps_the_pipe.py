# expected: fails
# A forked child keeps the reply stream open while the worker is gone.

import os
import time

if os.fork() == 0:
    time.sleep(8)
os._exit(0)
