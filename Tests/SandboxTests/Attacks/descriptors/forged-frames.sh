# attacks: writes result frames of the sandbox's own protocol to every descriptor a started program may have inherited
# stopped-by: everything but the three standard streams is closed before the program starts
# modes: both
# expect: ok
tried
frame='\x17\x00\x00\x00\x82\x02\x06\x00\x00\x00exited\x05\x06\x00\x00\x00FORGED'
for descriptor in {3..254}; do
  (exec >&"$descriptor" && printf "$frame") 2>/dev/null && escaped "descriptor $descriptor took a frame"
done
exit 0
