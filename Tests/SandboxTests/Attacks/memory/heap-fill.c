// attacks: fills the heap and goes on when malloc says no
// stopped-by: memory limit
// modes: both
// expect: memory_limit, timeout
// limits: wall 0.6, memory 64
int main(void) {
  tried();
  for (size_t got = 0;;) {
    char *block = malloc(1 << 20);
    if (!block) continue;
    memset(block, 1, 1 << 20);
    if ((got += 1 << 20) > (256u << 20)) {
      escaped("256 MiB with a limit of 64 MiB");
      return 0;
    }
  }
}
