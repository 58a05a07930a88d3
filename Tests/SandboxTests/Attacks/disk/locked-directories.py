# attacks: leaves files and directories that nobody may read, enter or delete
# stopped-by: the work directory is unmounted, or removed with its permissions put right
# modes: both
# expect: ok
tried()
for name in ("a", "a/b", "a/b/c"):
    os.mkdir(name)
    open(name + "/file", "w").close()
    os.chmod(name + "/file", 0)
for name in ("a/b/c", "a/b", "a", "."):
    os.chmod(name, 0)
