/**
 * What continuous protection keeps: {@link dev.hindsight.repository.journal.CaptureWriter} and {@link
 * dev.hindsight.repository.journal.CaptureReader} for the raw mutations of one node's commit log, in the envelope ({@link
 * dev.hindsight.repository.journal.EnvelopeWriter}) that all binary objects of the journal share. FORMAT.md says it byte by
 * byte.
 */
package dev.hindsight.repository.journal;
