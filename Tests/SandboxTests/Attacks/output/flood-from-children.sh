# attacks: children flood the output after their parent has ended
# stopped-by: everything dies with the run; nothing is read after its end
# modes: both
# expect: ok, output_limit
# limits: wall 3, output 64
tried
for i in 1 2 3 4; do (trap '' TERM HUP PIPE; yes flood) & done
exit 0
