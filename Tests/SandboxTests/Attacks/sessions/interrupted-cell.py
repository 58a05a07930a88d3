# attacks: takes the interrupt at its time-out for its own and goes on
# stopped-by: SIGKILL follows; the session is lost
# modes: both
# session: yes
# limits: wall 0.6
tried()
while True:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass
# %%
print("second cell")
