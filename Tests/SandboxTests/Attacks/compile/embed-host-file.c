// attacks: has the assembler copy a host file into the program
// stopped-by: the compiler runs in the sandbox, too
// modes: both
// expect: error
// phase: compile
// variants: /etc/shadow; /proc/1/environ; HOST_FILE
#include <unistd.h>
__asm__(".section .rodata\nstart: .incbin \"" VARIANT "\"\nend: .byte 0\n");
extern const char start[], end[];
int main(void) { return (int)write(1, start, (size_t)(end - start)); }
