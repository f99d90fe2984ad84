/**
 * A run's local traces: its directory below scratch, and what is left to clean when its process died. The directory is
 * the only lock there is, and a dead owner needs no unlock.
 */
package dev.hindsight.operations.run;
