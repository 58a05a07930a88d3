// attacks: children die in the middle of refused calls, so that the sandbox waits for an answer nobody takes
// stopped-by: answers to the dead are dropped
// modes: both
// architecture: x86_64
// expect: violation, ok, error, timeout
// limits: wall 2
int main(void) {
  tried();
  for (int i = 0; i < 90; i++) {
    pid_t child = fork();
    if (child == 0) {
      syscall(SYS_socket, 2, 1, 0);
      _exit(0);
    }
    if (child > 0) {
      for (volatile int spin = 0; spin < i * 200; spin++) {}
      kill(child, SIGKILL);
      waitpid(child, NULL, 0);
    }
  }
  return 0;
}
