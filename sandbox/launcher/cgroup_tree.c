#define _GNU_SOURCE
#include "cgroup_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const controllers[SBX_CGROUP_TREES] = {"memory", "pids", "cpuacct"};

__attribute__((format(printf, 2, 3))) static void explain(struct sbx_cgroup *group, const char *format, ...) {
  if (group->reason[0] != '\0') return;
  va_list values;
  va_start(values, format);
  vsnprintf(group->reason, sizeof group->reason, format, values);
  va_end(values);
}

// Whether `list`, separated by `separators`, has `word`.
static bool has_word(const char *list, const char *separators, const char *word) {
  size_t length = strlen(word);
  for (const char *at = list; *at != '\0';) {
    size_t span = strcspn(at, separators);
    if (span == length && strncmp(at, word, length) == 0) return true;
    at += span;
    at += strspn(at, separators);
  }
  return false;
}

// Our own group's path in the tree with `controller` (null: version 2's), as /proc/self/cgroup has it. 0 or -ENOENT.
static int own_path(const char *controller, char *path, size_t size) {
  FILE *file = fopen("/proc/self/cgroup", "re");
  if (file == NULL) return -errno;
  char line[SBX_CGROUP_PATH + 128];
  int error = -ENOENT;
  while (error != 0 && fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    char *names = strchr(line, ':');
    char *found = names == NULL ? NULL : strchr(names + 1, ':');
    if (found == NULL) continue;
    *found = '\0';
    if (controller == NULL ? names[1] != '\0' : !has_word(names + 1, ",", controller)) continue;
    if (snprintf(path, size, "%s", found + 1) < (int)size) error = 0;
  }
  fclose(file);
  return error;
}

// Fields of a line of /proc/self/mountinfo: 3 root, 4 mount point, after " - " type, source and options.
static bool parse_mount(char *line, char **root, char **point, char **type, char **options) {
  char *end = strstr(line, " - ");
  if (end == NULL) return false;
  *end = '\0';
  char *rest = NULL;
  char *field = strtok_r(line, " ", &rest);
  for (int i = 0; i < 3 && field != NULL; i++) field = strtok_r(NULL, " ", &rest);
  *root = field;
  *point = field == NULL ? NULL : strtok_r(NULL, " ", &rest);
  *type = strtok_r(end + 3, " ", &rest);
  *options = strtok_r(NULL, " ", &rest) == NULL ? NULL : strtok_r(NULL, " \n", &rest);
  return *point != NULL && *options != NULL;
}

// The folder of our own group in the tree with `controller` (null: version 2's). 0 or -errno.
static int own_folder(const char *controller, char *folder, size_t size) {
  char path[SBX_CGROUP_PATH];
  int error = own_path(controller, path, sizeof path);
  if (error < 0) return error;
  FILE *file = fopen("/proc/self/mountinfo", "re");
  if (file == NULL) return -errno;
  char *line = NULL;
  size_t room = 0;
  error = -ENOENT;
  while (error != 0 && getline(&line, &room, file) > 0) {
    char *root, *point, *type, *options;
    if (!parse_mount(line, &root, &point, &type, &options)) continue;
    if (strcmp(type, controller == NULL ? "cgroup2" : "cgroup") != 0) continue;
    if (controller != NULL && !has_word(options, ",", controller)) continue;
    // A container may be shown only its own part of the tree, but be told its place in the whole.
    size_t shown = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(path, root, shown) != 0 || (path[shown] != '/' && path[shown] != '\0')) continue;
    const char *below = strcmp(path + shown, "/") == 0 ? "" : path + shown;
    if (snprintf(folder, size, "%s%s", point, below) < (int)size) error = 0;
  }
  free(line);
  fclose(file);
  return error;
}

// Process ids mean something within their namespace only, so names carry both.
static unsigned long pid_namespace(void) {
  struct stat status;
  return stat("/proc/self/ns/pid", &status) == 0 ? (unsigned long)status.st_ino : 0;
}

