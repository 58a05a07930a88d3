# attacks: starts programs with arguments and environments of many megabytes
# stopped-by: the kernel's limit on both, memory limit
# modes: both
# expect: ok, memory_limit
import subprocess

tried()
for arguments, environment in ((["x" * 120000] * 2000, {}), ([], {f"v{i}": "x" * 120000 for i in range(2000)})):
    try:
        subprocess.run(["/bin/true"] + arguments, env=environment)
        escaped("240 MB of arguments")
    except (OSError, MemoryError, ValueError):
        pass
