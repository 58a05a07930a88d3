// attacks: never stays in one process: each forks a successor and ends, so that a kill by pid is always late
// stopped-by: SIGKILL to the whole namespace, or to the whole uid until none is left
// modes: both
// expect: ok
// limits: wall 3
int main(void) {
  tried();
  for (int i = 0; i < 4; i++)
    if (fork() == 0)
      for (;;)
        if (fork() > 0) _exit(0);
  return 0;
}
