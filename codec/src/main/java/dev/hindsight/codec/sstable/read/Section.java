package dev.hindsight.codec.sstable.read;

/**
 * A run of whole partitions in the content of one Data.db: {@code [start, end)} in content bytes.
 *
 * @param tokens for messages: which tokens it holds
 */
public record Section(long start, long end, String tokens) {}
