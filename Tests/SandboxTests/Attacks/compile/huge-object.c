// attacks: a source of one line whose object file has gigabytes
// stopped-by: file size limit, size of the work directory, the compiler's memory limit
// modes: both
// expect: error, memory_limit, timeout
// phase: compile
char big[6ul << 30] = {1};
int main(void) { return big[0]; }
