#define _GNU_SOURCE
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "files.h"
#include "init.h"
#include "namespaces.h"
#include "processes.h"
#include "protocol.h"
#include "view.h"
#include "zygote.h"

struct launcher {
  struct sbx_configuration configuration;
  struct sbx_cgroup cgroup;
  struct sbx_namespaces namespaces;
  struct sbx_filter filter;
  struct sbx_zygote_process zygote;
  struct sbx_inbox inbox;
  int null, deaths, channel;
  pid_t init;
  int64_t began;
};

static _Noreturn void fault(struct launcher *launcher, const char *text) {
  struct sbx_frame frame = {0};
  sbx_frame_begin(&frame, SBX_FAULT);
  sbx_frame_text(&frame, SBX_TAG_ERROR, text);
  sbx_frame_send(&frame, SBX_SERVER_FD);
  sbx_cgroup_remove(&launcher->cgroup);
  exit(1);
}

// The first frame decides how everything else is made. What comes after it goes to init with the buffer.
static void read_configuration(struct launcher *launcher) {
  struct sbx_span frame;
  int have;
  while ((have = sbx_inbox_next(&launcher->inbox, &frame)) == 0) {
    struct pollfd wait = {SBX_SERVER_FD, POLLIN, 0};
    if (poll(&wait, 1, -1) < 0 && errno != EINTR) exit(1);
    long count = sbx_inbox_fill(&launcher->inbox, SBX_SERVER_FD);
    if (count == -EBADF || count == -ENOTSOCK) fprintf(stderr, "agentenv-sandbox: descriptor 3 is not a socket\n");
    if (count == 0 || (count < 0 && count != -EAGAIN)) exit(count == 0 ? 0 : 1);
  }
  if (have < 0) fault(launcher, "the first frame is malformed");
  if (frame.bytes[0] != SBX_CONFIGURE) fault(launcher, "the first frame is not CONFIGURE");
  const char *wrong = sbx_configuration_parse((struct sbx_span){frame.bytes + 1, frame.count - 1},
                                              &launcher->configuration);
  if (wrong) fault(launcher, wrong);
  if (sbx_view_complete(&launcher->configuration) < 0) fault(launcher, "out of memory");
}

static void prepare(struct launcher *launcher) {
  const struct sbx_configuration *configuration = &launcher->configuration;
  char name[16];
  snprintf(name, sizeof name, "%lld", (long long)configuration->slot);
  if (!sbx_list_contains(&configuration->disabled, "cgroup")) sbx_cgroup_create(&launcher->cgroup, name);
  struct sbx_filter_options options = {
    .extra = (const char *const *)configuration->extra_calls.items, .extra_count = configuration->extra_calls.count,
    .notify = !sbx_list_contains(&configuration->disabled, "notify"),
    .deny_sockets = !configuration->namespaces, .deny_signals = sbx_view_denies_signals(configuration),
  };
  for (size_t i = 0; i < configuration->extra_calls.count; i++) {
    if (sbx_filter_knows(configuration->extra_calls.items[i])) continue;
    char text[160];
    snprintf(text, sizeof text, "no system call is named '%.64s'", configuration->extra_calls.items[i]);
    fault(launcher, text);
  }
  if (sbx_filter_build(&options, &launcher->filter) < 0) fault(launcher, "the system call filter could not be built");
  launcher->null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (launcher->null < 0) fault(launcher, "open /dev/null failed");
  sigset_t deaths;
  sigemptyset(&deaths);
  sigaddset(&deaths, SIGCHLD);
  sigprocmask(SIG_BLOCK, &deaths, NULL);
  launcher->deaths = signalfd(-1, &deaths, SFD_CLOEXEC | SFD_NONBLOCK);
  if (launcher->deaths < 0) fault(launcher, "signalfd failed");
}

static _Noreturn void become_init(struct launcher *launcher, int channel) {
  struct sbx_init init = {
    .configuration = &launcher->configuration, .cgroup = &launcher->cgroup, .filter = &launcher->filter,
    .launcher = channel, .deaths = launcher->deaths, .null = launcher->null, .processes.proc = -1, .ruleset = -1,
    .zygote = -1, .zygote_errors = -1, .listener = -1, .inbox = launcher->inbox,
  };
  sbx_init_main(&init, launcher->began);
}

