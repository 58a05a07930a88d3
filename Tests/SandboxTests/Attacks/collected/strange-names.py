# attacks: names of files that are no UTF-8, hold newlines or look like options and paths
# stopped-by: names are bytes to the collector
# modes: both
# expect: ok
# collect: *
# files: any
tried()
for name in (b"\xff\xfe", b"a\nb", b"-rf", b"..a", b" ", b"\\..\\x", b"%2e%2e", b"a" * 255, b"\xc0\xae\xc0\xae", b"\x1b[2J"):
    open(name, "w").write("x")
