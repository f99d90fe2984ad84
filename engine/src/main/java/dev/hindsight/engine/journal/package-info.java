/**
 * Sealing: what agents captured becomes the numbered records of a table's journal. {@link
 * dev.hindsight.engine.journal.Sealer} does rounds until nothing is new. Called by the verbs that keep or need a journal;
 * one thread each, and any number of processes at once: the create-only log entry decides whose round counts.
 */
package dev.hindsight.engine.journal;
