// Access to files by path, on top of what mounts and permissions say; and what else Landlock can keep in.
//
// Covered, as far as the kernel's version (ABI) goes: opening, making, removing and renaming files (1), moving them
// between folders (2), truncating (3), TCP (4), commands to devices (5), signals to and abstract Unix sockets of
// processes outside (6), Unix sockets in the file system (9). Not covered: stat(2), chmod(2), and descriptors that were
// open before.
#ifndef SBX_LANDLOCK_H
#define SBX_LANDLOCK_H

#include <stddef.h>

// The kernel's version of Landlock; 0 where there is none.
int sbx_landlock_abi(void);

// A rule set for sbx_landlock_enforce: reading and executing beneath `read_only`, everything but device nodes beneath
// `writable`; a path of a device may be read and written in either list. Paths that do not exist or are
// out of reach are left out. A descriptor (close-on-exec), or -errno: -EOPNOTSUPP or -ENOSYS without Landlock.
int sbx_landlock_prepare(const char *const *read_only, size_t read_only_count, const char *const *writable,
                         size_t writable_count);

// Puts the calling thread and all that it starts under the rules, for ever. Needs no_new_privs. 0 or -errno.
int sbx_landlock_enforce(int ruleset);

// Both in one. 0 or -errno.
int sbx_landlock_restrict(const char *const *read_only, size_t read_only_count, const char *const *writable,
                          size_t writable_count);

#endif
