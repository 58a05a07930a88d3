# attacks: walks its frames and every object of the interpreter to the fork server's sockets
# stopped-by: the run holds no descriptor but its own three; the server's objects are useless without
# modes: both
# expect: ok
import gc, socket

tried()
frame = sys._getframe()
places = []
while frame:
    places += [frame.f_globals, frame.f_locals]
    frame = frame.f_back
for found in gc.get_objects() + [value for place in places for value in place.values()]:
    if isinstance(found, (socket.socket, socket.SocketType)) and found.fileno() >= 0:
        escaped(f"a socket {found!r}")
    if hasattr(type(found), "fileno"):
        try:
            number = found.fileno()
            if number > 2:
                os.fstat(number)
                escaped(f"an open file {found!r}")
        except (OSError, ValueError, AttributeError, TypeError):
            pass
