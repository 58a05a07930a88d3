# The zygote of a slot: a Python interpreter with its modules loaded, already locked down, that forks one process for
# each run. It is started as `python3 -s -S -c <this text> <settings>`; settings is a JSON object with the optional keys
# "modules" (to import before the first fork) and "paths" (to append to sys.path). Its socket is descriptor 3.
#
# Messages, all one datagram (see launcher/zygote.h and launcher/session.h):
#   init -> zygote    b"F" or b"O", then i64 seed (-1: none), limits {u32 resource, u64 soft, u64 hard}*; descriptors:
#                     stdin, stdout, stderr and program for a run (F), a socket for a session (O). b"P": make the
#                     process of the next run ahead. b"U": let it end; answered with b"U".
#   zygote -> init    b"R", i64 resident KiB: ready. b"S", from the new process itself: started. b"X", i32 status,
#                     i64 user us, i64 system us, i64 peak KiB: the run ended. b"E", text: could not fork.
#   init -> session   b"C", u32 number; descriptors as for a run. b"B"; the branch's socket.
#   session -> init   b"S": started. b"D", u32 number, i32 exit code, u8 what (1 memory exhausted, 2 the session ends).
#                     b"B", text: branched, or why not (text not empty).
# A program is u32 count, {u32 length, bytes}* arguments, u32 length, source.

import sys

if sys.version_info < (3, 9):
    sys.exit("the zygote needs Python 3.9 or later; this is " + sys.version.split()[0])


