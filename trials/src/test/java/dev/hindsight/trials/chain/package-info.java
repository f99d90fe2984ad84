/**
 * Chains of backups, proven on a cluster that lives without Cassandra running: whatever happens to it and to whoever
 * backs it up, every kept restore point gives back what a read at ALL gave at its instant.
 */
@NullMarked
package dev.hindsight.trials.chain;

import org.jspecify.annotations.NullMarked;
