// attacks: looks for descriptors that reach a started program
// stopped-by: everything but the three standard streams is closed before the program starts
// modes: both
// expect: ok
int main(void) {
  tried();
  for (int descriptor = 3; descriptor < 65536; descriptor++)
    if (fcntl(descriptor, F_GETFD) >= 0) escaped("an open descriptor");
  return 0;
}
