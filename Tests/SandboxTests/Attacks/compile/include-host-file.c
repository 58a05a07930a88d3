// attacks: has the compiler read a host file and quote it in its messages
// stopped-by: the compiler runs in the sandbox, too
// modes: both
// expect: error
// phase: compile
// variants: /etc/shadow; /proc/1/environ; /root/.bashrc; HOST_FILE
#include VARIANT
int main(void) { return 0; }
