"""Forks a child that keeps everything open, and is gone."""

MEANS = ("kernel died in cell 1",)

if os.fork() == 0:
    os.setsid()
    while True:
        time.sleep(1)
os._exit(0)
