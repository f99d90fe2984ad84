/**
 * Real Cassandra rings on loopback, one process per node, and child processes that end with their parent. {@link
 * dev.hindsight.lab.CassandraRing} is the entrance; tests, {@code bench} and the command line's {@code demo} call it.
 * Linux only (signals, {@code /proc}, the whole of 127/8 on the loopback device).
 */
@NullMarked
package dev.hindsight.lab;

import org.jspecify.annotations.NullMarked;
