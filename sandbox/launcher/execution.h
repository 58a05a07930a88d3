// One run from request to reply.
#pragma once

#include "init.h"

/// Runs, replies, and prepares for the next one.
void sbx_execution_run(struct sbx_init *init, const struct sbx_request *request);
