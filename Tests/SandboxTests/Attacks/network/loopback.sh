# attacks: connects to a server on the host's loopback interface with the shell and with what programs there are
# stopped-by: system-call filter, network namespace, Landlock
# modes: both
# expect: ok, error, violation
# limits: wall 4
tried
(echo ESCAPED >/dev/tcp/127.0.0.1/"$fact_tcp_port") 2>/dev/null && escaped "a connection from the shell"
(echo ESCAPED >/dev/udp/127.0.0.1/"$fact_tcp_port") 2>/dev/null && escaped "a datagram from the shell"
for program in "curl -sm1" "wget -qT1 -t1 -O-" "nc -w1" "perl -MIO::Socket::INET -e IO::Socket::INET->new(shift)or(die)"; do
  # shellcheck disable=SC2086
  $program "127.0.0.1:$fact_tcp_port" >/dev/null 2>&1 </dev/null && escaped "a connection by $program"
done
exit 0
