# attacks: saves up limits over many cells: memory, files and processes of one cell for the next
# stopped-by: memory of the whole session counts
# modes: both
# session: yes
# limits: wall 3, memory 96
# waived-by: memory:rlimit
tried()
kept = []
# %%
kept.append(bytearray(b"x" * (40 << 20)))
# %%
kept.append(bytearray(b"x" * (40 << 20)))
# %%
kept.append(bytearray(b"x" * (40 << 20)))
# %%
kept.append(bytearray(b"x" * (40 << 20)))
# %%
kept.append(bytearray(b"x" * (40 << 20)))
escaped("200 MiB in a session with a limit of 96 MiB")
