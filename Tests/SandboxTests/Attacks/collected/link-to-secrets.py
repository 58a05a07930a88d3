# attacks: hands over links to what only the collector may read
# stopped-by: files are collected without following links
# modes: both
# expect: ok
# collect: out.txt
# files: none
# variants: /etc/shadow; /proc/self/environ; /proc/1/environ; /proc/self/mem; /dev/zero; /dev/random; /proc/self/fd/3; /proc/kmsg; ../../etc/passwd; out.txt
tried()
os.symlink(facts["variant"], "out.txt")
