"""A thread prints for ever, also in the cells that follow."""

MEANS = ("printed too much",)


def talk():
    while True:
        publish("stream", {"name": "stdout", "text": "a" * 1000})


threading.Thread(target=talk, daemon=True).start()
time.sleep(0.5)
