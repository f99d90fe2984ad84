/**
 * What stays and what goes: holds, expiry, and the collection of what nothing reaches any more. Decisions are those of
 * {@code model.retention}; here they meet the catalogue, in which everything that counts is ordered, so that no clock and
 * no listing decides about data. Called by the command line; one thread for each operation.
 */
package dev.hindsight.operations.retention;
