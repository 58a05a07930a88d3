# attacks: reads the environment of the sandbox's caller
# stopped-by: the environment is made anew
# modes: both
# expect: ok
tried
whole=$fact_secret_half
for ((i = ${#fact_secret_half} - 1; i >= 0; i--)); do whole+=${fact_secret_half:i:1}; done
env | grep -q "$whole" && escaped "the caller's secret"
cat /proc/*/environ 2>/dev/null | tr '\0' '\n' | grep -q "$whole" && escaped "the caller's secret in /proc"
exit 0
