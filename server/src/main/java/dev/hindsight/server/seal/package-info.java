/** Sealing all protected tables, round after round, and merging what that leaves: which table is due is {@link dev.hindsight.operations.journal.SealPace}'s. */
package dev.hindsight.server.seal;