def _zygote():
    import ast
    import atexit
    import builtins
    import gc
    import io
    import linecache
    import os
    import resource
    import signal
    import socket
    import struct
    import traceback
    import types
    from _thread import get_native_id

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
        for at in range(9, len(message) - 19, 20):
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

    def uncaught(error):
        # The frames of this file are of no interest to the author of the program.
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == "<string>":
            trace = trace.tb_next
        error.__traceback__ = trace
        try:
            sys.excepthook(type(error), error, trace)
        except BaseException:
            traceback.print_exception(type(error), error, trace)

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

    def redirect(fds):
        os.dup2(fds[0], 0)
        os.dup2(fds[1], 1)
        os.dup2(fds[2], 2)

    def start(message, fds):
        os.setsid()
        redirect(fds)
        arguments, source = read_program(fds[3])
        os.write(3, b"S")
        channel.detach()
        os.closerange(3, 64)
        os.chdir(work)
        set_limits(message)
        reseed(message)
        return arguments, source

    # Without a seed: `random` reseeds itself after a fork; numpy does not.
    def reseed(message):
        (seed,) = struct.unpack_from("<q", message, 1)
        numpy_random = sys.modules.get("numpy.random")
        if seed >= 0:
            import random

            random.seed(seed)
            if numpy_random is not None:
                numpy_random.seed([seed & 0xFFFFFFFF, seed >> 32])
        elif numpy_random is not None:
            numpy_random.seed()

    # Threads that an earlier cell left running do not write into the output of the one that is on.
    class CellOutput(io.TextIOWrapper):
        late = frozenset()

        def write(self, text):
            if CellOutput.late and get_native_id() in CellOutput.late:
                return len(text)
            return super().write(text)

    def cell_output(fd):
        buffer = open(fd, "wb", closefd=False)
        return CellOutput(buffer, encoding="utf-8", errors="backslashreplace" if fd == 2 else "strict")

    def threads_of_earlier_cells():
        threading = sys.modules.get("threading")
        if threading is None:
            return frozenset()
        others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
        return frozenset(thread.native_id for thread in others)

    # -- sessions ---------------------------------------------------------------------------------------------------

    def session(message, fds):
        os.setsid()
        channel.detach()
        os.dup2(fds[0], 3, inheritable=False)
        os.closerange(4, 64)
        os.chdir(work)
        set_limits(message)
        reseed(message)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__ = cell_output(1), cell_output(2)
        serve_cells(new_main([]).__dict__)

    # One process for the whole life of a session; a branch goes on in this loop with its own socket as descriptor 3.
    # An interrupt that comes late, when its cell has ended already, must not end the loop.
    def serve_cells(names):
        os.write(3, b"S")
        null = os.open("/dev/null", os.O_RDWR)
        place, answer, own = os.getcwd(), None, os.getpid()
        while True:
            try:
                if answer is not None:
                    if os.getpid() != own:
                        os._exit(0)  # a process that the cell forked and that ran off its end
                    redirect((null, null, null))
                    place = current_directory()
                    os.write(3, answer)
                    if answer[-1] & 2:
                        os._exit(0)
                    answer = None
                with socket.socket(fileno=os.dup(3)) as private:
                    message, fds, _, _ = socket.recv_fds(private, 64, 8)
                if not message:
                    os._exit(0)
                if message[:1] == b"B":
                    if branch(fds[0], place):
                        own = os.getpid()
                        os.write(3, b"S")
                    continue
                answer = struct.pack("<c4siB", b"D", message[1:5], 130, 0)
                answer = cell(names, message[1:5], fds)
            except KeyboardInterrupt:
                pass

    def current_directory():
        try:
            return os.getcwd()
        except OSError:
            return work

    def cell(names, number, fds):
        code, flags = 0, 0
        redirect(fds)
        (count,) = struct.unpack("<I", number)
        try:
            sys.stdin = open(0, closefd=False)
            CellOutput.late = threads_of_earlier_cells()
            arguments, source = read_program(fds[3])
            for fd in fds[:3]:
                os.close(fd)
            sys.argv = [main_name] + arguments
            run_cell(names, source, "cell%d.py" % count)
        except SystemExit as error:
            code, flags = exit_code(error), 2
            atexit._run_exitfuncs()
        except MemoryError as error:
            code, flags = 1, 1
            uncaught(error)
        except KeyboardInterrupt as error:
            code = 130
            uncaught(error)
        except BaseException as error:
            code = 1
            uncaught(error)
        flush()
        return struct.pack("<c4siB", b"D", number, code, flags)

    # As in a notebook: the value of a last expression is shown.
    def run_cell(names, source, name):
        remember_source(name, source)
        tree = compile(source, name, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec", dont_inherit=True), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval", dont_inherit=True), names)
            if value is not None:
                print(repr(value))

    # True in the branch, which is a child of init: the process between the two ends at once. Modules that reseed after
    # a fork must not do so here: a branch has the state of what it was branched from.
    def branch(fd, place):
        threading = sys.modules.get("threading")
        try:
            if threading is not None and threading.active_count() > 1:
                raise RuntimeError("other threads are running, and a branch would not have them")
            random = sys.modules.get("random")
            state = random.getstate() if random is not None else None
            between = os.fork()
            if between != 0:
                _, status = os.waitpid(between, 0)
                if status != 0:
                    raise RuntimeError("the process could not be copied")
                os.close(fd)
                os.write(3, b"B")
                return False
            try:
                if os.fork() != 0:
                    os._exit(0)
            except OSError:
                os._exit(1)
            if random is not None:
                random.setstate(state)
            os.dup2(fd, 3, inheritable=False)
            os.close(fd)
            os.chdir(place)
            return True
        except Exception as error:
            os.write(3, b"B" + str(error).encode("utf-8", "replace")[:200])
            return False

    # -- serving ----------------------------------------------------------------------------------------------------

    def fork():
        try:
            return os.fork()
        except OSError as error:
            channel.send(b"E" + str(error).encode())
            return None

    # A process made ahead of the run it is for: what a fork costs, and the first touch of many pages, is paid between
    # runs. Returns (pid, socket); in the new process, the run's message and descriptors, once there is a run.
    def park():
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = fork()
        if pid != 0:
            far.close()
            return pid and (pid, near), None
        near.close()
        warm_up()
        message, fds, _, _ = socket.recv_fds(far, 4096, 8)
        if not message:
            os._exit(0)
        far.close()
        return None, (message, fds)

    def warm_up():
        names = new_main([]).__dict__ | {"sink": io.StringIO()}
        exec(compile("for i in range(2):\n    print(i, file=sink)", main_name, "exec"), names)

    # Hands the run over to the parked process. Its id, or None when it is gone.
    def hand_over(parked, message, fds):
        pid, near = parked
        try:
            socket.send_fds(near, [message], fds)
        except OSError:
            pid = None
        near.close()
        if pid is None:
            os.waitpid(parked[0], 0)
        return pid

    def wait_for(pid):
        _, status, usage = os.wait4(pid, 0)
        user, system = int(usage.ru_utime * 1e6), int(usage.ru_stime * 1e6)
        channel.send(struct.pack("<ciqqq", b"X", status, user, system, usage.ru_maxrss))

    # Returns in the new process, with what it is to do.
    def serve():
        parked = None
        while True:
            message, fds, _, _ = socket.recv_fds(channel, 4096, 8)
            kind, pid = message[:1], None
            if kind == b"":
                os._exit(0)
            if kind == b"P":
                if parked is None:
                    parked, task = park()
                    if task is not None:
                        return task
                continue
            if kind == b"U":
                if parked is not None:
                    parked[1].close()
                    os.waitpid(parked[0], 0)
                    parked = None
                channel.send(b"U")
                continue
            if parked is not None:
                pid, parked = hand_over(parked, message, fds), None
            if pid is None:
                pid = fork()
            # A session belongs to init: the process between the two ends at once.
            if pid == 0 and (kind == b"F" or os.fork() == 0):
                return message, fds
            if pid == 0:
                os._exit(0)
            for fd in fds:
                os.close(fd)
            if pid is not None and kind == b"F":
                wait_for(pid)
            elif pid is not None:
                os.waitpid(pid, 0)

    # -- start ------------------------------------------------------------------------------------------------------

    import json

    settings = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    work = os.environ.get("HOME", "/")
    sys.path.extend(settings.get("paths", []))
    for name in settings.get("modules", []):
        __import__(name)
    sys.path.insert(0, work)
    sys.excepthook = traceback.print_exception  # the built-in one does not ask linecache
    channel = socket.socket(fileno=3)
    channel.setblocking(True)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 2)
    os.close(null)
    gc.collect()
    gc.freeze()
    channel.send(struct.pack("<cq", b"R", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
    message, fds = serve()
    if message[:1] == b"O":
        session(message, fds)
    arguments, source = start(message, fds)
    run(arguments, source)


_zygote()
