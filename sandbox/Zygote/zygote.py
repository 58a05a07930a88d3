# The zygote of a slot: a Python interpreter with its modules loaded, already locked down, that forks one process for
# each run. It is started as `python3 -I -S -c <this text> <settings>`; settings is a JSON object with the optional keys
# "modules" (to import before the first fork) and "paths" (to append to sys.path). Its socket is descriptor 3.
#
# Messages, all one datagram (see launcher/zygote.h):
#   init -> zygote   b"F" or b"O", then limits {u32 resource, u64 soft, u64 hard}*; descriptors: stdin, stdout, stderr and
#                    program for a run (F), a socket for a session (O).
#   zygote -> init   b"R": ready. b"S", from the new process itself: started. b"X", i32 status, i64 user us, i64 system us,
#                    i64 peak KiB: the run ended. b"E", text: could not fork.
# A program is u32 count, {u32 length, bytes}* arguments, u32 length, source.

import sys


def _zygote():
    import atexit
    import builtins
    import gc
    import linecache
    import os
    import resource
    import signal
    import socket
    import struct
    import traceback
    import types

    main_name = "main.py"
    exhausted = signal.SIGRTMAX  # how a process tells that an uncaught MemoryError ended it

    # -- reading a program ------------------------------------------------------------------------------------------

    def read_program(fd):
        size = os.fstat(fd).st_size
        data = os.pread(fd, size, 0)
        os.close(fd)
        (count,) = struct.unpack_from("<I", data, 0)
        at, arguments = 4, []
        for _ in range(count):
            (length,) = struct.unpack_from("<I", data, at)
            arguments.append(os.fsdecode(data[at + 4 : at + 4 + length]))
            at += 4 + length
        (length,) = struct.unpack_from("<I", data, at)
        return arguments, data[at + 4 : at + 4 + length]

    def remember_source(name, source):
        lines = source.decode("utf-8", "replace").splitlines(True)
        # No modification time: linecache then never looks for a file of that name.
        linecache.cache[name] = (len(source), None, lines, name)

    def set_limits(message):
        for at in range(1, len(message) - 19, 20):
            which, soft, hard = struct.unpack_from("<IQQ", message, at)
            maximum = resource.getrlimit(which)[1]
            if maximum != resource.RLIM_INFINITY:
                hard = min(hard, maximum)
            resource.setrlimit(which, (min(soft, hard), hard))

    # -- running ----------------------------------------------------------------------------------------------------

    def new_main(arguments):
        module = types.ModuleType("__main__")
        module.__builtins__ = builtins
        sys.modules["__main__"] = module
        sys.argv = [main_name] + arguments
        return module

    def show(kind, value, trace):
        # The frames of this file are of no interest to the author of the program.
        while trace is not None and trace.tb_frame.f_code.co_filename == "<string>":
            trace = trace.tb_next
        traceback.print_exception(kind, value, trace)

    def uncaught(error):
        kind, trace = type(error), error.__traceback__
        try:
            sys.excepthook(kind, error, trace)
        except BaseException:
            show(kind, error, trace)

    def exit_code(error):
        code = error.code
        if code is None:
            return 0
        if isinstance(code, int):
            return code & 0xFF
        try:
            print(code, file=sys.stderr)
        except BaseException:
            pass
        return 1

    def flush():
        failed = False
        for stream in (sys.stdout, sys.stderr):
            try:
                if stream is not None and not stream.closed:
                    stream.flush()
            except BaseException:
                failed = True
        return failed

    # What the interpreter does at its end, without the slow part: taking all modules apart.
    def leave(code):
        try:
            threading = sys.modules.get("threading")
            if threading is not None:
                threading._shutdown()
            atexit._run_exitfuncs()
        except SystemExit as error:
            code = exit_code(error)
        except BaseException as error:
            try:
                uncaught(error)
            except BaseException:
                pass
        if flush() and code == 0:
            code = 120
        os._exit(code)

    def run(arguments, source):
        code = 0
        try:
            module = new_main(arguments)
            remember_source(main_name, source)
            exec(compile(source, main_name, "exec", dont_inherit=True), module.__dict__)
        except SystemExit as error:
            code = exit_code(error)
        except MemoryError as error:
            code = None
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            try:
                uncaught(error)
                flush()
            finally:
                signal.signal(exhausted, signal.SIG_DFL)
                os.kill(os.getpid(), exhausted)
        except KeyboardInterrupt as error:
            code = 130
            uncaught(error)
        except BaseException as error:
            code = 1
            uncaught(error)
        leave(code)

    def start(message, fds):
        os.setsid()
        os.dup2(fds[0], 0)
        os.dup2(fds[1], 1)
        os.dup2(fds[2], 2)
        arguments, source = read_program(fds[3])
        os.write(3, b"S")
        channel.detach()
        os.closerange(3, 64)
        os.chdir(work)
        set_limits(message)
        reseed()
        return arguments, source

    def reseed():
        # `random` reseeds itself after a fork; numpy does not.
        numpy_random = sys.modules.get("numpy.random")
        if numpy_random is not None:
            numpy_random.seed()

    # -- serving ----------------------------------------------------------------------------------------------------

    def fork():
        try:
            return os.fork()
        except OSError as error:
            channel.send(b"E" + str(error).encode())
            return None

    def serve():
        while True:
            message, fds, _, _ = socket.recv_fds(channel, 4096, 8)
            if not message:
                os._exit(0)
            pid = fork()
            if pid == 0:
                return message, fds
            for fd in fds:
                os.close(fd)
            if pid is None:
                continue
            _, status, usage = os.wait4(pid, 0)
            user, system = int(usage.ru_utime * 1e6), int(usage.ru_stime * 1e6)
            channel.send(struct.pack("<ciqqq", b"X", status, user, system, usage.ru_maxrss))

    # -- start ------------------------------------------------------------------------------------------------------

    import json

    settings = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    work = os.environ.get("HOME", "/")
    sys.path.extend(settings.get("paths", []))
    for name in settings.get("modules", []):
        __import__(name)
    sys.path.insert(0, work)
    sys.excepthook = show
    channel = socket.socket(fileno=3)
    channel.setblocking(True)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 2)
    os.close(null)
    gc.collect()
    gc.freeze()
    channel.send(b"R")
    message, fds = serve()
    arguments, source = start(message, fds)
    run(arguments, source)


_zygote()
