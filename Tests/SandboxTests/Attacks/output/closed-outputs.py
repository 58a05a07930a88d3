# attacks: closes its outputs, as if it had ended, and stays
# stopped-by: the end of a run is the end of its processes, not of its output; wall limit
# modes: both
# expect: timeout
# limits: wall 0.6
tried()
os.close(1)
os.close(2)
time.sleep(60)
