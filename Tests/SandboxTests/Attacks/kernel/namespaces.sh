# attacks: becomes root with the system's own programs
# stopped-by: no new privileges, system-call filter
# modes: both
# expect: ok, error, violation
# variants: unshare -Ur; unshare -m; nsenter -t 1 -a; chroot /; setpriv --reuid 0; su -c; sudo -n; mount -t tmpfs x /box/work; pkexec; newgrp root; capsh --; bwrap --bind / /
tried
uid=$($fact_variant id -u </dev/null 2>/dev/null) || true
[ "$uid" = 0 ] && escaped "uid 0 by $fact_variant"
exit 0
