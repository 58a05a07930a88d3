# attacks: looks for another run's change to the shared text of the C library
# stopped-by: writing makes a private copy
# modes: both
# expect: ok
tried()
if libc.getpriority(0, 0) == 0x1337:
    escaped("the C library is another run's")