static void remove_leftovers(const char *parent) {
  DIR *entries = opendir(parent);
  if (entries == NULL) return;
  struct dirent *entry;
  while ((entry = readdir(entries)) != NULL) {
    unsigned long namespace;
    int pid;
    if (sscanf(entry->d_name, "agentenv-%lu-%d-", &namespace, &pid) != 2) continue;
    if (namespace != pid_namespace() || kill(pid, 0) == 0 || errno != ESRCH) continue;
    // Fails, as it should, where processes remain.
    unlinkat(dirfd(entries), entry->d_name, AT_REMOVEDIR);
  }
  closedir(entries);
}

static int make_folder(const char *parent, const char *name, char *folder) {
  remove_leftovers(parent);
  int length =
      snprintf(folder, SBX_CGROUP_PATH, "%s/agentenv-%lu-%d-%s", parent, pid_namespace(), (int)getpid(), name);
  int error = length >= SBX_CGROUP_PATH ? -ENAMETOOLONG : mkdir(folder, 0700) < 0 ? -errno : 0;
  if (error < 0) folder[0] = '\0';
  return error;
}

// Whether the groups beneath `parent` have memory and pids, after asking for it. -EBUSY: version 2 lets a group with
// processes of its own not hand controllers down.
static int hand_down(const char *parent) {
  char path[SBX_CGROUP_PATH + 32], text[256];
  snprintf(path, sizeof path, "%s/cgroup.subtree_control", parent);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return -errno;
  static const char request[] = "+memory +pids";
  int error = write(fd, request, strlen(request)) < 0 ? -errno : 0;
  ssize_t length = pread(fd, text, sizeof text - 1, 0);
  close(fd);
  text[length < 0 ? 0 : length] = '\0';
  return has_word(text, " \n", "memory") && has_word(text, " \n", "pids") ? 0 : error < 0 ? error : -ENODEV;
}

// Beneath our own group; or beside it, which is where there is room if the system delegated the parent to us.
static int make_version_2(struct sbx_cgroup *group, const char *name) {
  char parent[SBX_CGROUP_PATH];
  int error = own_folder(NULL, parent, sizeof parent);
  if (error < 0) {
    explain(group, "no cgroup2 mount shows our own group");
    return error;
  }
  for (int level = 0; level < 2; level++) {
    error = hand_down(parent);
    if (error == 0) error = make_folder(parent, name, group->folders[0]);
    if (error == 0) {
      group->version = 2;
      group->reason[0] = '\0';
      return 0;
    }
    explain(group, "cgroup v2: %s/cgroup.subtree_control: %s", parent, strerror(-error));
    char *last = strrchr(parent, '/');
    if (last == NULL || last == parent) break;
    *last = '\0';
  }
  return error;
}

static int make_version_1(struct sbx_cgroup *group, const char *name) {
  int first_error = -ENOENT;
  for (int tree = 0; tree < SBX_CGROUP_TREES; tree++) {
    char parent[SBX_CGROUP_PATH];
    int error = own_folder(controllers[tree], parent, sizeof parent);
    if (error == 0) error = make_folder(parent, name, group->folders[tree]);
    if (error == 0)
      group->version = 1;
    else
      explain(group, "cgroup v1: %s: %s", controllers[tree], strerror(-error));
    if (error < 0 && first_error == -ENOENT) first_error = error;
  }
  return group->version == 1 ? 0 : first_error;
}

int sbx_cgroup_make_folders(struct sbx_cgroup *group, const char *name) {
  int version_2_error = make_version_2(group, name);
  if (version_2_error == 0) return 0;
  // Where the memory controller has no tree of version 1, what failed of version 2 is what there is to say.
  char path[SBX_CGROUP_PATH];
  bool is_version_1 = own_path("memory", path, sizeof path) == 0;
  if (is_version_1) group->reason[0] = '\0';
  int version_1_error = make_version_1(group, name);
  return version_1_error == 0 ? 0 : is_version_1 ? version_1_error : version_2_error;
}
