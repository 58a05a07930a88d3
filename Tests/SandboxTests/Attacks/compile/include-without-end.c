// attacks: includes itself without end
// stopped-by: the compiler's own limit, its memory and time limits
// modes: both
// expect: error, memory_limit, timeout, output_limit
// phase: compile
#include "main.c"
#include "main.c"
int main(void) { return 0; }
