// agentenv-sandbox: `slot` serves one sandbox slot on descriptor 3, `probe` says what this machine offers.
#include <stdio.h>
#include <string.h>

#include "probe.h"
#include "slot.h"

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "slot") == 0) return sbx_slot_main();
  if (argc == 2 && strcmp(argv[1], "probe") == 0) return sbx_probe_main();
  fprintf(stderr, "usage: agentenv-sandbox slot|probe\n"
                  "agentenv starts slot with its socket as descriptor 3; probe prints what this machine offers.\n");
  return 64;
}
