"""Closes its sockets, listens at the same place without libzmq, and sends noise to whoever connects."""

MEANS = ("printed too much", "timed_out")

places = [(wire, wire.getsockname()) for channel in ("shell", "iopub") for wire in wires(channel)]
for wire, place in places:
    os.unlink(place)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(place)
    listening.listen()
    wire.shutdown(socket.SHUT_RDWR)
    connected, _ = listening.accept()
    connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + os.urandom(1 << 20))
time.sleep(60)
