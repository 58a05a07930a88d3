// Which layers of isolation this machine gives, found by trying each one in a scratch process.
#ifndef SBX_PROBE_H
#define SBX_PROBE_H

// Prints one JSON object: isolation, layers and what the absent ones leave open, and degraded. 0.
int sbx_probe_main(void);

#endif
