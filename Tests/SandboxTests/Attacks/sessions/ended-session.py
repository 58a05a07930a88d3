# attacks: ends its session in each way a process can end
# stopped-by: a broken session is lost, the next one is new
# modes: both
# architecture: x86_64
# session: yes
# variants: exit; crash; kill; replace; fork_and_exit; leader
tried()
kind = facts["variant"]
if kind == "exit":
    os._exit(3)
elif kind == "crash":
    ctypes.string_at(0)
elif kind == "kill":
    os.kill(os.getpid(), 9)
elif kind == "replace":
    os.execv("/bin/sleep", ["sleep", "0.1"])
elif kind == "fork_and_exit":
    if os.fork():
        os._exit(0)
elif kind == "leader":
    import threading

    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    syscall(60, 0)
# %%
print("second cell")
