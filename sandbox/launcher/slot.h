// The launcher of a slot: stays outside, starts init and the zygote, and sees to it that all end together.
#pragma once

/// Serves one slot on descriptor 3. The exit status of the program.
int sbx_slot_main(void);
