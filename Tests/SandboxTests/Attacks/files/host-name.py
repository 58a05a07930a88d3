# attacks: reads what machine it is on
# stopped-by: host name namespace
# modes: both
# expect: ok
# waived-by: hostname
tried()
if os.uname().nodename == facts["host_name"]:
    escaped(f"runs on {os.uname().nodename}")
