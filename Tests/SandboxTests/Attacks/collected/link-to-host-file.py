# attacks: hands over a link to a host file as its output
# stopped-by: files are collected without following links
# modes: both
# expect: ok
# collect: out.txt, sub/out.txt, proc/1/environ
# files: none
tried()
os.symlink(facts["host_file"], "out.txt")
os.symlink(os.path.dirname(facts["host_file"]), "sub")
os.symlink("/proc", "proc")
