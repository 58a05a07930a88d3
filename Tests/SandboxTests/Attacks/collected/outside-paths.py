# attacks: the caller itself asks for files outside the work directory
# stopped-by: collected paths are relative and have no ..
# modes: both
# expect: ok, error
# collect: ../../etc/passwd, /etc/passwd, ./../../proc/self/environ, a/../../../etc/passwd, ..
# files: none
tried()
os.mkdir("a")
