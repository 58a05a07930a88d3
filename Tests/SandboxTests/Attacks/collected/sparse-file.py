# attacks: hands over a file of a pebibyte that takes no space
# stopped-by: size limits on files and on what is collected
# modes: both
# expect: ok, error
# collect: out.txt
# files: none
tried()
with open("out.txt", "wb") as file:
    for size in (1 << 50, 1 << 40, 1 << 33, 60 << 20):
        try:
            file.truncate(size)
            break
        except OSError:
            pass
