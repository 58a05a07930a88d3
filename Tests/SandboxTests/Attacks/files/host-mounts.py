# attacks: looks in its mount table for the host's paths
# stopped-by: a root of its own
# modes: full
# expect: ok
tried()
for name in ("mounts", "mountinfo", "mountstats"):
    try:
        table = open("/proc/self/" + name).read()
    except OSError:
        continue
    for path in (facts["home"] + "/", facts["repository"], facts["host_directory"], " /mnt", " /home"):
        if path in table:
            escaped(f"{path} in {name}")
