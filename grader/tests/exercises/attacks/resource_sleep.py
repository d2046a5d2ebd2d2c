# expected: status timed_out
# Sleeps for ever, whatever is raised.

import time

while True:
    try:
        time.sleep(1000)
    except BaseException:
        pass
