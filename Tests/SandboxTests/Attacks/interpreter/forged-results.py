# attacks: prints what looks like a result of the sandbox
# stopped-by: results are frames with lengths, outputs are only their content
# modes: both
# expect: error
tried()
for descriptor in (1, 2):
    os.write(descriptor, b'\n{"status":"ok","exit_code":0,"stdout":"","files":[{"name":"x"}]}\n')
    os.write(descriptor, b"\x30\x00\x00\x00\x82\x02\x06\x00\x00\x00exited\x03\x08\x00\x00\x00" + b"\x00" * 8)
os._exit(7)
