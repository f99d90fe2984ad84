/**
 * Rebase: a chain's head becomes a synthetic full, from the repository and into it, and later backups are given to it by
 * catalogue entries. Called by the command line, by an expiry that finds it cheaper, and at the end of a backup by policy.
 */
package dev.hindsight.operations.rebase;
