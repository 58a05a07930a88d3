# attacks: never reads the megabytes of input it is given
# stopped-by: input is written only as far as it is read
# modes: both
# expect: ok
# input-bytes: 8388608
tried()
time.sleep(0.2)
