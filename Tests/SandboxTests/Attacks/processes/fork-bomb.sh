# attacks: the shell's classic fork bomb
# stopped-by: process limit; everything dies with the run
# modes: both
# expect: ok, error, timeout
# limits: wall 0.6, processes 32
tried
bomb() { bomb | bomb & }
bomb 2>/dev/null
sleep 5
