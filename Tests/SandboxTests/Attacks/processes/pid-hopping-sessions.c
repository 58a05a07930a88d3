// attacks: as pid-hopping, each successor in a session of its own and past the time-out
// stopped-by: wall limit; SIGKILL to the whole namespace, or to the whole uid until none is left
// modes: both
// expect: timeout
// limits: wall 0.6
int main(void) {
  tried();
  for (int i = 0; i < 4; i++)
    if (fork() == 0)
      for (;;) {
        setsid();
        if (fork() > 0) _exit(0);
      }
  for (;;) pause();
}
