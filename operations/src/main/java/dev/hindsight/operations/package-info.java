/**
 * The verbs. Each has a plan, which is a value and touches nothing, and an execution that follows it. Called by the
 * command line (and later the server); uses {@code engine} for work on data and {@code cluster} for the live ring.
 */
package dev.hindsight.operations;
