# attacks: closes every descriptor of its session
# stopped-by: a broken session is lost
# modes: both
# session: yes
# limits: wall 2
tried()
os.closerange(3, 4096)
# %%
print("second cell")
