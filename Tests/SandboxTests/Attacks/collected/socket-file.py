# attacks: hands over a socket and a directory
# stopped-by: only regular files are collected
# modes: both
# expect: ok, violation
# collect: out.txt, folder
# files: none
import socket

tried()
os.mkdir("folder")
try:
    socket.socket(socket.AF_UNIX).bind("out.txt")
except OSError:
    os.mkdir("out.txt")
