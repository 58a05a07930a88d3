// attacks: reads one byte in every 2 MiB of a huge mapping: no memory of its own, only page tables
// stopped-by: memory limit (page tables count), address-space limit
// modes: both
// expect: ok, memory_limit, error
// limits: wall 4, memory 64
// waived-by: memory:rlimit
int main(void) {
  size_t size = 400ull << 30;
  tried();
  char *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) return 0;
  madvise(map, size, MADV_NOHUGEPAGE);
  volatile char sum = 0;
  for (size_t at = 0; at < size; at += 2 << 20) sum += map[at];
  escaped("page tables of 800 MiB with a limit of 64 MiB");
  return sum;
}
