// attacks: forks as fast as machine code can, children ignoring every signal
// stopped-by: process limit; everything dies with the run
// modes: both
// expect: timeout
// limits: wall 0.6, processes 32
int main(void) {
  tried();
  for (int signal_number = 1; signal_number < 65; signal_number++) signal(signal_number, SIG_IGN);
  for (;;) fork();
}
