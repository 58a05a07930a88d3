// attacks: hides in a child that never returns from vfork, so that the parent cannot take signals
// stopped-by: SIGKILL to everything in the run
// modes: both
// expect: timeout
// limits: wall 0.6
int main(void) {
  tried();
  if (vfork() == 0)
    for (;;) pause();
  return 0;
}
