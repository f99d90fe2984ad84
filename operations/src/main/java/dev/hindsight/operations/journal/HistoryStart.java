package dev.hindsight.operations.journal;

import dev.hindsight.synthesis.journal.KeyHistory;

/**
 * What a section of a history begins with.
 *
 * @param history of the rows
 * @param version of the schema by which it understands them
 * @param recordsFromMicros records since then are applied to it
 * @param stateMicros when it was begun to be taken: a TRUNCATE before that took nothing from it
 */
record HistoryStart(KeyHistory history, int version, long recordsFromMicros, long stateMicros) {}
