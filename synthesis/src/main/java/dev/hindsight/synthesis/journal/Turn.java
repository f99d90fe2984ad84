package dev.hindsight.synthesis.journal;

/**
 * What happens to a table as a whole between two records.
 *
 * @param version of the schema by which its rows are understood from here on
 * @param emptied nothing of before counts any more
 */
public record Turn(int version, boolean emptied) {}
