# attacks: watches the host's directories for changes
# stopped-by: a root of its own
# modes: both
# architecture: x86_64
# expect: ok
# waived-by: metadata
tried()
watcher = syscall(294, 0)
if watcher >= 0:
    for path in (facts["host_directory"], facts["home"], facts["repository"], "/root"):
        if syscall(254, watcher, ctypes.c_char_p(path.encode()), 0xFFF) >= 0:
            escaped(f"watches {path}")
