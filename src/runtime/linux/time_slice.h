#pragma once

namespace godwit::runtime {

/// Asks the scheduler for short time slices on the calling thread: for one that does little at a time and that many
/// wait for. When it wakes on a busy core it then runs before what holds the core for whole slices, at the price of
/// being interrupted sooner itself. Takes no privilege, changes no share of the processor, and does nothing before
/// Linux 6.12.
void shorten_time_slices();

}  // namespace godwit::runtime
