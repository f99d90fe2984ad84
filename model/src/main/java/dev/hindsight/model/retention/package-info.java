/**
 * Which backups stay and which go: {@link dev.hindsight.model.retention.Retention} decides from values alone, with an
 * explicit "now". Called by the verb {@code expire}; no state, no clock, no threads.
 */
package dev.hindsight.model.retention;
