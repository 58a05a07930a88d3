// attacks: runs off its stack, with a handler on a second stack that carries on
// stopped-by: limits hold whatever a signal handler does
// modes: both
// expect: timeout, error
// limits: wall 0.6
static void carry_on(int number) {
  (void)number;
  for (;;) pause();
}
static int fall(volatile int depth) {
  volatile char room[4096];
  room[0] = (char)depth;
  return fall(depth + 1) + room[0];
}
int main(void) {
  stack_t second = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
  sigaltstack(&second, NULL);
  struct sigaction action = {.sa_handler = carry_on, .sa_flags = SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  tried();
  return fall(0);
}
