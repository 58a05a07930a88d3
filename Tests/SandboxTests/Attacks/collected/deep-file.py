# attacks: hides its output a thousand directories deep, for a collector that recurses
# stopped-by: the collector's depth limit
# modes: both
# expect: ok
# collect: **/out.txt, **
# files: any
tried()
for _ in range(1000):
    os.mkdir("d")
    os.chdir("d")
open("out.txt", "w").write("deep")
