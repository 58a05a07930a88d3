# attacks: stops itself, and its own process group, in the middle of a cell
# stopped-by: wall limit
# modes: both
# session: yes
# limits: wall 0.6
import signal

tried()
os.kill(os.getpid(), signal.SIGSTOP)
# %%
print("second cell")
