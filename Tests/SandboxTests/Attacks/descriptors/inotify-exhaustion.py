# attacks: uses up the user's inotify instances, watches, epoll and event descriptors
# stopped-by: limit on open files; everything dies with the run
# modes: both
# architecture: x86_64
# expect: ok
# limits: wall 4
tried()
made = 0
for number, arguments in ((294, (0,)), (291, (0,)), (290, (0, 0)), (283, (1, 0)), (289, (-1, 0, 8, 0))):
    while made < 5000 and syscall(number, *arguments) >= 0:
        made += 1
if made > 1024:
    escaped(f"{made} descriptors")
