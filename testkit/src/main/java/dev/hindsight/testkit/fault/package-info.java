/**
 * Faults on demand: a {@link dev.hindsight.testkit.fault.CallCutter} over the seams of one process, a {@link
 * dev.hindsight.testkit.fault.FaultProxy} between two.
 */
@NullMarked
package dev.hindsight.testkit.fault;

import org.jspecify.annotations.NullMarked;
