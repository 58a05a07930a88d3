#define _GNU_SOURCE
#include "files.h"
void sbx_files_remove(const char *path) { (void)path; }
