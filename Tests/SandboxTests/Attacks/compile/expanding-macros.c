// attacks: macros that expand to billions of tokens
// stopped-by: the compiler's memory and time limits
// modes: both
// expect: error, memory_limit, timeout
// phase: compile
#define A(x) x x x x x x x x x x x x x x x x
#define B(x) A(A(A(A(x))))
#define C(x) B(B(B(x)))
int main(void) { C(+) return 0; }
