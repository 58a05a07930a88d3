// libcrypto, for SHA-256 only: digests of weights, states and downloads.
#include <openssl/evp.h>
