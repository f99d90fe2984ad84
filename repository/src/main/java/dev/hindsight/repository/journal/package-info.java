/**
 * What continuous protection keeps: {@link dev.hindsight.repository.journal.CaptureWriter} and {@link
 * dev.hindsight.repository.journal.CaptureReader} for the raw mutations of one node's commit log, in the envelope ({@link
 * dev.hindsight.repository.journal.EnvelopeWriter}) that all binary objects of the journal share. FORMAT.md says it byte by
 * byte. {@link dev.hindsight.repository.journal.JournalLog} is a table's journal: what it names is read by {@link
 * dev.hindsight.repository.journal.JournalSegmentReader}, and {@link dev.hindsight.repository.journal.RecordSet} says which
 * records lead from one instant to another.
 */
package dev.hindsight.repository.journal;
