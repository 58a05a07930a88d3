# attacks: replaces itself with another program and again, keeping the pid
# stopped-by: wall limit
# modes: both
# expect: timeout
# limits: wall 0.6
tried
script='exec bash -c "$0" "$0"'
exec bash -c "$script" "$script"