static void start_init(struct launcher *launcher) {
  struct sbx_failure failure;
  int channel[2];
  if (sbx_channel_pair(channel) < 0) fault(launcher, "socketpair failed");
  launcher->channel = channel[0];
  bool namespaces = launcher->configuration.namespaces;
  launcher->init = namespaces ? sbx_namespaces_clone((int)launcher->configuration.slot, &failure) : fork();
  if (launcher->init == 0) {
    close(channel[0]);
    become_init(launcher, channel[1]);
  }
  if (launcher->init < 0) fault(launcher, namespaces ? failure.text : "fork failed");
  close(channel[1]);
  if (namespaces && sbx_namespaces_adopt(launcher->init, (int)launcher->configuration.slot, &launcher->namespaces,
                                         &failure) < 0) {
    kill(launcher->init, SIGKILL);
    fault(launcher, failure.text);
  }
  // From here on init talks to the server, and the server sees init's end as the slot's.
  close(SBX_SERVER_FD);
  dup2(launcher->null, SBX_SERVER_FD);
  sbx_channel_send(launcher->channel, "G", 1, NULL, 0);
}

static void stop_zygote(struct launcher *launcher) {
  if (launcher->zygote.pid <= 0) return;
  kill(launcher->zygote.pid, SIGKILL);
  while (waitpid(launcher->zygote.pid, NULL, 0) < 0 && errno == EINTR) continue;
  launcher->zygote.pid = 0;
}

static void restart_zygote(struct launcher *launcher) {
  struct sbx_zygote_plan plan = {&launcher->configuration, &launcher->cgroup, &launcher->namespaces, &launcher->filter,
                                 launcher->null};
  struct sbx_failure failure;
  stop_zygote(launcher);
  if (sbx_zygote_start(&plan, &launcher->zygote, &failure) < 0) {
    char message[sizeof failure.text + 1] = {'!'};
    memcpy(message + 1, failure.text, sizeof failure.text);
    sbx_channel_send(launcher->channel, message, 1 + strlen(failure.text), NULL, 0);
    return;
  }
  int fds[] = {launcher->zygote.channel, launcher->zygote.errors};
  sbx_channel_send(launcher->channel, "Z", 1, fds, 2);
  close(fds[0]);
  close(fds[1]);
}

// Init ends when every process of its namespace is buried, and those of the zygote are buried by the zygote or, once it
// is gone, by us: waiting for init alone would be waiting for ever.
static int bury_init(struct launcher *launcher) {
  kill(launcher->init, SIGKILL);
  stop_zygote(launcher);
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    if (pid == launcher->init) return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    if (pid < 0 && errno != EINTR) return 1;
  }
}

// Until init is gone, by itself or with the server. Returns the program's exit status.
static int supervise(struct launcher *launcher) {
  for (;;) {
    struct pollfd waits[] = {{launcher->channel, POLLIN, 0}, {launcher->deaths, POLLIN, 0}};
    if (poll(waits, 2, -1) < 0 && errno != EINTR) return 1;
    struct signalfd_siginfo death;
    while (read(launcher->deaths, &death, sizeof death) > 0) continue;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      if (pid == launcher->init) return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
      // Init sees its socket closed and asks for another.
      if (pid == launcher->zygote.pid) launcher->zygote.pid = 0;
    }
    char request;
    if (waits[0].revents && sbx_channel_receive(launcher->channel, &request, 1, NULL, NULL, NULL) == 1) {
      restart_zygote(launcher);
    } else if (waits[0].revents & POLLHUP) {
      return bury_init(launcher);
    }
  }
}

// Without namespaces that die with init, what it leaves behind has become ours: processes and directories.
static void end_orphans(struct launcher *launcher) {
  if (launcher->configuration.namespaces) return;
  struct sbx_processes processes = {.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), .shared = true};
  struct sbx_burial burial = {0};
  if (processes.proc >= 0) sbx_processes_kill(&processes, NULL, 0, SBX_PATIENCE_US, &burial);
  char parked[PATH_MAX];
  snprintf(parked, sizeof parked, "%s/slot", launcher->configuration.scratch);
  sbx_files_remove(launcher->configuration.box);
  sbx_files_remove(parked);
}

int sbx_slot_main(void) {
  static struct launcher launcher;
  launcher.began = sbx_now_us();
  for (int i = 0; i < SBX_NAMESPACES; i++) launcher.namespaces.fds[i] = -1;
  // A session of its own: an interrupt typed at the server's terminal is the server's to handle, not ours.
  setsid();
  signal(SIGPIPE, SIG_IGN);
  fcntl(SBX_SERVER_FD, F_SETFD, FD_CLOEXEC);
  // A run whose zygote dies becomes a child of ours, not of the machine's init, which may bury it late.
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  read_configuration(&launcher);
  prepare(&launcher);
  start_init(&launcher);
  int status = supervise(&launcher);
  stop_zygote(&launcher);
  end_orphans(&launcher);
  sbx_cgroup_remove(&launcher.cgroup);
  return status;
}
