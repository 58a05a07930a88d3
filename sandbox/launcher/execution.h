// One run or cell from request to reply: execution.c, with start.c, watch.c and reply.c for its stages.
#pragma once

#include "init.h"
#include "processes.h"
#include "stream.h"

enum sbx_outcome { SBX_RUNNING, SBX_EXITED, SBX_SIGNALED, SBX_OVER_WALL, SBX_OVER_CPU, SBX_OVER_MEMORY,
                   SBX_OVER_OUTPUT, SBX_VIOLATION, SBX_CANCELLED, SBX_FAILED };

struct sbx_session;

struct sbx_execution {
  struct sbx_init *init;
  const struct sbx_request *request;
  /// The session the cell belongs to, or NULL: a run.
  struct sbx_session *session;
  enum sbx_outcome outcome;
  struct sbx_feed input;
  struct sbx_stream out, err;
  /// The run's first process as init numbers it, once it is known. What is buried is counted here, too.
  pid_t pid;
  struct sbx_burial burial;
  /// Whether it is over, and how it ended as wait(2) says. `requested`: the zygote was asked and owes an answer.
  bool ended;
  int status;
  bool requested, memory_exhausted, session_lost;
  /// Of exec runs: where the process tells why it could not be executed, and its refused calls.
  int start_channel, listener;
  char refused[48];
  int refusals;
  int64_t began, prepared, started, deadline, interrupted, quota_checked;
  int64_t cpu_before, own_cpu_before, oom_before, memory_base;
  struct sbx_failure failure;
};

/// Runs, replies, and prepares for the next one.
void sbx_execution_run(struct sbx_init *init, const struct sbx_request *request);
/// The same for a cell of a session.
void sbx_execution_cell(struct sbx_init *init, struct sbx_session *session, const struct sbx_request *request);

/// Makes pipes and hands their other ends to a process of the given kind. 0, or -1 with the reason in `failure`.
int sbx_start(struct sbx_execution *execution);
/// Takes an answer of an exec run's process while it starts.
void sbx_start_hear(struct sbx_execution *execution);
/// Waits until the run or cell has ended or has to be ended.
void sbx_watch(struct sbx_execution *execution);
/// Takes one message of the zygote.
void sbx_watch_zygote(struct sbx_execution *execution);
/// Processor time so far in microseconds: of all processes as far as it has been counted; and of the first one alone,
/// exact to the moment, or 0 where it cannot be told.
int64_t sbx_watch_cpu(const struct sbx_execution *execution);
int64_t sbx_watch_own_cpu(const struct sbx_execution *execution);
void sbx_reply(struct sbx_execution *execution, int64_t ended_at);
/// The first reason to end counts.
void sbx_execution_end(struct sbx_execution *execution, enum sbx_outcome outcome);
/// When memory runs out, the run has to go before the zygote does.
void sbx_execution_offer_to_oom_killer(const struct sbx_execution *execution);
